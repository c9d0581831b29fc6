namespace Monitoring.Simulator.Incidents;

/// <summary>An incident that lasts.</summary>
public sealed class RunningIncident
{
    internal RunningIncident(IncidentKind kind, SimulatedGpu gpu, TimeSpan? ends, Incident incident) =>
        (Kind, Gpu, Ends, Incident) = (kind, gpu, ends, incident);

    /// <summary>What it is.</summary>
    public IncidentKind Kind { get; }

    /// <summary>The GPU that has it.</summary>
    public SimulatedGpu Gpu { get; }

    /// <summary>Simulated time when it ends; null lasts until somebody stops it.</summary>
    public TimeSpan? Ends { get; }

    internal Incident Incident { get; }
}
