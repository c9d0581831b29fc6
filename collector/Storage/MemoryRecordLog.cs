using Monitoring.Segments;

namespace Monitoring.Collector.Storage;

/// <summary>Records in memory alone, for a collector without a state directory: bounded, and gone with the process.</summary>
internal sealed class MemoryRecordLog(long maximumBytes) : IRecordLog
{
    // Array and place of a record beside its payload, about.
    private const int OverheadBytes = 80;

    private readonly Lock gate = new(); // guards all that follows
    private readonly Queue<SegmentRecord> records = [];
    private ulong next = 1;
    private long bytes;

    /// <inheritdoc/>
    public ulong FirstSequence
    {
        get
        {
            lock (gate) return next - (ulong)records.Count;
        }
    }

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

    /// <inheritdoc/>
    public ulong Append(byte type, ReadOnlySpan<byte> payload)
    {
        var kept = payload.ToArray();
        lock (gate)
        {
            records.Enqueue(new SegmentRecord(next, type, kept));
            bytes += kept.Length + OverheadBytes;
            while (bytes > maximumBytes && records.Count > 1) bytes -= records.Dequeue().Payload.Length + OverheadBytes;
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
        lock (gate) return [.. records.Where(record => record.Sequence >= from)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
