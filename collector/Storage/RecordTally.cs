namespace Monitoring.Collector.Storage;

/// <summary>What a store took in and gave up since the start. Counted by its writer, read by scrapes.</summary>
internal abstract class RecordTally<TRecord>
{
    private long duplicates;
    private long storeFailures;

    /// <summary>Records that were there already.</summary>
    public long Duplicates => Volatile.Read(ref duplicates);

    /// <summary>Times that records could not be written.</summary>
    public long StoreFailures => Volatile.Read(ref storeFailures);

    /// <summary>Counts records that are kept.</summary>
    public abstract void Accept(IReadOnlyList<TRecord> records);

    /// <summary>Counts records that were too old on arrival.</summary>
    public virtual void BeLate(int count)
    {
    }

    /// <summary>Counts records that are no longer kept, because of their age or for want of room.</summary>
    public abstract void Expire(long byAge, long bySize);

    /// <summary>Counts records that were there already.</summary>
    public void Duplicate(int count) => Interlocked.Add(ref duplicates, count);

    /// <summary>Counts a time that records could not be written.</summary>
    public void StoreFailed() => Interlocked.Increment(ref storeFailures);
}
