using Monitoring.Collector.Logs;
using Monitoring.Segments;

namespace Monitoring.Tests.Collector.Logs;

/// <summary>A log in memory that refuses appends or flushes when a test says so.</summary>
internal sealed class FailingLineLog : IRecordLog
{
    private readonly MemoryLineLog log = new(1 << 20);

    internal bool AppendFails { get; set; }

    internal bool FlushFails { get; set; }

    /// <summary>While set, a flush waits for it.</summary>
    internal ManualResetEventSlim? Hold { get; set; }

    public ulong NextSequence => log.NextSequence;

    public long Bytes => log.Bytes;

    internal ulong FirstSequence => log.FirstSequence;

    public ulong Append(byte type, ReadOnlySpan<byte> payload) => AppendFails ? throw new IOException("No space left on device") : log.Append(type, payload);

    public void Flush()
    {
        Hold?.Wait();
        if (FlushFails) throw new IOException("Input/output error");
    }

    public void Retain()
    {
    }

    public IEnumerable<SegmentRecord> Read(ulong from = 0) => log.Read(from);

    public void Dispose() => log.Dispose();
}
