namespace Monitoring.Collector.Storage;

/// <summary>
/// The records that are kept, in memory: by key, so that each is stored once, and in the order of the log, so that queries find the newest.
/// One writer changes it; readers see whole commits and never wait.
/// </summary>
internal sealed class RecordIndex<TMarks>
    where TMarks : struct
{
    private readonly RecordEntries<TMarks> entries = new();
    private readonly RecordKeyTable<TMarks> keys = new();

    /// <summary>What readers see.</summary>
    public RecordEntries<TMarks>.View Published => entries.Published;

    /// <summary>Whether a record is kept, or about to be.</summary>
    public bool Has(RecordKey key) => keys.Find(key, entries) >= 0;

    /// <summary>Adds a record that it does not have; its place in the log must be behind all others.</summary>
    public void Add(in RecordEntry<TMarks> entry)
    {
        var position = entries.End;
        entries.Add(entry);
        keys.Add(entry.Key, position, entries);
    }

    /// <summary>Shows readers what was added and taken away.</summary>
    public void Publish() => entries.Publish();

    /// <summary>Takes back what was added since the last <see cref="Publish"/>.</summary>
    public void Rollback()
    {
        while (entries.End > entries.Published.End)
        {
            keys.Remove(entries[entries.End - 1].Key, entries);
            entries.RemoveLast();
        }
    }

    /// <summary>Forgets the records before a place in the log.</summary>
    /// <param name="sequence">The first place that is still kept.</param>
    /// <param name="ageLimitTicks">What happened before this is gone because of its age.</param>
    /// <returns>How many went because of their age, and how many for want of room.</returns>
    public (long ByAge, long BySize) ForgetBefore(ulong sequence, long ageLimitTicks)
    {
        var (byAge, bySize) = (0L, 0L);
        while (entries.Begin < entries.End && entries[entries.Begin].Sequence < sequence)
        {
            ref readonly var entry = ref entries[entries.Begin];
            keys.Remove(entry.Key, entries);
            if (entry.TimeTicks < ageLimitTicks) byAge++;
            else bySize++;
            entries.RemoveFirst();
        }

        return (byAge, bySize);
    }
}
