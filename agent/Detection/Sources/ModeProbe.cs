using System.Runtime.CompilerServices;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Nvml;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Sources;

/// <summary>
/// Changes of a GPU's persistence mode and fabric state, from the latest samples. How long a fabric may take and what a wrong state
/// means is for rules; this is the record of when it changed.
/// </summary>
internal sealed class ModeProbe(Func<IEnumerable<GpuModes>> modes, TimeProvider time, string bootId = "") : NodeProbe(ProbeName, time, bootId)
{
    internal const string ProbeName = "modes";
    private const string Off = "off";

    // nvidia-persistenced may start after the agent.
    private static readonly TimeSpan PersistenceGraceAfterBoot = TimeSpan.FromMinutes(3);

    // As long as the rule for fabrics that are not complete waits.
    private static readonly TimeSpan FabricGraceAfterBoot = TimeSpan.FromMinutes(5);
    private static readonly int Completed = Array.IndexOf(NvmlGpu.FabricStateNames, "completed");

    [ModuleInitializer]
    internal static void Register() => NodeProbes.Register(ProbeName, static surroundings => new ModeProbe(() => GpuModes.Of(surroundings.Node), surroundings.Time, surroundings.BootId));

    protected override void Observe(ProbeMemory memory)
    {
        foreach (var gpu in modes())
        {
            var who = new GpuReference(gpu.Identity.Index, gpu.Identity.Uuid, gpu.Identity.Serial, gpu.Identity.PciBusId);
            if (gpu.Persistence is { } persistence) FollowPersistence(who, persistence, memory);
            if (gpu.Fabric is { } fabric) FollowFabric(who, fabric, memory);
        }
    }

    private void FollowPersistence(GpuReference who, bool isOn, ProbeMemory memory)
    {
        var name = "persistence " + who.Uuid;
        // Off where it was never on is how the node is set up.
        var before = memory[name];
        if (isOn || before is null) memory[name] = isOn ? InThisBoot : Off;
        if (isOn && before == Off && memory.Open(name) is null)
            Say(Make(EventKinds.Driver, EventSeverity.Info, Components.Driver, $"Persistence mode of GPU {who.Index} was switched on") with
            {
                Gpu = who,
                Values = [new EventValue("gpu_persistence_mode_enabled", 1)],
            });
        Follow(memory, name, !isOn && memory[name] != Off, () => Make(EventKinds.Driver, EventSeverity.Warning, Components.Driver, $"Persistence mode of GPU {who.Index} was switched off") with
        {
            Gpu = who,
            Details = new Dictionary<string, string>(StringComparer.Ordinal) { [DriverMatters.Detail] = DriverMatters.Persistence },
            Values = [new EventValue("gpu_persistence_mode_enabled", isOn ? 1 : 0)],
            SuggestedAction = "Start nvidia-persistenced: without it the GPU is initialised anew by every first program.",
        }, $"Persistence mode of GPU {who.Index} is on again", MayStillCome(memory[name], PersistenceGraceAfterBoot));
    }

    private void FollowFabric(GpuReference who, int state, ProbeMemory memory)
    {
        var name = "fabric " + who.Uuid;
        var now = NvmlGpu.FabricStateNames[state];
        var wasCompleted = memory[name] is not null;
        if (state == Completed) memory[name] = InThisBoot;
        if (!wasCompleted) return;
        Follow(memory, name, state != Completed, () => Make(EventKinds.Fabric, EventSeverity.Critical, Components.Fabric, $"GPU {who.Index} left the NVLink fabric: its state is {now}") with
        {
            Gpu = who,
            Values = [new EventValue($"gpu_fabric_state{{state=\"{now}\"}}", 1)],
            SuggestedAction = "Check Fabric Manager and the NVSwitches (SXid in the kernel log); reset the GPU once the fabric is well.",
        }, $"GPU {who.Index} is part of the NVLink fabric again", MayStillCome(memory[name], FabricGraceAfterBoot));
    }
}

/// <summary>Modes of a GPU as last sampled; null for one that it does not have or does not answer.</summary>
internal sealed record GpuModes(GpuIdentity Identity, bool? Persistence, int? Fabric)
{
    internal static IEnumerable<GpuModes> Of(NodeSampler node)
    {
        foreach (var lane in node.Lanes)
            if (lane is { Sampler: { } sampler, Identity: { Uuid.Length: > 0 } identity, IsLost: false })
                yield return new GpuModes(identity, SampledState.ValueOf(sampler, MetricTable.PersistenceMode) is { } mode ? mode == 1 : null, SampledState.Of(sampler, MetricTable.FabricState));
    }
}
