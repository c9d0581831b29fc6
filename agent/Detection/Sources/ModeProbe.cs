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
internal sealed class ModeProbe(Func<IEnumerable<GpuModes>> modes, TimeProvider time) : NodeProbe(ProbeName, time)
{
    internal const string ProbeName = "modes";
    private static readonly int Completed = Array.IndexOf(NvmlGpu.FabricStateNames, "completed");

    [ModuleInitializer]
    internal static void Register() => NodeProbes.Register(ProbeName, static surroundings => new ModeProbe(() => GpuModes.Of(surroundings.Node), surroundings.Time));

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
        var now = isOn ? "on" : "off";
        if (memory[name] is { } before && before != now)
            Say(Make(EventKinds.Driver, isOn ? EventSeverity.Info : EventSeverity.Warning, Components.Driver, $"Persistence mode of GPU {who.Index} was switched {now}") with
            {
                Gpu = who,
                Values = [new EventValue("gpu_persistence_mode_enabled", isOn ? 1 : 0)],
                SuggestedAction = isOn ? "" : "Start nvidia-persistenced: without it the GPU is initialised anew by every first program.",
            });
        memory[name] = now;
    }

    private void FollowFabric(GpuReference who, int state, ProbeMemory memory)
    {
        var name = "fabric " + who.Uuid;
        var now = NvmlGpu.FabricStateNames[state];
        var wasCompleted = memory[name] is not null;
        if (state == Completed) memory[name] = "completed";
        if (!wasCompleted) return;
        Follow(memory, name, state != Completed, () => Make(EventKinds.Fabric, EventSeverity.Critical, Components.Fabric, $"GPU {who.Index} left the NVLink fabric: its state is {now}") with
        {
            Gpu = who,
            Values = [new EventValue($"gpu_fabric_state{{state=\"{now}\"}}", 1)],
            SuggestedAction = "Check Fabric Manager and the NVSwitches (SXid in the kernel log); reset the GPU once the fabric is well.",
        }, $"GPU {who.Index} is part of the NVLink fabric again");
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
