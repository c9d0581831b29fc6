namespace Monitoring.Collector.Logs;

/// <summary>Why a log line was not taken, or is kept no more.</summary>
internal enum LogLoss
{
    /// <summary>It is longer than allowed.</summary>
    Size,

    /// <summary>It is no document with a time: bad JSON, no UTF-8, no <c>@timestamp</c>.</summary>
    Malformed,

    /// <summary>It asks for something else than to be created in an index of agents' logs.</summary>
    Target,

    /// <summary>A line of the collector itself found the queue full.</summary>
    Queue,

    /// <summary>A line of the collector itself could not be written.</summary>
    Store,

    /// <summary>It became too old, or made room for newer ones.</summary>
    Expired,
}

/// <summary>What was taken in, refused and given up since the start. Counted by the store and by whoever fills it, read by scrapes.</summary>
internal sealed class LogTally
{
    private readonly long[] lost = new long[Enum.GetValues<LogLoss>().Length];
    private long accepted;
    private long duplicates;
    private long storeFailures;

    /// <summary>Lines taken and kept.</summary>
    public long Accepted => Volatile.Read(ref accepted);

    /// <summary>Lines that were there already.</summary>
    public long Duplicates => Volatile.Read(ref duplicates);

    /// <summary>Times that lines could not be written.</summary>
    public long StoreFailures => Volatile.Read(ref storeFailures);

    /// <summary>Lines not taken or no longer kept, by why.</summary>
    public long Lost(LogLoss reason) => Volatile.Read(ref lost[(int)reason]);

    /// <summary>Counts lines that are kept.</summary>
    public void Accept(int count) => Interlocked.Add(ref accepted, count);

    /// <summary>Counts lines that were there already.</summary>
    public void Duplicate(int count) => Interlocked.Add(ref duplicates, count);

    /// <summary>Counts a time that lines could not be written.</summary>
    public void StoreFailed() => Interlocked.Increment(ref storeFailures);

    /// <summary>Counts lines that are not taken or no longer kept.</summary>
    public void Lose(LogLoss reason, int count = 1) => Interlocked.Add(ref lost[(int)reason], count);
}
