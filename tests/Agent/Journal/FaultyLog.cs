using Monitoring.Agent.Journal;
using Monitoring.Segments;

namespace Monitoring.Tests.Agent.Journal;

/// <summary>A log whose disk fails as the test says. After a failed flush its next record is in a new segment, as a real one's is.</summary>
internal sealed class FaultyLog(JournalCallbacks calls) : IRecordLog
{
    private readonly List<SegmentRecord> records = [];
    private bool isSegmentDue;

    internal Exception? AppendFault { get; set; }

    /// <summary>Number of records before which one append fails for no reason of the disk; below 0 for none.</summary>
    internal int FaultAt { get; set; } = -1;

    internal IOException? FlushFault { get; set; }

    /// <summary>Called by a flush before it succeeds.</summary>
    internal Action? Flushing { get; set; }

    /// <summary>Called for each record before a reader has it.</summary>
    internal Action<SegmentRecord>? Reading { get; set; }

    internal IReadOnlyList<SegmentRecord> Records => records;

    public ulong FirstSequence => 1;

    public ulong NextSequence => (ulong)records.Count + 1;

    public long Bytes => records.Sum(static record => record.Payload.Length);

    public ulong Append(byte type, ReadOnlySpan<byte> payload)
    {
        if (AppendFault is not null) throw AppendFault;
        if (FaultAt == records.Count)
        {
            FaultAt = -1;
            throw new InvalidOperationException("a fault of the agent's own");
        }
        if (isSegmentDue)
        {
            isSegmentDue = false;
            calls.SegmentStarted(this);
        }
        records.Add(new SegmentRecord(NextSequence, type, payload.ToArray()));
        return NextSequence - 1;
    }

    public void Flush()
    {
        if (FlushFault is null)
        {
            Flushing?.Invoke();
            return;
        }
        isSegmentDue = true;
        throw FlushFault;
    }

    public void Retain()
    {
    }

    public IEnumerable<SegmentRecord> Read(ulong from = 0) => Told([.. records.Where(record => record.Sequence >= from)]);

    private IEnumerable<SegmentRecord> Told(List<SegmentRecord> read)
    {
        foreach (var record in read)
        {
            Reading?.Invoke(record);
            yield return record;
        }
    }

    public void Dispose()
    {
    }

    /// <summary>A journal that starts with what stands in this log.</summary>
    internal EventJournal Replayed(ManualTimeProvider time) => new(calls =>
    {
        var copy = new FaultyLog(calls);
        copy.records.AddRange(records);
        return copy;
    }, JournalDirectory.Node, isShipped: true, time, Microsoft.Extensions.Logging.Abstractions.NullLogger<EventJournal>.Instance);
}
