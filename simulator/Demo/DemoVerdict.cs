using System.Globalization;
using Monitoring.Contracts.Events;

namespace Monitoring.Simulator.Demo;

/// <summary>What Prometheus should hold after a demo, and what of it is missing.</summary>
/// <param name="Prometheus">The demo's Prometheus.</param>
/// <param name="NodeCount">Simulated nodes.</param>
/// <param name="GpuCount">GPUs per node.</param>
internal sealed record DemoVerdict(PrometheusClient Prometheus, int NodeCount, int GpuCount)
{
    private static readonly string[] Jobs = [PrometheusConfiguration.CollectorJob, PrometheusConfiguration.AgentJob];

    /// <summary>GPUs whose power was scraped within the time, of all, per job.</summary>
    public async Task<string> CountsAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        var held = await Task.WhenAll(Jobs.Select(job => GpusAsync(job, within, cancellationToken)));
        var all = NodeCount * GpuCount;
        return string.Create(CultureInfo.InvariantCulture, $"Prometheus holds {held[0].Count} of {all} GPUs through the collector, {held[1].Count} of {all} from the agents");
    }

    /// <summary>Everything that is missing, a sentence each. Looks back over the demo, since an incident may have taken a GPU away.</summary>
    public async Task<IReadOnlyList<string>> MissingAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        var expected = Enumerable.Range(1, NodeCount)
            .SelectMany(node => Enumerable.Range(0, GpuCount), (node, gpu) => (DemoOptions.NodeName(node), gpu.ToString(CultureInfo.InvariantCulture)))
            .ToArray();
        var missing = new List<string>();
        foreach (var job in Jobs)
        {
            var held = await GpusAsync(job, within, cancellationToken);
            missing.AddRange(expected.Where(gpu => !held.Contains(gpu))
                .GroupBy(gpu => gpu.Item1)
                .Select(node => $"job {job}: no gpu_power_watts of {node.Key}, GPU {string.Join(", ", node.Select(gpu => gpu.Item2))}"));
            if (held.Count > expected.Length)
                missing.Add(string.Create(CultureInfo.InvariantCulture, $"job {job}: {held.Count} GPUs, and only {expected.Length} are simulated"));

            // Two scrapes may fail on a busy machine; a target that is down has no success at all in this time.
            var up = await Prometheus.LabelsAsync($"max_over_time(up{{job=\"{job}\"}}[10s]) == 1", cancellationToken);
            if (up.Count != NodeCount)
                missing.Add(string.Create(CultureInfo.InvariantCulture, $"job {job}: {up.Count} of {NodeCount} targets are up"));
        }
        return missing;
    }

    /// <summary>Whether the XID counters of every GPU were scraped both ways.</summary>
    public async Task<bool> HoldsXidCountersAsync(CancellationToken cancellationToken)
    {
        foreach (var job in Jobs)
        {
            var held = await Prometheus.LabelsAsync($"count by (node, gpu) (gpu_xid_events_total{{job=\"{job}\"}})", cancellationToken);
            if (held.Count < NodeCount * GpuCount)
                return false;
        }
        return true;
    }

    /// <summary>XIDs that were played and found, and whose counter did not grow in Prometheus, a sentence each.</summary>
    public async Task<IReadOnlyList<string>> UncountedAsync(IReadOnlyList<PlayedIncident> played, TimeSpan within, CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        foreach (var job in Jobs)
        {
            var counter = string.Create(CultureInfo.InvariantCulture, $"gpu_xid_events_total{{job=\"{job}\"}}[{Math.Ceiling(within.TotalSeconds):0}s]");
            var grown = (await Prometheus.LabelsAsync($"max_over_time({counter}) - min_over_time({counter}) > 0", cancellationToken))
                .Select(labels => (labels.GetValueOrDefault("node", ""), labels.GetValueOrDefault("gpu", ""), labels.GetValueOrDefault("xid", "")))
                .ToHashSet();
            missing.AddRange(
                from incident in played
                where incident is { Event: not null, Incident.Kind: EventKinds.Xid }
                let xid = string.Create(CultureInfo.InvariantCulture, $"{incident.Incident.Code}")
                where !grown.Contains((incident.Node.Name, incident.Gpu.ToString(CultureInfo.InvariantCulture), xid))
                select $"job {job}: gpu_xid_events_total of {incident.Node.Name}, GPU {incident.Gpu}, XID {xid} did not grow");
        }
        return missing;
    }

    private async Task<HashSet<(string, string)>> GpusAsync(string job, TimeSpan within, CancellationToken cancellationToken)
    {
        var query = string.Create(
            CultureInfo.InvariantCulture,
            $"count by (node, gpu) (count_over_time(gpu_power_watts{{job=\"{job}\"}}[{Math.Ceiling(within.TotalSeconds):0}s]))");
        return [.. (await Prometheus.LabelsAsync(query, cancellationToken))
            .Select(labels => (labels.GetValueOrDefault("node", ""), labels.GetValueOrDefault("gpu", "")))];
    }
}
