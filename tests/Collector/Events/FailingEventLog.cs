using Monitoring.Collector.Events;

namespace Monitoring.Tests.Collector.Events;

/// <summary>A log whose disk fails when a test says so, and that deletes what the test says.</summary>
internal sealed class FailingEventLog : IEventLog
{
    private readonly List<LoggedEvent> kept = [];
    private long next = 1;

    /// <summary>Appends that still succeed.</summary>
    internal int Room { get; set; } = int.MaxValue;

    internal bool IsFlushBroken { get; set; }

    internal int Flushes { get; private set; }

    /// <summary>Everything that was appended, confirmed or not.</summary>
    internal IReadOnlyList<LoggedEvent> Kept => kept;

    public long FirstSequence => kept is [var first, ..] ? first.Sequence : next;

    public long SizeBytes => kept.Sum(static item => item.Json.Length);

    public bool IsDurable => true;

    public long Append(ReadOnlySpan<byte> json)
    {
        if (Room-- <= 0) throw new IOException("No space left on device");
        kept.Add(new LoggedEvent(next, json.ToArray()));
        return next++;
    }

    public void Flush()
    {
        if (IsFlushBroken) throw new IOException("Input/output error");
        Flushes++;
    }

    internal void DeleteBefore(long sequence) => kept.RemoveAll(item => item.Sequence < sequence);

    public void Trim()
    {
    }

    public IEnumerable<LoggedEvent> Read(long fromSequence) => kept.Where(item => item.Sequence >= fromSequence).ToList();

    public void Dispose()
    {
    }
}
