namespace Monitoring.Elasticsearch.Spool;

/// <summary>Limits of a spool.</summary>
public sealed record SpoolOptions
{
    /// <summary>Name of the stream in metrics and in the log.</summary>
    public required string Name { get; init; }

    /// <summary>Bytes on disk; the oldest documents are dropped, and counted, before it is exceeded.</summary>
    public long MaximumBytes { get; init; } = 256 << 20;

    /// <summary>Bytes that may wait for the disk; what the process appended survives its own death anyway, this is about power cuts.</summary>
    public int UnflushedBytes { get; init; } = 1 << 20;

    /// <summary>How long they may wait.</summary>
    public TimeSpan UnflushedTime { get; init; } = TimeSpan.FromSeconds(1);
}
