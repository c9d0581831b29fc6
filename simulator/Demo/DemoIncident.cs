using Monitoring.Contracts.Events;

namespace Monitoring.Simulator.Demo;

/// <summary>An incident of the demo's programme, and the event that it must become.</summary>
/// <param name="Name">Of the simulator's kind of incident.</param>
/// <param name="Parameters">As <c>name=value</c>.</param>
/// <param name="Meaning">What happens, for a person.</param>
/// <param name="Kind">Kind of the event.</param>
/// <param name="Code">Its number; null for kinds without one.</param>
/// <param name="Rule">The rule that makes it; null for an event of a source.</param>
/// <param name="OfNode">True where it befalls the node and the event names no GPU.</param>
internal sealed record DemoIncident(
    string Name, string[] Parameters, string Meaning, string Kind, int? Code = null, string? Rule = null, bool OfNode = false)
{
    /// <summary>
    /// What is played, in turn; only what becomes an event within seconds, the most telling first. A heat sink this bad makes the GPU
    /// throttle within two seconds.
    /// </summary>
    public static IReadOnlyList<DemoIncident> Programme { get; } =
    [
        new("xid_79", [], "it falls off the bus", EventKinds.Xid, Code: 79),
        new("thermal_throttle", ["resistance=10"], "its cooling fails; it gets hot and lowers its clocks", EventKinds.Anomaly, Rule: "hw_thermal_slowdown"),
        new("ecc_burst", ["uncorrected=1"], "memory errors, one of which cannot be corrected", EventKinds.Xid, Code: 48),
        new("hang", [], "calls into the driver do not return for this GPU", EventKinds.DriverStuck),
        new("power_brake", [], "the power supply holds the clocks down", EventKinds.Anomaly, Rule: "hw_power_brake"),
        new("nvlink_errors", ["down=yes"], "an NVLink goes down", EventKinds.Xid, Code: 74),
        new("row_remap_pending", [], "a memory row waits for a reset to be remapped", EventKinds.Xid, Code: 63),
        new("infiniband_flap", ["down_seconds=60"], "a network port of its node goes down", EventKinds.Infiniband, OfNode: true),
        new("fabric_manager_down", [], "Fabric Manager of its node ends", EventKinds.Service, OfNode: true),
    ];

    /// <summary>True for the event that this incident must become on that GPU, seen from a time on.</summary>
    public bool Fits(EventRecord record, DemoNode node, int gpu, DateTimeOffset since) =>
        record.Node == node.Name && record.Time >= since && record.Phase != EventPhase.Ended
        && record.Kind == Kind && (Code is null || record.Code == Code) && (Rule is null || record.Rule == Rule)
        && record.Gpu?.Index == (OfNode ? null : gpu);

    /// <summary>The event in words.</summary>
    public override string ToString() => Rule is null ? Code is { } code ? $"{Kind} {code}" : Kind : $"{Kind} {Rule}";
}

/// <summary>An incident that was played.</summary>
/// <param name="Start">When it was ordered, by the clock that agents and simulators share.</param>
/// <param name="Event">The event that it became; null where none came in time.</param>
internal sealed record PlayedIncident(DemoIncident Incident, DemoNode Node, int Gpu, DateTimeOffset Start, EventRecord? Event)
{
    public string Victim => $"{Incident.Name} on {Node.Name}, GPU {Gpu}";
}
