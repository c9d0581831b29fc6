namespace Monitoring.Simulator.NodeProfiles;

/// <summary>One phase of a workload that repeats.</summary>
/// <param name="Name">What happens in it.</param>
/// <param name="Seconds">How long it lasts.</param>
/// <param name="Activity">Share of the load's compute, 0 to 1.</param>
/// <param name="Nvlink">Share of the load's NVLink traffic.</param>
/// <param name="Pcie">Share of the load's PCIe traffic.</param>
internal sealed record WorkloadPhase(string Name, double Seconds, double Activity, double Nvlink, double Pcie);

/// <summary>What the GPUs of a node do all day.</summary>
/// <param name="IsSynchronous">The GPUs wait for the slowest one, as training does at every all-reduce.</param>
/// <param name="Phases">The phases of one round.</param>
internal sealed record Workload(bool IsSynchronous, IReadOnlyList<WorkloadPhase> Phases)
{
    public static readonly Workload Idle = new(false, [new WorkloadPhase("idle", 3600, 0, 0, 0)]);

    public static readonly Workload Training = new(true,
    [
        new WorkloadPhase("forward and backward", 8, 1, 0.45, 0.2),
        new WorkloadPhase("all-reduce", 1.5, 0.75, 1, 0.1),
        new WorkloadPhase("wait for data", 0.5, 0.12, 0, 1),
        new WorkloadPhase("forward and backward", 8, 1, 0.45, 0.2),
        new WorkloadPhase("all-reduce", 1.5, 0.75, 1, 0.1),
        new WorkloadPhase("checkpoint", 2, 0.05, 0, 0.8),
    ]);

    public static readonly Workload Inference = new(false,
    [
        new WorkloadPhase("requests", 3, 0.55, 0.2, 0.4),
        new WorkloadPhase("busy", 2, 0.85, 0.3, 0.6),
        new WorkloadPhase("quiet", 4, 0.25, 0.1, 0.2),
    ]);

    public double RoundSeconds { get; } = Phases.Sum(phase => phase.Seconds);

    /// <summary>The phase at a moment of simulated time.</summary>
    public WorkloadPhase At(double seconds)
    {
        var within = seconds % RoundSeconds;
        foreach (var phase in Phases)
        {
            if (within < phase.Seconds) return phase;
            within -= phase.Seconds;
        }
        return Phases[^1];
    }
}
