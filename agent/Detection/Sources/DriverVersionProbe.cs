using System.Runtime.CompilerServices;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Sources;

/// <summary>
/// The versions of the driver's parts. A package that was updated while the old module stays loaded breaks every program that starts
/// from then on, and NVML with "Driver/library version mismatch"; the node looks well until then. Also says when the driver is loaded,
/// unloaded or replaced.
/// </summary>
internal sealed class DriverVersionProbe(DeviceSettings devices, Func<string> nvmlVersion, Func<bool> wasAsked, TimeProvider time) : NodeProbe(ProbeName, time)
{
    internal const string ProbeName = "driver_version";
    private const string Version = "version";
    private readonly DriverFiles files = new(devices.Procfs);
    private double mismatch = double.NaN;

    internal override IEnumerable<(NodeMetric Metric, Func<IEnumerable<NodeReading>> Read)> Readings =>
        [(MetricTable.DriverVersionMismatch, () => [new NodeReading(Volatile.Read(ref mismatch))])];

    [ModuleInitializer]
    internal static void Register() => NodeProbes.Register(ProbeName, static surroundings => new DriverVersionProbe(
        surroundings.Devices, () => surroundings.Node.DriverVersion, () => surroundings.Node.Rounds > 0, surroundings.Time));

    protected override void Observe(ProbeMemory memory)
    {
        var module = files.ModuleVersion();
        var nvml = nvmlVersion();
        // Before the driver was asked for the first time, its silence means nothing.
        if (module.Length == 0 && !wasAsked()) return;
        var file = files.LibraryFileVersion(devices.NvmlLibrary);
        (string Part, string Version)[] parts = [.. new[] { ("kernel module", module), ("NVML", nvml), ("library file", file) }.Where(static part => part.Item2.Length > 0)];
        var differ = parts.Select(static part => part.Version).Distinct().Count() > 1;
        Volatile.Write(ref mismatch, parts.Length == 0 ? double.NaN : differ ? 1 : 0);

        Follow(memory, "mismatch", differ, () => Make(EventKinds.Driver, EventSeverity.Warning, Components.Driver,
            "Parts of the driver are of different versions: " + string.Join(", ", parts.Select(static part => $"{part.Part} {part.Version}"))) with
        {
            Values = [new EventValue("gpu_driver_version_mismatch", 1, 0)],
            Details = new Dictionary<string, string>(parts.Select(static part => KeyValuePair.Create(part.Part.Replace(' ', '_'), part.Version)), StringComparer.Ordinal)
            {
                [DriverMatters.Detail] = DriverMatters.Versions,
            },
            SuggestedAction = "Drain the node, then reboot it or reload the kernel modules; the agent needs a restart only if the modules were reloaded.",
        }, "All parts of the driver are of one version");
        FollowVersion(module.Length > 0 ? module : nvml, memory);
    }

    private void FollowVersion(string version, ProbeMemory memory)
    {
        var before = memory[Version];
        if (version.Length > 0 && before is not null && before != version)
            Say(Make(EventKinds.Driver, EventSeverity.Info, Components.Driver, $"The driver was changed from {before} to {version}") with
            {
                Details = new Dictionary<string, string>(StringComparer.Ordinal) { ["before"] = before, ["now"] = version },
            });
        // A node that never had a driver since the agent knows it is not one that lost it.
        if (before is not null || version.Length > 0)
            Follow(memory, "unloaded", version.Length == 0, () => Make(EventKinds.Driver, EventSeverity.Warning, Components.Driver, $"The driver {before} was unloaded") with
            {
                Details = new Dictionary<string, string>(StringComparer.Ordinal) { [DriverMatters.Detail] = DriverMatters.Unloaded },
                SuggestedAction = "When nobody did so on purpose, see the kernel log; load it with `modprobe nvidia`.",
            }, $"The driver {version} is loaded");
        if (version.Length > 0) memory[Version] = version;
    }
}
