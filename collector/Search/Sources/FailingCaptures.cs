namespace Monitoring.Collector.Search.Sources;

/// <summary>
/// Captures that could not be read and are tried again, each after a pause that grows with its failures. It is as large as what is kept at
/// most; whoever has it guards it.
/// </summary>
internal sealed class FailingCaptures(TimeProvider time)
{
    /// <summary>The pause after the first failure.</summary>
    internal static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(5);

    /// <summary>The longest pause: a person who has mended the store does not wait longer for what it held up.</summary>
    internal static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, (int Failures, TimeSpan DueAt)> failing = new(StringComparer.Ordinal);
    private readonly long startedAt = time.GetTimestamp();
    private string last = "";

    /// <summary>What cannot be read now, in words; null for nothing.</summary>
    public string? Trouble => failing.Count == 0 ? null
        : $"{failing.Count} {(failing.Count == 1 ? "capture" : "captures")} cannot be read and {(failing.Count == 1 ? "is" : "are")} tried again with growing pauses, the last failure was of {last}";

    /// <summary>How long until the first of them is due, 0 where one is; null where there is none.</summary>
    public TimeSpan? UntilNext => failing.Count == 0 ? null : failing.Values.Min(static one => one.DueAt) - Now is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    private TimeSpan Now => time.GetElapsedTime(startedAt);

    /// <summary>How often a capture could not be read; 0 for one that is not among these.</summary>
    public int FailuresOf(string id) => failing.GetValueOrDefault(id).Failures;

    /// <summary>False for a capture that is not to be tried again yet.</summary>
    public bool IsDue(string id) => !failing.TryGetValue(id, out var one) || one.DueAt <= Now;

    /// <summary>A capture could not be read.</summary>
    /// <returns>True where every one could be read before.</returns>
    public bool Add(string id, string reason)
    {
        var isFirst = failing.Count == 0;
        var failures = FailuresOf(id) + 1;
        var pause = ShortestPause * Math.Min(1 << Math.Min(failures - 1, 10), LongestPause / ShortestPause);
        failing[id] = (failures, Now + pause);
        last = $"{id}: {reason}";
        return isFirst;
    }

    /// <summary>A capture could be read, or is none of the stream's any more.</summary>
    /// <returns>True where it was the last that could not.</returns>
    public bool Remove(string id) => failing.Remove(id) && failing.Count == 0;

    /// <summary>Forgets those that are not wanted any more.</summary>
    public void Keep(HashSet<string> ids)
    {
        foreach (var id in failing.Keys)
            if (!ids.Contains(id)) failing.Remove(id);
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => failing.Clear();
}
