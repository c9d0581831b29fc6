using System.Globalization;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Nvml;

namespace Monitoring.Agent.Sampling;

/// <summary>Answers for the node metrics that sampling knows: who the GPUs are, and how their lanes fare.</summary>
internal sealed class SamplingReadings(NodeSampler node, SupervisedLanes lanes, Freshness freshness, TimeProvider time)
{
    private const string Nvml = "nvml";
    private static readonly (Tier Tier, string Collector)[] Collectors = [(Tier.Fast, "nvml_fast"), (Tier.Medium, "nvml_medium"), (Tier.Slow, "nvml_slow")];

    /// <summary>Registers every reader.</summary>
    internal void Register(NodeReadings readings)
    {
        readings.Add(MetricTable.Devices, () => node.DeviceCount);
        readings.Add(MetricTable.DevicesExpected, () => node.DevicesExpected);
        readings.Add(MetricTable.Info, Info);
        readings.Add(MetricTable.ProcessMemory, ProcessMemory);
        readings.Add(MetricTable.SeriesCount, () => Opened().Sum(opened => opened.Sampler.Sets.Sum(FreshSeries)));
        readings.Add(MetricTable.LastCollection, LastCollection);
        readings.Add(MetricTable.CollectionDuration, () => PerTier(static (sampler, tier) => sampler.Duration(tier).TotalSeconds));
        readings.Add(MetricTable.Samples, () => PerTier(static (sampler, tier) => sampler.Samples(tier)));
        readings.Add(MetricTable.SamplesMissed, () => Opened().Select(opened => new NodeReading(opened.Lane.Missed, opened.Gpu, opened.Uuid)));
        readings.Add(MetricTable.SamplingFaults, () => Opened().Select(opened => new NodeReading(opened.Lane.Faults, opened.Gpu, opened.Uuid)));
        readings.Add(MetricTable.DriverCallStuck, () => lanes.All.Select(static lane => new NodeReading(lane.Watch.Stuck.TotalSeconds, lane.Gpu, lane.Uuid, Nvml)));
        readings.Add(MetricTable.DriverCallsStuck, () => lanes.All.Select(static lane => new NodeReading(lane.Watch.StuckCalls, lane.Gpu, lane.Uuid, Nvml)));
        readings.Add(MetricTable.DriverCalls, () => lanes.All.Select(static lane => new NodeReading(lane.Clock.Calls, lane.Gpu, lane.Uuid, Nvml)));
        readings.Add(MetricTable.DriverSeconds, () => lanes.All.Select(static lane => new NodeReading(lane.Clock.Inside.TotalSeconds, lane.Gpu, lane.Uuid, Nvml)));
        readings.Add(MetricTable.DriverEvents, DriverEvents);
        readings.Add(MetricTable.DriverErrors, () => Opened().SelectMany(opened =>
            opened.Lane.Errors?.Seen().Select(seen => new NodeReading(seen.Count, opened.Gpu, opened.Uuid, Nvml, seen.Code.Label)) ?? []));
    }

    private IEnumerable<NodeReading> Info() => Opened().Select(opened =>
    {
        var gpu = opened.Lane.Identity!;
        return new NodeReading(1, opened.Gpu, opened.Uuid, gpu.Model, gpu.Architecture, node.DriverVersion, node.CudaVersion, gpu.Vbios, gpu.Serial,
            gpu.BoardPart, gpu.PciBusId, node.Pci.NumaNode(gpu.PciBusId), gpu.Inforom);
    });

    // Every type stands there from the start, also one that this GPU does not have: a counter that is born at 1 is never seen to grow.
    private IEnumerable<NodeReading> DriverEvents() => Opened().SelectMany(opened => DriverEventTypes.All
        .Where(static known => (known.Type & DriverEventTypes.Noisy) != 0)
        .Select(known => new NodeReading(node.DriverEvents.Count(opened.Uuid, known.Type), opened.Gpu, opened.Uuid, known.Label)));

    private IEnumerable<NodeReading> ProcessMemory() => Opened().SelectMany(static opened => opened.Sampler.Processes
        .Where(static process => process.UsedBytes is not null)
        .Select(process => new NodeReading(process.UsedBytes!.Value, opened.Gpu, opened.Uuid, process.Pid.ToString(CultureInfo.InvariantCulture), process.Name)));

    private IEnumerable<NodeReading> LastCollection()
    {
        var now = time.GetUtcNow();
        return Opened().SelectMany(opened => Collectors
            .Where(collector => opened.Sampler.Sets[0].Series.ReadAt(collector.Tier) != SeriesSet.Never)
            .Select(collector => new NodeReading(
                (now - time.GetElapsedTime(opened.Sampler.Sets[0].Series.ReadAt(collector.Tier))).ToUnixTimeMilliseconds() / 1000.0,
                opened.Gpu, opened.Uuid, collector.Collector)));
    }

    private IEnumerable<NodeReading> PerTier(Func<GpuSampler, Tier, double> read) => Opened().SelectMany(opened => Collectors
        .Select(collector => new NodeReading(read(opened.Sampler, collector.Tier), opened.Gpu, opened.Uuid, collector.Collector)));

    private int FreshSeries(SampledSet set)
    {
        var count = 0;
        for (var i = 0; i < set.Series.All.Length; i++)
            if (!double.IsNaN(set.Series.Value(i)) && set.Sums.Of(set.Series.All[i].Metric) is null && freshness.IsFresh(set.Series, set.Series.All[i].Metric.Tier)) count++;
        return count + (freshness.IsFresh(set.Series, Tier.Slow) ? set.Sums.All.Count(static sum => !double.IsNaN(sum.Value())) : 0);
    }

    private IEnumerable<(GpuLane Lane, GpuSampler Sampler, string Gpu, string Uuid)> Opened()
    {
        foreach (var lane in node.Lanes)
            if (lane is { Sampler: { } sampler, Identity: { } identity })
                yield return (lane, sampler, lane.Index.ToString(CultureInfo.InvariantCulture), identity.Uuid);
    }
}
