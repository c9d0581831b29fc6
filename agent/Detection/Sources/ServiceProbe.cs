using System.Runtime.CompilerServices;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Pci;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Sources;

/// <summary>
/// The driver's services, without asking systemd: a service is installed when its unit file is there, and runs while its control group
/// holds a process. The kernel keeps the group, so it cannot say "active" of a service that died; the links of
/// <c>/run/systemd/units</c> stay behind for failed ones. Where no control group of the system can be seen, as in a container without
/// the host's, nothing is said.
/// </summary>
internal sealed class ServiceProbe(DeviceSettings devices, PciInventory pci, Func<bool> hasFabric, TimeProvider time, string bootId = "") : NodeProbe(ProbeName, time, bootId)
{
    internal const string ProbeName = "services";
    internal const string FabricManager = "nvidia-fabricmanager";

    // At boot the agent may be up before the services are; Fabric Manager waits for the switches for minutes.
    private static readonly TimeSpan GraceAtStart = TimeSpan.FromMinutes(3);
    private static readonly string[] Services = [FabricManager, "nvidia-persistenced", "nvidia-imex"];

    private NodeReading[] active = [];

    internal override IEnumerable<(NodeMetric Metric, Func<IEnumerable<NodeReading>> Read)> Readings => [(MetricTable.ServiceActive, () => Volatile.Read(ref active))];

    [ModuleInitializer]
    internal static void Register() => NodeProbes.Register(ProbeName, static surroundings => new ServiceProbe(
        surroundings.Devices, surroundings.Node.Pci, () => HasFabric(surroundings.Node), surroundings.Time, surroundings.BootId));

    protected override void Observe(ProbeMemory memory)
    {
        List<NodeReading> readings = [];
        foreach (var service in Services)
        {
            if (!IsInstalled(service) || ServiceGroups.HoldProcess(devices.Sysfs, service) is not { } isActive) continue;
            readings.Add(new NodeReading(isActive ? 1 : 0, service));
            Compare(service, isActive, memory);
        }
        Volatile.Write(ref active, [.. readings]);
    }

    private void Compare(string service, bool isActive, ProbeMemory memory)
    {
        if (isActive) memory["active " + service] = InThisBoot;
        var seen = memory["active " + service];
        // Without its Fabric Manager no CUDA program starts on a machine with NVSwitches, so there it is missed even if it never ran.
        var isNeeded = service == FabricManager && (pci.NvSwitches().Count > 0 || hasFabric());
        // One that was missed is missed until it runs, though nothing may say now that it is needed: GPUs tell of the fabric when they are read.
        var isMissed = seen is not null || isNeeded || memory.Open("inactive " + service) is not null;
        Follow(memory, "inactive " + service, !isActive && isMissed, () => Make(EventKinds.Service, isNeeded ? EventSeverity.Critical : EventSeverity.Warning,
            service == FabricManager ? Components.Fabric : Components.Driver, $"The service {service} does not run{(isNeeded ? ", and this node's NVSwitches need it" : "")}") with
        {
            Values = [new EventValue($"gpu_service_active{{service=\"{service}\"}}", isActive ? 1 : 0, 1)],
            Details = new Dictionary<string, string>(StringComparer.Ordinal) { ["service"] = service },
            SuggestedAction = $"See `journalctl -u {service}`; start it with `systemctl restart {service}`.",
        }, $"The service {service} runs again", MayStillCome(seen, GraceAtStart));
    }

    private bool IsInstalled(string service)
    {
        foreach (var folder in devices.SystemdUnits.Split(':', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            if (File.Exists(Path.Combine(folder, service + ".service"))) return true;
        return false;
    }

    /// <summary>True when a GPU takes part in an NVLink fabric: on newer machines the switches are no PCI devices of their own.</summary>
    private static bool HasFabric(NodeSampler node)
    {
        foreach (var lane in node.Lanes)
            if (lane.Sampler is { } sampler && SampledState.Of(sampler, MetricTable.FabricState) is { } state && state != NotSupportedState) return true;
        return false;
    }

    private const int NotSupportedState = 0;
}
