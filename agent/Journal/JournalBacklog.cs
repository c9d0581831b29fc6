using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Journal;

/// <summary>
/// Entries on their way to the disk, in order. Bounded: once it is full, what is superseded goes, then events: those that are not
/// critical before those that are, the oldest first. Their counts stay. Not thread-safe.
/// </summary>
internal sealed class JournalBacklog
{
    // A node that says 1000 events a second, with a disk that stands still for two seconds.
    internal const int Capacity = 2048;

    private readonly List<JournalEntry> entries = [];

    internal int Count => entries.Count;

    /// <summary>Adds an entry behind all others.</summary>
    /// <returns>Events that were given up for it.</returns>
    internal IReadOnlyList<EventRecord> Add(JournalEntry entry)
    {
        entries.Add(entry);
        return entries.Count > Capacity ? MakeRoom() : [];
    }

    /// <summary>Takes all.</summary>
    internal JournalEntry[] Take()
    {
        JournalEntry[] taken = [.. entries];
        entries.Clear();
        return taken;
    }

    /// <summary>Puts back what could not be written, before everything that came since.</summary>
    internal IReadOnlyList<EventRecord> PutBack(IReadOnlyList<JournalEntry> unwritten)
    {
        entries.InsertRange(0, unwritten);
        return entries.Count > Capacity ? MakeRoom() : [];
    }

    private List<EventRecord> MakeRoom()
    {
        // Three quarters, so that this is done now and then and not for every entry.
        const int Room = Capacity * 3 / 4;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = entries.Count - 1; i >= 0; i--)
            if (entries[i].Key is { } key && !seen.Add(key)) entries.RemoveAt(i);

        var lost = new List<EventRecord>();
        GiveUp(lost, Room, static record => record.Severity != EventSeverity.Critical);
        GiveUp(lost, Room, static _ => true);
        var counts = entries.OfType<CountEntry>().SelectMany(static entry => entry.Counts).Concat(lost.SelectMany(EventCounters.Of))
            .GroupBy(static count => (count.Counter, count.Subject, count.Value)).Select(static group => group.First() with { Amount = group.Sum(static count => count.Amount) });
        CountEntry together = new([.. counts]);
        entries.RemoveAll(static entry => entry is CountEntry);
        if (together.Counts.Count > 0) entries.Add(together);
        return lost;
    }

    private void GiveUp(List<EventRecord> lost, int room, Func<EventRecord, bool> may)
    {
        var over = entries.Count - room;
        if (over <= 0) return;
        entries.RemoveAll(entry =>
        {
            if (over <= 0 || entry is not EventEntry item || !may(item.Record)) return false;
            lost.Add(item.Record);
            over--;
            return true;
        });
    }
}
