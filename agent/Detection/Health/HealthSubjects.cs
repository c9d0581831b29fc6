using Monitoring.Agent.Devices;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Detection.Health;

/// <summary>A GPU that is there, with the components that it has.</summary>
internal sealed record HealthSubject(GpuSubject Gpu, IReadOnlyList<string> Components);

/// <summary>Whose health is watched.</summary>
internal sealed class HealthSubjects(NodeSampler node)
{
    private List<HealthSubject> present = [];
    private GpuIdentity?[] identities = [];

    /// <summary>Components of the node as a whole.</summary>
    internal static IReadOnlyList<string> OfNode { get; } = [Components.Driver, Components.Fabric, Components.Network];

    /// <summary>The GPUs that sampling has opened; the same list for as long as nothing changes. Used by one thread.</summary>
    internal IReadOnlyList<HealthSubject> Present()
    {
        var lanes = node.Lanes;
        if (IsSame(lanes)) return present;
        identities = [.. lanes.Select(static lane => lane.Identity)];
        present =
        [
            .. from lane in lanes
               let gpu = lane.Identity
               let series = lane.Sampler?.Sets[0].Series
               where gpu is not null && series is not null
               select new HealthSubject(new GpuSubject(gpu.Index, gpu.Uuid, gpu.Serial, gpu.PciBusId, gpu.Model), OfGpu(HasLinks(series), HasFabric(series))),
        ];
        return present;
    }

    private bool IsSame(GpuLane[] lanes)
    {
        if (lanes.Length != identities.Length) return false;
        var place = 0;
        for (var i = 0; i < lanes.Length; i++)
        {
            if (!ReferenceEquals(lanes[i].Identity, identities[i])) return false;
            if (lanes[i] is not { Identity: not null, Sampler: { } sampler }) continue;
            if (place == present.Count) return false;
            var (series, components) = (sampler.Sets[0].Series, present[place++].Components);
            if (HasLinks(series) != components.Contains(Components.Nvlink) || HasFabric(series) != components.Contains(Components.Fabric)) return false;
        }
        return place == present.Count;
    }

    /// <summary>Components of a GPU: links and a fabric where it has them; the network is the node's.</summary>
    internal static IReadOnlyList<string> OfGpu(bool hasLinks, bool hasFabric) =>
    [
        .. Components.All.Where(component => component switch
        {
            Components.Nvlink => hasLinks,
            Components.Fabric => hasFabric,
            Components.Network => false,
            _ => true,
        }),
    ];

    private static bool HasLinks(SeriesSet series) => series.RangeOf(MetricTable.NvLinkUp).Count > 0;

    private static bool HasFabric(SeriesSet series)
    {
        // The first state is not_supported; one of the others is 1 where there is a fabric.
        var (start, count) = series.RangeOf(MetricTable.FabricState);
        for (var i = start + 1; i < start + count; i++)
            if (series.Value(i) > 0) return true;
        return false;
    }
}
