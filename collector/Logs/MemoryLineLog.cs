using Monitoring.Segments;

namespace Monitoring.Collector.Logs;

/// <summary>Log lines in memory alone, for a collector without a state directory: bounded, and gone with the process.</summary>
internal sealed class MemoryLineLog(long maximumBytes) : IRecordLog
{
    // Array and place of a line beside its text, about.
    private const int OverheadBytes = 80;

    private readonly Lock gate = new(); // guards all that follows
    private readonly Queue<SegmentRecord> lines = [];
    private ulong next = 1;
    private long bytes;

    /// <inheritdoc/>
    public ulong NextSequence
    {
        get
        {
            lock (gate) return next;
        }
    }

    /// <inheritdoc/>
    public long Bytes => Volatile.Read(ref bytes);

    /// <summary>The lowest number that a line may still have.</summary>
    public ulong FirstSequence
    {
        get
        {
            lock (gate) return next - (ulong)lines.Count;
        }
    }

    /// <inheritdoc/>
    public ulong Append(byte type, ReadOnlySpan<byte> payload)
    {
        var kept = payload.ToArray();
        lock (gate)
        {
            lines.Enqueue(new SegmentRecord(next, type, kept));
            bytes += kept.Length + OverheadBytes;
            while (bytes > maximumBytes && lines.Count > 1) bytes -= lines.Dequeue().Payload.Length + OverheadBytes;
            return next++;
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
    }

    /// <inheritdoc/>
    public void Retain()
    {
    }

    /// <inheritdoc/>
    public IEnumerable<SegmentRecord> Read(ulong from = 0)
    {
        lock (gate) return [.. lines.Where(line => line.Sequence >= from)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
