using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Health;

/// <summary>
/// Judges events by kind and severity. Critical is unhealthy, a warning degraded, anything less says nothing; so two thirds of the XIDs,
/// which ask for a restart of the program alone, change no state. What began and was not yet ended holds until its end; what happened
/// at one instant is sticky where it is critical, and a warning for an hour.
/// </summary>
/// <param name="resolution">NVIDIA's bucket of immediate resolution of an XID, such as <c>RESTART_BM</c>; null for a code without one.</param>
internal sealed class EventVerdicts(Func<int, string?> resolution) : IEventVerdicts
{
    /// <summary>After the end of a condition a component stays bad for so long: a service or port that flaps does not make health flap.</summary>
    internal static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    /// <summary>How long a warning without an end is remembered.</summary>
    internal static readonly TimeSpan WarningLasts = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public HealthVerdict? Judge(EventRecord record)
    {
        var state = record.Severity switch
        {
            EventSeverity.Critical => HealthState.Unhealthy,
            EventSeverity.Warning => HealthState.Degraded,
            _ => HealthState.Healthy,
        };
        var component = Components.All.Contains(record.Component) ? record.Component : ComponentOf(record.Kind);
        if (state == HealthState.Healthy || component is null || record.Phase == EventPhase.Ended) return null;
        if (record.Phase == EventPhase.Started) return new HealthVerdict(state, component, ClearedBy.Condition, Settling);
        if (record.Kind == EventKinds.Xid && component == Components.Application && state == HealthState.Degraded) return null;
        return state == HealthState.Degraded
            ? new HealthVerdict(state, component, ClearedBy.Time, WarningLasts)
            : new HealthVerdict(state, component, Remedy(record), WarningLasts);
    }

    /// <summary>The component of kinds whose events carry none; null for kinds that are no matter of health.</summary>
    private static string? ComponentOf(string kind) => kind switch
    {
        EventKinds.Xid or EventKinds.RecoveryAction => Components.Compute,
        EventKinds.Sxid or EventKinds.Nvswitch or EventKinds.Fabric => Components.Fabric,
        EventKinds.GpuOffBus or EventKinds.PcieAer or EventKinds.Availability => Components.Pcie,
        EventKinds.Gsp or EventKinds.Driver or EventKinds.DriverStuck or EventKinds.Service => Components.Driver,
        EventKinds.Ecc => Components.Memory,
        EventKinds.Infiniband => Components.Network,
        _ => null,
    };

    private ClearedBy Remedy(EventRecord record) => record.Kind switch
    {
        EventKinds.GpuOffBus or EventKinds.PcieAer => ClearedBy.Reboot,
        EventKinds.Xid when record.Code is { } code => resolution(code) switch
        {
            "RESTART_BM" or "RESTART_VM" => ClearedBy.Reboot,
            "CONTACT_SUPPORT" => ClearedBy.Person,
            _ => ClearedBy.Reset,
        },
        // These are told with an end; one without comes from a source that saw the middle only.
        EventKinds.Availability or EventKinds.DriverStuck or EventKinds.Service or EventKinds.Infiniband => ClearedBy.Time,
        _ => ClearedBy.Reset,
    };
}
