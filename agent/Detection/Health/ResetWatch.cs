namespace Monitoring.Agent.Detection.Health;

/// <summary>
/// Notices that a GPU was reset or its driver loaded anew: NVML says neither, but its energy counter counts "since the driver was last
/// reloaded" and never falls otherwise.
/// </summary>
internal sealed class ResetWatch
{
    private readonly Dictionary<string, EnergyMark> marks = [];

    /// <summary>The last reading of every GPU, to be kept.</summary>
    internal IReadOnlyList<EnergyMark> Marks => [.. marks.Values];

    /// <summary>Takes the counter of a GPU.</summary>
    /// <param name="uuid">The GPU.</param>
    /// <param name="joules">Energy since the driver was loaded; NaN is passed over.</param>
    /// <param name="isPersistent">Whether the driver keeps the GPU set up without a client.</param>
    /// <param name="now">When it is taken.</param>
    /// <returns>True where it fell, and a reset is the only explanation.</returns>
    internal bool Take(string uuid, double joules, bool isPersistent, DateTimeOffset now)
    {
        if (double.IsNaN(joules) || uuid.Length == 0) return false;
        var mark = marks.GetValueOrDefault(uuid);
        // Without persistence mode the driver lets go of the GPU when the agent itself is restarted, and that is no reset.
        var wasReset = mark is not null && joules < mark.Joules && (!mark.IsRecalled || mark.IsPersistent);
        // A reset while the agent was away may be long ago: what happened after it and before the start of the agent is not of before it.
        var resetAt = !wasReset ? mark?.ResetAt : mark!.IsRecalled ? mark.KeptAt : now;
        marks[uuid] = new EnergyMark(uuid, joules, isPersistent) { ResetAt = resetAt };
        return wasReset;
    }

    /// <summary>
    /// Since when each of some GPUs, and each other one that was seen in this boot, was reset: the time before which all of it is over; null
    /// where one of them was not. After a start some are opened before others, and one that cannot be opened was not reset.
    /// </summary>
    internal DateTimeOffset? AllResetSince(IEnumerable<string> uuids)
    {
        DateTimeOffset? earliest = null;
        foreach (var uuid in uuids.Union(marks.Keys))
        {
            if (marks.GetValueOrDefault(uuid)?.ResetAt is not { } at) return null;
            if (earliest is null || at < earliest) earliest = at;
        }
        return earliest;
    }

    /// <summary>Takes what was kept before a restart, and when.</summary>
    internal void Recall(IEnumerable<EnergyMark> kept, DateTimeOffset keptAt)
    {
        foreach (var mark in kept) marks[mark.Uuid] = mark with { IsRecalled = true, KeptAt = mark.KeptAt ?? keptAt };
    }
}

/// <summary>A reading of an energy counter.</summary>
/// <param name="IsRecalled">True for one of before a restart of the agent.</param>
internal sealed record EnergyMark(string Uuid, double Joules, bool IsPersistent, bool IsRecalled = false)
{
    /// <summary>Of a recalled one, when it was kept.</summary>
    public DateTimeOffset? KeptAt { get; init; }

    /// <summary>When the GPU was last reset, as far as is known; null for not in this boot.</summary>
    public DateTimeOffset? ResetAt { get; init; }
}
