using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Summaries.Counters;

/// <summary>The summary of the agent's own metrics around a capture: means before, during and after, and what they say.</summary>
internal static class CountersSummary
{
    /// <summary>Series of a node of 16 GPUs that are read every second or more often.</summary>
    private const int SeriesAtMost = 1000;

    /// <summary>Makes the summary.</summary>
    /// <param name="means">A row for each GPU of the node and each metric, the captured GPUs and their neighbours; <see cref="CounterMeans.Peers"/> is filled in here.</param>
    /// <param name="captured">Indices of the GPUs that were captured.</param>
    /// <param name="window">When was recorded.</param>
    internal static ProfilerSummary Of(IReadOnlyList<CounterMeans> means, IReadOnlyCollection<int> captured, SummaryWindow window)
    {
        var rows = new List<CounterMeans>();
        foreach (var metric in means.GroupBy(static row => row.Metric, StringComparer.Ordinal))
        {
            foreach (var row in metric)
            {
                if (row.Gpu is { } gpu && !captured.Contains(gpu)) continue;
                if (row is { Before: null, During: null, After: null }) continue;
                rows.Add(row with { Before = Finite(row.Before), During = Finite(row.During), After = Finite(row.After), Peers = PeersOf(row, metric) });
            }
        }
        var kept = rows.Take(SeriesAtMost).ToList();
        return new ProfilerSummary(ProfilerNames.Counters)
        {
            Tool = "gpu-agent",
            Window = window,
            Counters = kept,
            Triage = CountersTriage.Of(kept),
            Notes = kept.Count < rows.Count ? [$"Of {rows.Count} series the first {SeriesAtMost} are kept."] : [],
        };
    }

    private static double? PeersOf(CounterMeans row, IEnumerable<CounterMeans> metric)
    {
        var peers = metric.Where(other => other.Gpu is not null && other.Gpu != row.Gpu).Select(static other => Finite(other.During)).OfType<double>().ToList();
        return row.Gpu is null || peers.Count == 0 ? null : peers.Average();
    }

    /// <summary>JSON has no other numbers.</summary>
    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
