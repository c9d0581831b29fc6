using Monitoring.Contracts.Captures;

namespace Monitoring.Collector.Captures.Uploads;

/// <summary>A file on its way to the collector. Whoever works on it holds its lock.</summary>
/// <param name="header">What is written of it beside its bytes.</param>
/// <param name="metadata">What it is.</param>
/// <param name="dataPath">Where its bytes are.</param>
internal sealed class Upload(UploadHeader header, UploadMetadata metadata, string dataPath)
{
    private int isHeld;
    private long offset;

    public string Id => header.Id;

    public long Length => header.Length;

    public UploadHeader Header => header;

    public UploadMetadata Metadata => metadata;

    public string DataPath => dataPath;

    /// <summary>Bytes that are on disk and will not be asked for again.</summary>
    public long Offset
    {
        get => Interlocked.Read(ref offset);
        set => Interlocked.Exchange(ref offset, value);
    }

    /// <summary>When it last grew.</summary>
    public DateTimeOffset TouchedAt { get; set; } = header.CreatedAt;

    /// <summary>True once it is no more, for whoever waited for its lock.</summary>
    public bool IsGone { get; set; }

    /// <summary>Takes the lock; false where another has it.</summary>
    public bool TryHold() => Interlocked.CompareExchange(ref isHeld, 1, 0) == 0;

    /// <summary>Gives the lock back.</summary>
    public void LetGo() => Interlocked.Exchange(ref isHeld, 0);
}

/// <summary>What is written of an upload when it is created.</summary>
/// <param name="Id">Last part of its URL.</param>
/// <param name="Length">Bytes that it will have.</param>
/// <param name="Metadata">The header <c>Upload-Metadata</c> as it came.</param>
internal sealed record UploadHeader(string Id, long Length, string Metadata, DateTimeOffset CreatedAt);
