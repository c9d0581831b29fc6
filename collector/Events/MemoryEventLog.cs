namespace Monitoring.Collector.Events;

/// <summary>Events in memory alone, for a collector without a state directory: bounded, and gone with the process.</summary>
internal sealed class MemoryEventLog(long maximumBytes) : IEventLog
{
    // Array and node of an event beside its text, about.
    private const int OverheadBytes = 80;

    private readonly Lock gate = new();
    private readonly Queue<byte[]> events = [];
    private long next = 1;
    private long sizeBytes;

    /// <inheritdoc/>
    public long FirstSequence
    {
        get
        {
            lock (gate) return next - events.Count;
        }
    }

    /// <inheritdoc/>
    public long SizeBytes => Volatile.Read(ref sizeBytes);

    /// <inheritdoc/>
    public bool IsDurable => false;

    /// <inheritdoc/>
    public long Append(ReadOnlySpan<byte> json)
    {
        var kept = json.ToArray();
        lock (gate)
        {
            events.Enqueue(kept);
            sizeBytes += kept.Length + OverheadBytes;
            while (sizeBytes > maximumBytes && events.Count > 1) RemoveFirst();
            return next++;
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
    }

    /// <inheritdoc/>
    public void Trim()
    {
    }

    /// <inheritdoc/>
    public IEnumerable<LoggedEvent> Read(long fromSequence)
    {
        byte[][] kept;
        long first;
        lock (gate)
        {
            first = next - events.Count;
            kept = [.. events.Skip((int)Math.Clamp(fromSequence - first, 0, events.Count))];
            first = next - kept.Length;
        }

        foreach (var json in kept) yield return new LoggedEvent(first++, json);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void RemoveFirst() => sizeBytes -= events.Dequeue().Length + OverheadBytes;
}
