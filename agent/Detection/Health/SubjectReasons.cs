namespace Monitoring.Agent.Detection.Health;

/// <summary>The reasons of one GPU, or of the node as a whole; a bounded number of them.</summary>
/// <param name="gpu">The GPU; null for the node.</param>
internal sealed class SubjectReasons(GpuSubject? gpu)
{
    /// <summary>Different causes of a component that are kept; more than a person reads.</summary>
    internal const int ReasonsPerComponent = 16;

    private readonly Dictionary<(string Component, string Cause), HeldReason> reasons = [];

    internal GpuSubject? Gpu { get; set; } = gpu;

    /// <summary>True while the driver shows it.</summary>
    internal bool IsPresent { get; set; }

    /// <summary>The components that it has, whether or not they have reasons.</summary>
    internal IReadOnlyList<string> Components { get; set; } = [];

    internal int Count => reasons.Count;

    internal IEnumerable<KeyValuePair<(string Component, string Cause), HeldReason>> All => reasons;

    /// <summary>True where time clears one of them by now.</summary>
    internal bool IsDue(long now)
    {
        foreach (var (_, held) in reasons)
            if (held.ClearsAt <= now) return true;
        return false;
    }

    internal HeldReason? Find(string component, string cause) => reasons.GetValueOrDefault((component, cause));

    /// <summary>Adds a reason; where the component has too many, the least and oldest makes room.</summary>
    /// <returns>The one that made room; null where none had to.</returns>
    internal HeldReason? Add(string component, HeldReason reason)
    {
        HeldReason? dropped = null;
        var ofComponent = reasons.Where(entry => entry.Key.Component == component).ToArray();
        if (ofComponent.Length >= ReasonsPerComponent)
        {
            var least = ofComponent.OrderBy(static entry => entry.Value.Reason.State).ThenBy(static entry => entry.Value.Reason.LastSeen).First();
            reasons.Remove(least.Key);
            dropped = least.Value;
        }
        reasons.Add((component, reason.Reason.Cause), reason);
        return dropped;
    }

    /// <summary>Removes the reasons that <paramref name="ends"/> says, and gives them.</summary>
    internal IReadOnlyList<HealthReason> RemoveWhere(Func<string, HeldReason, bool> ends)
    {
        KeyValuePair<(string Component, string Cause), HeldReason>[] ended = [.. reasons.Where(entry => ends(entry.Key.Component, entry.Value))];
        foreach (var entry in ended) reasons.Remove(entry.Key);
        return [.. ended.Select(static entry => entry.Value.Reason)];
    }

    /// <summary>Every component with its reasons, in the order of <see cref="Detection.Components.All"/>.</summary>
    internal IReadOnlyList<ComponentHealth> Report() =>
    [
        .. from component in Detection.Components.All.Union(reasons.Keys.Select(static key => key.Component))
           let held = reasons.Where(entry => entry.Key.Component == component).Select(static entry => entry.Value.Reason)
               .OrderByDescending(static reason => reason.State).ThenBy(static reason => reason.Since).ToArray()
           where held.Length > 0 || Components.Contains(component)
           select new ComponentHealth(component, held is [] ? HealthState.Healthy : held[0].State, held),
    ];
}
