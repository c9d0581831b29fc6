using System.Globalization;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;
using Monitoring.Contracts.Xid;

namespace Monitoring.Agent.Detection.Sources;

/// <summary>
/// The driver's event queue as a source. Single-bit ECC errors, performance states and clocks change on machines that work as they
/// should, many times a second at worst: they are counted (<c>gpu_driver_events_total</c>) and sampled, and make no events. The queue
/// keeps nothing for a reader that was away, so there is no cursor: what happened meanwhile is in the kernel's log.
/// </summary>
internal sealed class NvmlEventSource : IEventSource
{
    internal const string SourceName = "nvml";

    // What nvmlEventData_t carries where the driver does not know the number.
    private const int UnknownXid = 999;

    private readonly SightingOutlet outlet;
    private readonly NodeSampler node;

    internal NvmlEventSource(NodeSampler node, TimeProvider time)
    {
        this.node = node;
        outlet = new SightingOutlet(SourceName, time);
        node.DriverEvents.Listener = Take;
    }

    public string Name => SourceName;

    public string Trouble => node.EventTrouble;

    public (string Reason, long Count)? Dropped => (SightingOutlet.QueueFull, outlet.Dropped);

    public void Start(SightingQueue queue, string? cursor) => outlet.Start(queue);

    public void Stop() => outlet.Stop();

    /// <summary>What an event means; null for one that is only counted.</summary>
    internal static Sighting? SightingOf(DriverEvent told)
    {
        var sighting = Describe(told);
        return sighting is null ? null : sighting with { Details = Details(told) };
    }

    private void Take(DriverEvent told)
    {
        if (SightingOf(told) is { } sighting) outlet.Offer(sighting);
    }

    private static Sighting? Describe(DriverEvent told) => told.Type switch
    {
        DriverEventType.Xid => Xid(told, (int)Math.Min(told.Data, int.MaxValue)),
        DriverEventType.DoubleBitEcc => Make(told, EventKinds.Ecc, EventSeverity.Critical, Components.Memory, "Uncorrectable memory error (double bit)",
            "Restart the work that used the GPU; reset the GPU when the driver asks for it."),
        DriverEventType.SingleBitEccStorm => Make(told, EventKinds.Ecc, EventSeverity.Warning, Components.Memory, "Storm of corrected memory errors (single bit)",
            "Watch remapped rows; run diagnostics at the next chance."),
        DriverEventType.DramRetirement => Make(told, EventKinds.Ecc, EventSeverity.Warning, Components.Memory, "Device memory is being retired",
            "Reset the GPU once it is drained, so that the memory is taken out of use."),
        DriverEventType.DramRetirementFailure => Make(told, EventKinds.Ecc, EventSeverity.Critical, Components.Memory, "Device memory could not be retired",
            "Drain the node and have the GPU replaced."),
        DriverEventType.NonFatalPoison => Make(told, EventKinds.Ecc, EventSeverity.Warning, Components.Memory, "Poisoned data was met and contained",
            "Restart the work that used the GPU."),
        DriverEventType.FatalPoison => Make(told, EventKinds.Ecc, EventSeverity.Critical, Components.Memory, "Poisoned data was met and could not be contained",
            "Drain the node and reset the GPU."),
        DriverEventType.GpuUnavailable => Make(told, EventKinds.Availability, EventSeverity.Critical, Components.Driver, "The GPU became unavailable",
            "Drain the node; see the kernel log and gpu_recovery_action."),
        DriverEventType.GpuRecoveryAction => Make(told, EventKinds.RecoveryAction, EventSeverity.Warning, Components.Driver, "The recovery action that the driver asks for changed",
            "Do what gpu_recovery_action says."),
        DriverEventType.PowerSourceChange => Make(told, EventKinds.PowerSource, EventSeverity.Info, Components.Power, "The power source of the GPU changed"),
        DriverEventType.MigConfigChange => Make(told, EventKinds.MigChange, EventSeverity.Info, "", "The GPU was divided anew (MIG)"),
        DriverEventType.DriverUnbind => Make(told, EventKinds.Driver, EventSeverity.Warning, Components.Driver, "The driver was unbound from a GPU"),
        DriverEventType.DriverBind => Make(told, EventKinds.Driver, EventSeverity.Info, Components.Driver, "The driver was bound to a GPU"),
        _ => null,
    };

    /// <summary>As the kernel's line would be, but for its words: where the log is closed to the agent, nothing else tells of it.</summary>
    private static Sighting Xid(DriverEvent told, int code)
    {
        if (code == UnknownXid) return Make(told, EventKinds.Xid, EventSeverity.Unknown, "", "XID whose number the driver does not tell") with { Code = code };
        var entry = XidCatalogue.Describe(code);
        return Make(told, EventKinds.Xid, entry.Severity, entry.Component, string.Create(CultureInfo.InvariantCulture, $"XID {code}: {entry.Title}"), entry.SuggestedAction) with
        {
            Code = code,
            Runbook = entry.Runbook,
        };
    }

    private static Sighting Make(DriverEvent told, string kind, EventSeverity severity, string component, string title, string action = "") => new()
    {
        Source = SourceName,
        // The number starts anew with the agent, the time does not.
        Key = string.Create(CultureInfo.InvariantCulture, $"{told.Time.UtcTicks}:{told.Number}"),
        Time = told.Time,
        Kind = kind,
        Gpu = told.Gpu is { } gpu ? new GpuReference(gpu.Index, gpu.Uuid, gpu.Serial, gpu.PciBusId) : null,
        Severity = severity,
        Component = component,
        Title = title,
        SuggestedAction = action,
    };

    private static Dictionary<string, string> Details(DriverEvent told)
    {
        var details = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["driver_event"] = DriverEventTypes.All.FirstOrDefault(known => known.Type == told.Type).Label ?? told.Type.ToString(),
        };
        if (told.GpuInstance is { } gi) details.Add("mig_gi", gi.ToString(CultureInfo.InvariantCulture));
        if (told.ComputeInstance is { } ci) details.Add("mig_ci", ci.ToString(CultureInfo.InvariantCulture));
        if (told.Type is DriverEventType.DriverBind or DriverEventType.DriverUnbind) details.Add("driver_gpu_id", told.Data.ToString(CultureInfo.InvariantCulture));
        return details;
    }
}
