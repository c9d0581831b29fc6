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
    /// <returns>True where it fell, and a reset is the only explanation.</returns>
    internal bool Take(string uuid, double joules, bool isPersistent)
    {
        if (double.IsNaN(joules) || uuid.Length == 0) return false;
        var known = marks.TryGetValue(uuid, out var mark);
        marks[uuid] = new EnergyMark(uuid, joules, isPersistent);
        // Without persistence mode the driver lets go of the GPU when the agent itself is restarted, and that is no reset.
        return known && joules < mark!.Joules && (!mark.IsRecalled || mark.IsPersistent);
    }

    /// <summary>Takes what was kept before a restart.</summary>
    internal void Recall(IEnumerable<EnergyMark> kept)
    {
        foreach (var mark in kept) marks[mark.Uuid] = mark with { IsRecalled = true };
    }
}

/// <summary>A reading of an energy counter.</summary>
/// <param name="IsRecalled">True for one of before a restart of the agent.</param>
internal sealed record EnergyMark(string Uuid, double Joules, bool IsPersistent, bool IsRecalled = false);
