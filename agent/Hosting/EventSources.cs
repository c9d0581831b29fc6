using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.FabricManager;
using Monitoring.Agent.Detection.KernelLog;
using Monitoring.Agent.Detection.Sources;
using Monitoring.Agent.Devices.Pci;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Hosting;

/// <summary>Every event source of the node, for the agent and for a recording alike.</summary>
/// <param name="All">In the order in which they start.</param>
/// <param name="KernelLog">The kernel's log; null where it is not to be read.</param>
/// <param name="Journal">The journal in its place; null where neither is to be read.</param>
internal sealed record EventSources(IReadOnlyList<IEventSource> All, KernelLogSource? KernelLog, JournalSource? Journal)
{
    private const string Journalctl = "journalctl";

    /// <summary>The newest lines of the kernel's log.</summary>
    internal RecentLines RecentLines { get; init; } = new();

    /// <summary>Makes them; none is started.</summary>
    /// <param name="settings">Where to look.</param>
    /// <param name="node">The GPUs.</param>
    /// <param name="lanes">The threads that call the driver.</param>
    /// <param name="bootId">What the kernel calls this boot.</param>
    /// <param name="readings">Gets the readers of what the probes see.</param>
    /// <param name="gpuBefore">The GPU that a process used when the agent ended; null where that is not known.</param>
    internal static EventSources Create(
        AgentSettings settings, NodeSampler node, SupervisedLanes lanes, string bootId, NodeReadings readings, TimeProvider time, ILoggerFactory loggers,
        Func<long, GpuReference?>? gpuBefore = null)
    {
        var context = new LineContext(pid => GpuOf(node, pid) ?? gpuBefore?.Invoke(pid), new PciTopology(settings.Devices.Sysfs).Find);
        List<IEventSource> sources = [];
        KernelLogSource? kernel = null;
        JournalSource? journal = null;
        if (settings.Devices.KernelLog.Length > 0)
        {
            kernel = new KernelLogSource(settings.Devices.KernelLog, bootId, context, time, loggers.CreateLogger<KernelLogSource>());
            journal = new JournalSource(Journalctl, () => kernel.IsDenied, context, time, loggers.CreateLogger<JournalSource>());
            sources.AddRange([kernel, journal]);
        }
        if (settings.Devices.FabricManagerLog.Length > 0)
            sources.Add(new FabricManagerSource(settings.Devices.FabricManagerLog, time, loggers.CreateLogger<FabricManagerSource>()));
        sources.Add(new NvmlEventSource(node, time));
        sources.Add(new DriverStuckSource(lanes, time));
        sources.AddRange(NodeProbes.Create(new ProbeSurroundings(settings.Devices, node, time, bootId), settings.Sampling, readings, loggers.CreateLogger<ProbeSource>()));
        return new EventSources(sources, kernel, journal) { RecentLines = context.Recent };
    }

    private static GpuReference? GpuOf(NodeSampler node, long pid)
    {
        foreach (var lane in node.Lanes)
            if (lane is { Sampler: { } sampler, Identity: { } gpu } && sampler.Trail.Has(pid))
                return new GpuReference(gpu.Index, gpu.Uuid, gpu.Serial, gpu.PciBusId);
        return null;
    }
}
