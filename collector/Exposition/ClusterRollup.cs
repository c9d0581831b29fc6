using System.Buffers;
using System.Runtime.CompilerServices;
using Monitoring.Collector.Series;

namespace Monitoring.Collector.Exposition;

/// <summary>Sums over the GPUs of one model in one cluster, at one moment. What no GPU reports is absent, not 0.</summary>
internal sealed class ClusterTotals
{
    private double utilization;
    private int utilizationCount;

    /// <summary>Nodes with such GPUs.</summary>
    public int Nodes { get; set; }

    /// <summary>GPUs.</summary>
    public int Gpus { get; set; }

    /// <summary>GPUs that are throttled for any reason but having little to do; null where none says.</summary>
    public int? ThrottledGpus { get; private set; }

    /// <summary>Power, watts.</summary>
    public double? PowerWatts { get; private set; }

    /// <summary>Energy since the collector saw the GPUs first, joules; only grows.</summary>
    public double? EnergyJoules { get; set; }

    /// <summary>Mean utilisation, 0 to 1.</summary>
    public double? UtilizationRatio => utilizationCount == 0 ? null : utilization / utilizationCount;

    /// <summary>Memory in use, bytes.</summary>
    public double? MemoryUsedBytes { get; private set; }

    /// <summary>Memory there is, bytes.</summary>
    public double? MemoryTotalBytes { get; private set; }

    /// <summary>Adds a GPU.</summary>
    public void Add(GpuSlots gpu, ReadOnlySpan<double> values)
    {
        Gpus++;
        PowerWatts = Sum(PowerWatts, gpu.Power, values);
        MemoryUsedBytes = Sum(MemoryUsedBytes, gpu.MemoryUsed, values);
        MemoryTotalBytes = Sum(MemoryTotalBytes, gpu.MemoryTotal, values);
        if (gpu.Utilization >= 0 && !double.IsNaN(values[gpu.Utilization]))
        {
            utilization += values[gpu.Utilization];
            utilizationCount++;
        }

        var isThrottled = false;
        var says = false;
        foreach (var slot in gpu.ThrottleReasons)
        {
            says |= !double.IsNaN(values[slot]);
            isThrottled |= values[slot] > 0;
        }

        if (says) ThrottledGpus = (ThrottledGpus ?? 0) + (isThrottled ? 1 : 0);
    }

    private static double? Sum(double? sum, int slot, ReadOnlySpan<double> values)
        => slot < 0 || double.IsNaN(values[slot]) ? sum : (sum ?? 0) + values[slot];
}

/// <summary>Computes the totals of every cluster and model over the nodes that are heard.</summary>
internal sealed class ClusterRollup(SeriesStore store, TimeProvider time)
{
    // All gauges of one scrape ask within milliseconds of each other, and shall show one moment.
    private static readonly TimeSpan Validity = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private readonly ConditionalWeakTable<NodeLayout, List<GpuSlots>> slotsByLayout = [];
    private readonly EnergyLedger energy = new();
    private Dictionary<(string Cluster, string Model), ClusterTotals>? newest;
    private long newestTimestamp;

    /// <summary>The totals, at most a quarter of a second old. Scrapes wait for each other here; pushes and node pages do not.</summary>
    public IReadOnlyDictionary<(string Cluster, string Model), ClusterTotals> Read()
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            if (newest is null || time.GetElapsedTime(newestTimestamp, now) >= Validity)
            {
                newest = Compute(now);
                newestTimestamp = now;
            }

            return newest;
        }
    }

    private Dictionary<(string Cluster, string Model), ClusterTotals> Compute(long now)
    {
        var totals = new Dictionary<(string Cluster, string Model), ClusterTotals>();
        var counted = new HashSet<(string Cluster, string Model)>();
        energy.Begin();
        foreach (var node in store.Nodes.All)
        {
            if (!node.IsFresh(now) || !NodePage.TryRead(node, now, out var layout, out var values)) continue;
            counted.Clear();
            foreach (var gpu in slotsByLayout.GetValue(layout, found => GpuSlots.Find(node.Name, found)))
            {
                var key = (gpu.Cluster, gpu.Model);
                if (!totals.TryGetValue(key, out var total)) totals[key] = total = new ClusterTotals();
                total.Add(gpu, values);
                if (counted.Add(key)) total.Nodes++;
                if (gpu.Energy >= 0) energy.Take(gpu, values[gpu.Energy]);
            }

            ArrayPool<double>.Shared.Return(values);
        }

        energy.End(name => store.Nodes.TryGet(name, out _));
        foreach (var (key, joules) in energy.Totals)
        {
            if (!totals.TryGetValue(key, out var total)) totals[key] = total = new ClusterTotals();
            total.EnergyJoules = joules;
        }

        return totals;
    }
}
