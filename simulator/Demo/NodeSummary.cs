namespace Monitoring.Simulator.Demo;

/// <summary>One node as the live table shows it, computed from its page; null where the page says nothing.</summary>
/// <param name="Gpus">GPUs that report their power.</param>
/// <param name="UtilizationRatio">Mean over the GPUs, 0 to 1.</param>
/// <param name="PowerWatts">Sum over the GPUs.</param>
/// <param name="HottestCelsius">The highest temperature of a GPU.</param>
/// <param name="ThrottledGpus">GPUs whose clocks are held down by heat, by the power brake or by the board.</param>
/// <param name="StuckLanes">GPUs whose driver call does not return.</param>
/// <param name="Health">The worst state of a component of the node or of a GPU, as the label <c>state</c> says it; empty where there is none.</param>
/// <param name="Series">Series on the page.</param>
internal sealed record NodeSummary(
    int Gpus,
    double? UtilizationRatio,
    double? PowerWatts,
    double? HottestCelsius,
    int ThrottledGpus,
    int StuckLanes,
    string Health,
    int Series)
{
    /// <summary>Reasons that take performance away from a GPU; the power cap and idleness are everyday life.</summary>
    private static readonly HashSet<string> ThrottleReasons = ["hw_thermal", "hw_power_brake", "hw_slowdown", "sw_thermal"];

    /// <summary>States of health, the worst last.</summary>
    private static readonly string[] HealthStates = ["healthy", "degraded", "unhealthy"];

    public static NodeSummary From(IReadOnlyList<MetricSample> samples)
    {
        // MIG instances repeat the metrics of their GPU; the GPU's own series have no instance.
        var ofGpus = samples.Where(sample => !sample.Labels.ContainsKey("mig_gi")).ToLookup(sample => sample.Name);
        var power = ofGpus["gpu_power_watts"].ToArray();
        return new NodeSummary(
            Gpus: power.Length,
            UtilizationRatio: ofGpus["gpu_utilization_ratio"].Select(sample => (double?)sample.Value).Average(),
            PowerWatts: power.Length == 0 ? null : power.Sum(sample => sample.Value),
            HottestCelsius: ofGpus["gpu_temperature_celsius"]
                .Where(sample => sample.Labels.GetValueOrDefault("sensor") == "gpu")
                .Max(sample => (double?)sample.Value),
            ThrottledGpus: ofGpus["gpu_throttle_active"]
                .Where(sample => sample.Value > 0 && ThrottleReasons.Contains(sample.Labels.GetValueOrDefault("reason", "")))
                .Select(sample => sample.Labels.GetValueOrDefault("gpu"))
                .Distinct()
                .Count(),
            StuckLanes: ofGpus["gpu_agent_driver_call_stuck_seconds"]
                .Where(sample => sample.Value > 0)
                .Select(sample => sample.Labels.GetValueOrDefault("gpu"))
                .Distinct()
                .Count(),
            Health: ofGpus["gpu_health_state"]
                .Where(sample => sample.Value > 0)
                .Select(sample => sample.Labels.GetValueOrDefault("state", ""))
                .MaxBy(state => Array.IndexOf(HealthStates, state)) ?? "",
            Series: samples.Count);
    }
}
