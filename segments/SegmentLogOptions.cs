namespace Monitoring.Segments;

/// <summary>Limits of a log and whom it tells.</summary>
public sealed record SegmentLogOptions
{
    private const int SegmentsUsually = 16;
    private const long SmallestSegmentBytes = 4096;
    private const long LargestUsualSegmentBytes = 16 << 20;

    /// <summary>Bytes of all segments together, the one being written included; never exceeded.</summary>
    public required long MaximumBytes { get; init; }

    /// <summary>Age from which on a segment is deleted.</summary>
    public TimeSpan MaximumAge { get; init; } = TimeSpan.MaxValue;

    /// <summary>Bytes of one segment; 0 takes a sixteenth of all, at most 16 MiB.</summary>
    public long SegmentBytes { get; init; }

    /// <summary>Called by the appending thread whenever a new segment was begun, so that the owner can append what older segments must not be needed for.</summary>
    public Action<SegmentLog>? SegmentStarted { get; init; }

    /// <summary>Called by the appending thread after retention deleted a segment.</summary>
    public Action<DeletedSegment>? SegmentDeleted { get; init; }

    /// <summary>Called once for every damage, by the thread that found it: at opening or while reading.</summary>
    public Action<SegmentDamage>? Damaged { get; init; }

    internal long UsedSegmentBytes => SegmentBytes > 0 ? SegmentBytes : Math.Clamp(MaximumBytes / SegmentsUsually, SmallestSegmentBytes, LargestUsualSegmentBytes);

    /// <summary>Largest payload that a record may have, so that a segment holds it.</summary>
    internal int MaximumPayloadBytes =>
        (int)Math.Min(SegmentFormat.MaximumPayloadBytes, UsedSegmentBytes - SegmentFormat.HeaderBytes - SegmentFormat.RecordHeaderBytes);

    internal void Check()
    {
        if (UsedSegmentBytes < SmallestSegmentBytes) throw new ArgumentException($"A segment has {UsedSegmentBytes} bytes; {SmallestSegmentBytes} is the least.");
        if (MaximumBytes < 2 * UsedSegmentBytes) throw new ArgumentException($"A log of {MaximumBytes} bytes has no room for two segments of {UsedSegmentBytes}.");
        if (MaximumAge <= TimeSpan.Zero) throw new ArgumentException($"An age of {MaximumAge} keeps nothing.");
    }
}
