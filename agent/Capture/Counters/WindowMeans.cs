using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Capture.Summaries.Counters;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Counters;

/// <summary>The counters of a capture as means before, during and after the recording.</summary>
internal static class WindowMeans
{
    /// <summary>Summarises the windows of every GPU of the node: those that were captured, and the others as their peers.</summary>
    internal static ProfilerSummary Summarise(IReadOnlyList<CounterWindow> windows, CaptureScope scope, DateTimeOffset from, DateTimeOffset to)
    {
        var (first, last) = (Microseconds(from), Microseconds(to));
        List<CounterMeans> means = [];
        // What is divided into instances has counters of its own kind; peers are whole GPUs.
        foreach (var window in windows.Where(static window => window.Instance.Length == 0))
            for (var series = 0; series < window.Series.Count; series++)
                if ((IsCounter(window.Series[series]) ? Rates(window, series, first, last) : Means(window, series, first, last)) is { } row) means.Add(row);
        return CountersSummary.Of(means, [.. scope.Gpus.Select(static gpu => gpu.Index)], new SummaryWindow((to - from).TotalSeconds, from));
    }

    private static CounterMeans? Means(CounterWindow window, int series, long first, long last)
    {
        Span<double> sums = stackalloc double[3];
        Span<int> counts = stackalloc int[3];
        sums.Clear();
        counts.Clear();
        foreach (var row in window.Rows)
        {
            if (double.IsNaN(row.Values[series])) continue;
            var phase = row.UnixMicroseconds < first ? 0 : row.UnixMicroseconds <= last ? 1 : 2;
            sums[phase] += row.Values[series];
            counts[phase]++;
        }
        return counts is [0, 0, 0] ? null : new CounterMeans(window.Gpu.Index, window.Series[series], Mean(sums, counts, 0), Mean(sums, counts, 1), Mean(sums, counts, 2));
    }

    /// <summary>What a counter has counted since the driver was loaded says nothing of the moment; how fast it grew does.</summary>
    private static CounterMeans? Rates(CounterWindow window, int series, long first, long last)
    {
        Span<double> growths = stackalloc double[3];
        Span<double> seconds = stackalloc double[3];
        growths.Clear();
        seconds.Clear();
        CounterRow? before = null;
        foreach (var row in window.Rows)
        {
            if (double.IsNaN(row.Values[series])) continue;
            // A step belongs to where it ends; a counter that begins anew has grown by what it shows.
            if (before is { } from)
            {
                var phase = row.UnixMicroseconds < first ? 0 : row.UnixMicroseconds <= last ? 1 : 2;
                var growth = row.Values[series] - from.Values[series];
                growths[phase] += growth >= 0 ? growth : row.Values[series];
                seconds[phase] += (row.UnixMicroseconds - from.UnixMicroseconds) / 1e6;
            }
            before = row;
        }
        return seconds is [0, 0, 0] ? null : new CounterMeans(window.Gpu.Index, $"rate({window.Series[series]})", Rate(growths, seconds, 0), Rate(growths, seconds, 1), Rate(growths, seconds, 2));
    }

    private static bool IsCounter(string series) => series.AsSpan(0, series.IndexOf('{', StringComparison.Ordinal) is var labels and >= 0 ? labels : series.Length).EndsWith("_total", StringComparison.Ordinal);

    private static double? Rate(ReadOnlySpan<double> growths, ReadOnlySpan<double> seconds, int phase) => seconds[phase] == 0 ? null : growths[phase] / seconds[phase];

    private static double? Mean(ReadOnlySpan<double> sums, ReadOnlySpan<int> counts, int phase) => counts[phase] == 0 ? null : sums[phase] / counts[phase];

    private static long Microseconds(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
