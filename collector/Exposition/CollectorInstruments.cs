using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using Monitoring.Collector.Series;

namespace Monitoring.Collector.Exposition;

/// <summary>The collector's own metrics and the cluster rollups, as instruments. All counters exist at 0 from the start.</summary>
internal sealed class CollectorInstruments
{
    private readonly SeriesStore store;
    private readonly TimeProvider time;
    private readonly ClusterRollup rollup;

    /// <summary>Creates the instruments on <paramref name="meter"/>.</summary>
    public CollectorInstruments(Meter meter, SeriesStore store, ServiceDiscovery discovery, ClusterRollup rollup, TimeProvider time)
    {
        this.store = store;
        this.time = time;
        this.rollup = rollup;
        AddIngest(meter, store.Tally);
        AddNodes(meter, discovery);
        AddProcess(meter);
        AddRollups(meter);
    }

    private static void AddIngest(Meter meter, IngestTally tally)
    {
        meter.CreateObservableCounter("gpu.collector.pushes", () => tally.AcceptedPushes, "{push}", "Pushes accepted, those with refused points included.");
        meter.CreateObservableCounter("gpu.collector.samples", () => tally.AcceptedPoints, "{sample}", "Points stored; a histogram is one.");
        meter.CreateObservableCounter("gpu.collector.received", () => tally.ReceivedBytes, "By", "Bytes of pushes as they came over the wire.");
        meter.CreateObservableCounter("gpu.collector.clamped_timestamps", () => tally.ClampedPoints, "{sample}", "Points whose time lay in the future and was set to now.");
        meter.CreateObservableCounter("gpu.collector.rejected_pushes", () => Each<PushRejection>(tally.Rejected, Rejections.Label), "{push}", "Pushes refused as a whole, by reason.");
        meter.CreateObservableCounter("gpu.collector.rejected_points", () => Each<PointRejection>(tally.Rejected, Rejections.Label), "{sample}", "Points refused, by reason.");
    }

    private void AddNodes(Meter meter, ServiceDiscovery discovery)
    {
        meter.CreateObservableGauge("gpu.collector.nodes", CountNodes, "{node}", "Nodes known, by whether their data is fresh or has expired.");
        meter.CreateObservableGauge("gpu.collector.series", () => store.Nodes.All.Sum(static node => node.SlotCount), "{series}", "Series stored.");
        meter.CreateObservableGauge("gpu.collector.conflicting_series", CountConflicts, "{series}", "Series left off the pages because a younger source of the node reports the same one.");
        meter.CreateObservableGauge("gpu.collector.nodes_without_agent_address", () => discovery.NodesWithoutAgentAddress, "{node}", "Nodes that the target list via=agent leaves out, since no source of theirs states gpu.agent.address.");
    }

    private void AddProcess(Meter meter)
    {
        var version = Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        var started = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        meter.CreateObservableGauge("gpu.collector.build_info", () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", version)), null, "The collector's version; always 1.");
        meter.CreateObservableGauge("gpu.collector.start_time", () => started, "s", "When the collector started, seconds since 1970.");
        meter.CreateObservableCounter("gpu.collector.cpu", static () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time that the collector has used.");
        meter.CreateObservableGauge("gpu.collector.resident_memory", static () => Environment.WorkingSet, "By", "Memory of the collector that lies in RAM.");
    }

    private void AddRollups(Meter meter)
    {
        meter.CreateObservableGauge("gpu.cluster.nodes", () => Rolled(static total => total.Nodes), "{node}", "Nodes heard that have GPUs of the model.");
        meter.CreateObservableGauge("gpu.cluster.gpus", () => Rolled(static total => total.Gpus), "{gpu}", "GPUs heard.");
        meter.CreateObservableGauge("gpu.cluster.throttled_gpus", () => Rolled(static total => total.ThrottledGpus), "{gpu}", "GPUs throttled for any reason but having little to do.");
        meter.CreateObservableGauge("gpu.cluster.power", () => Rolled(static total => total.PowerWatts), "W", "Power of the GPUs heard.");
        meter.CreateObservableCounter("gpu.cluster.energy", () => Rolled(static total => total.EnergyJoules), "J", "Energy that the GPUs have used while this collector heard them.");
        meter.CreateObservableGauge("gpu.cluster.utilization", () => Rolled(static total => total.UtilizationRatio), "1", "Mean utilisation of the GPUs heard.");
        meter.CreateObservableGauge("gpu.cluster.memory_used", () => Rolled(static total => total.MemoryUsedBytes), "By", "Memory in use on the GPUs heard.");
        meter.CreateObservableGauge("gpu.cluster.memory_total", () => Rolled(static total => total.MemoryTotalBytes), "By", "Memory of the GPUs heard.");
    }

    private static IEnumerable<Measurement<long>> Each<TReason>(Func<TReason, long> count, Func<TReason, string> label)
        where TReason : struct, Enum
    {
        // The first is "none".
        foreach (var reason in Enum.GetValues<TReason>().Skip(1)) yield return new Measurement<long>(count(reason), new KeyValuePair<string, object?>("reason", label(reason)));
    }

    private IEnumerable<Measurement<int>> CountNodes()
    {
        var now = time.GetTimestamp();
        var listed = store.Listed().ToList();
        var fresh = listed.Count(node => node.IsFresh(now));
        yield return new Measurement<int>(fresh, new KeyValuePair<string, object?>("state", "fresh"));
        yield return new Measurement<int>(listed.Count - fresh, new KeyValuePair<string, object?>("state", "expired"));
    }

    private int CountConflicts()
    {
        var now = time.GetTimestamp();
        return store.Nodes.All.Where(node => node.IsFresh(now)).Sum(node => node.Layout(now).Conflicts);
    }

    private IEnumerable<Measurement<double>> Rolled(Func<ClusterTotals, double?> read)
    {
        foreach (var (key, totals) in rollup.Read())
        {
            if (read(totals) is not { } value) continue;
            var tags = new TagList { { "model", key.Model } };
            if (key.Cluster.Length > 0) tags.Add("cluster", key.Cluster);
            yield return new Measurement<double>(value, tags);
        }
    }
}
