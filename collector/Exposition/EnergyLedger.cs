namespace Monitoring.Collector.Exposition;

/// <summary>
/// Adds up what each GPU's energy counter has grown, so that the sum over a cluster only grows: a plain sum of counters would
/// fall with every node that leaves and leap with every one that returns.
/// </summary>
internal sealed class EnergyLedger
{
    private readonly Dictionary<string, double> lastByGpu = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Cluster, string Model), double> totals = [];
    private int seen;

    /// <summary>Energy by cluster and model since the ledger began, joules.</summary>
    public IReadOnlyDictionary<(string Cluster, string Model), double> Totals => totals;

    /// <summary>Starts a round.</summary>
    public void Begin() => seen = 0;

    /// <summary>Takes in a GPU's counter, joules. The first reading is only where counting starts.</summary>
    public void Take(GpuSlots gpu, double joules)
    {
        if (double.IsNaN(joules)) return;
        seen++;
        var key = (gpu.Cluster, gpu.Model);
        var grown = !lastByGpu.TryGetValue(gpu.Identity, out var last) ? 0
            // A driver that was loaded anew counts from 0.
            : joules >= last ? joules - last : joules;
        lastByGpu[gpu.Identity] = joules;
        totals[key] = totals.GetValueOrDefault(key) + grown;
    }

    /// <summary>Ends a round: forgets GPUs of nodes that are not known any more.</summary>
    public void End(Predicate<string> isNodeKnown)
    {
        if (seen == lastByGpu.Count) return;
        foreach (var gpu in lastByGpu.Keys)
            if (!isNodeKnown(gpu[..gpu.IndexOf('\0', StringComparison.Ordinal)])) lastByGpu.Remove(gpu);
    }
}
