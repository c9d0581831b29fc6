using Monitoring.Segments;

namespace Monitoring.Tests.Collector.Storage;

/// <summary>A log whose disk fails when a test says so, and that deletes what the test says.</summary>
internal sealed class FailingRecordLog : IRecordLog
{
    private readonly Lock gate = new(); // guards kept and next
    private readonly List<SegmentRecord> kept = [];
    private ulong next = 1;

    /// <summary>Appends that still succeed.</summary>
    internal int Room { get; set; } = int.MaxValue;

    internal bool IsFlushBroken { get; set; }

    /// <summary>While set, a flush waits for it.</summary>
    internal ManualResetEventSlim? Hold { get; set; }

    internal int Flushes { get; private set; }

    /// <summary>Everything that was appended, confirmed or not.</summary>
    internal IReadOnlyList<SegmentRecord> Kept
    {
        get
        {
            lock (gate) return [.. kept];
        }
    }

    public ulong FirstSequence => Kept is [var first, ..] ? first.Sequence : NextSequence;

    public ulong NextSequence
    {
        get
        {
            lock (gate) return next;
        }
    }

    public long Bytes => Kept.Sum(static record => (long)record.Payload.Length);

    public ulong Append(byte type, ReadOnlySpan<byte> payload)
    {
        if (Room-- <= 0) throw new IOException("No space left on device");
        lock (gate)
        {
            kept.Add(new SegmentRecord(next, type, payload.ToArray()));
            return next++;
        }
    }

    public void Flush()
    {
        Hold?.Wait();
        if (IsFlushBroken) throw new IOException("Input/output error");
        Flushes++;
    }

    public void Retain()
    {
    }

    public IEnumerable<SegmentRecord> Read(ulong from = 0) => Kept.Where(record => record.Sequence >= from);

    /// <summary>Gives records up, as retention does.</summary>
    internal void DeleteBefore(ulong sequence)
    {
        lock (gate) kept.RemoveAll(record => record.Sequence < sequence);
    }

    public void Dispose()
    {
    }
}
