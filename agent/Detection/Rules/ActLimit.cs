namespace Monitoring.Agent.Detection.Rules;

/// <summary>Lets so many acts through in any window. Times are nanoseconds; the wall clock's time of an act is kept for restarts.</summary>
internal sealed class ActLimit(int most, long window)
{
    private readonly Queue<(long At, long UnixMicroseconds)> acts = [];

    /// <summary>When the acts were that count now, microseconds since 1970.</summary>
    internal IEnumerable<long> Acts => acts.Select(static act => act.UnixMicroseconds);

    /// <summary>True where there is no room for another act.</summary>
    internal bool IsSpent(long now)
    {
        while (acts.TryPeek(out var oldest) && now - oldest.At >= window) acts.Dequeue();
        return acts.Count >= most;
    }

    /// <summary>Counts an act.</summary>
    internal void Act(long at, long unixMicroseconds) => acts.Enqueue((at, unixMicroseconds));
}
