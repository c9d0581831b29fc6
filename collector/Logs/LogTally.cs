using Monitoring.Collector.Storage;

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
internal sealed class LogTally : RecordTally<LogLine>
{
    private readonly long[] lost = new long[Enum.GetValues<LogLoss>().Length];
    private long accepted;

    /// <summary>Lines taken and kept.</summary>
    public long Accepted => Volatile.Read(ref accepted);

    /// <summary>Lines not taken or no longer kept, by why.</summary>
    public long Lost(LogLoss reason) => Volatile.Read(ref lost[(int)reason]);

    /// <inheritdoc/>
    public override void Accept(IReadOnlyList<LogLine> records) => Interlocked.Add(ref accepted, records.Count);

    /// <inheritdoc/>
    public override void Expire(long byAge, long bySize) => Lose(LogLoss.Expired, byAge + bySize);

    /// <summary>Counts lines that are not taken or no longer kept.</summary>
    public void Lose(LogLoss reason, long count = 1) => Interlocked.Add(ref lost[(int)reason], count);
}
