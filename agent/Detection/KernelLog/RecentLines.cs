namespace Monitoring.Agent.Detection.KernelLog;

/// <summary>The newest lines of the kernel's log, whoever read them, for whoever wants to see what was said around a moment.</summary>
internal sealed class RecentLines
{
    /// <summary>Lines kept: an incident brings tens, a boot hundreds; at most a kilobyte each.</summary>
    internal const int Most = 1000;

    private readonly Lock gate = new();
    private readonly Queue<(DateTimeOffset Time, string Text)> lines = [];

    /// <summary>Takes a line.</summary>
    internal void Add(DateTimeOffset time, string text)
    {
        lock (gate)
        {
            lines.Enqueue((time, text));
            if (lines.Count > Most) lines.Dequeue();
        }
    }

    /// <summary>The lines between two times, in the order in which they were read.</summary>
    internal IReadOnlyList<(DateTimeOffset Time, string Text)> Between(DateTimeOffset from, DateTimeOffset to)
    {
        lock (gate) return [.. lines.Where(line => line.Time >= from && line.Time <= to)];
    }
}
