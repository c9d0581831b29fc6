using Monitoring.Agent.Devices;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Detection.Sources;

/// <summary>What a probe may look at.</summary>
/// <param name="Devices">Where sysfs, procfs and the library are.</param>
/// <param name="Node">The GPUs as NVML sees them.</param>
/// <param name="Time">The clock.</param>
/// <param name="BootId">What the kernel calls this boot; empty where it does not say.</param>
internal sealed record ProbeSurroundings(DeviceSettings Devices, NodeSampler Node, TimeProvider Time, string BootId);

/// <summary>Every probe of the node; each registers itself in its own file.</summary>
internal static class NodeProbes
{
    private static readonly SortedDictionary<string, Func<ProbeSurroundings, NodeProbe>> Makers = new(StringComparer.Ordinal);

    /// <summary>Names of all probes.</summary>
    internal static IReadOnlyCollection<string> Names => Makers.Keys;

    /// <summary>Adds a probe; called by module initialisers alone.</summary>
    internal static void Register(string name, Func<ProbeSurroundings, NodeProbe> make) => Makers.Add(name, make);

    /// <summary>Makes a source of each probe and registers their readings.</summary>
    internal static IReadOnlyList<ProbeSource> Create(ProbeSurroundings surroundings, SamplingSettings sampling, NodeReadings readings, ILogger<ProbeSource> logger)
    {
        IReadOnlyList<ProbeSource> sources = [.. Makers.Values.Select(make => new ProbeSource(make(surroundings), sampling.SlowInterval, surroundings.Time, logger))];
        foreach (var source in sources) source.Register(readings);
        readings.Add(MetricTable.ProbeStuck, () => sources.Select(static source => new NodeReading(source.Stuck.TotalSeconds, source.Name)));
        readings.Add(MetricTable.ProbeFailures, () => sources.Select(static source => new NodeReading(source.Failures, source.Name)));
        return sources;
    }
}
