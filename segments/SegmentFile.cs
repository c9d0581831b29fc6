namespace Monitoring.Segments;

/// <summary>A segment of a log.</summary>
internal sealed class SegmentFile(string path, ulong first, DateTimeOffset created, long length)
{
    internal string Path { get; } = path;

    internal ulong First { get; } = first;

    internal DateTimeOffset Created { get; } = created;

    /// <summary>Bytes that count; those after it were never said to be written.</summary>
    internal long Length { get; set; } = length;
}
