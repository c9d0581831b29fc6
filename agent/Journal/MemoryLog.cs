using Monitoring.Segments;

namespace Monitoring.Agent.Journal;

/// <summary>A log in memory, for an agent that has no directory to keep one in: bounded, and gone with the process.</summary>
/// <param name="maximumBytes">Payload bytes that it holds; the oldest records go first.</param>
/// <param name="forgotten">Called with the sequence below which everything is gone.</param>
internal sealed class MemoryLog(long maximumBytes, Action<ulong> forgotten) : IRecordLog
{
    // What a record costs beside its payload.
    private const int RecordBytes = 64;

    private readonly Lock gate = new();
    private readonly Queue<SegmentRecord> records = [];

    public ulong FirstSequence
    {
        get
        {
            lock (gate) return records.TryPeek(out var oldest) ? oldest.Sequence : NextSequence;
        }
    }

    public ulong NextSequence { get; private set; } = 1;

    public long Bytes { get; private set; }

    public ulong Append(byte type, ReadOnlySpan<byte> payload)
    {
        // Only events are ever read from it: everything else is known to the journal that lives as long as this.
        if (type != (byte)JournalRecordType.Event) return NextSequence++;
        ulong? gone = null;
        lock (gate)
        {
            records.Enqueue(new SegmentRecord(NextSequence, type, payload.ToArray()));
            Bytes += payload.Length + RecordBytes;
            while (Bytes > maximumBytes && records.Count > 1)
            {
                var oldest = records.Dequeue();
                Bytes -= oldest.Payload.Length + RecordBytes;
                gone = oldest.Sequence + 1;
            }
        }
        if (gone is { } end) forgotten(end);
        return NextSequence++;
    }

    public void Flush()
    {
        // Nothing is safer than in memory.
    }

    public void Retain()
    {
        // Bytes are its only limit.
    }

    public IEnumerable<SegmentRecord> Read(ulong from = 0)
    {
        lock (gate) return [.. records.Where(record => record.Sequence >= from)];
    }

    public void Dispose()
    {
    }
}
