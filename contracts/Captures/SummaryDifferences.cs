namespace Monitoring.Contracts.Captures;

/// <summary>Every difference of two summaries, each with its effect.</summary>
internal static class SummaryDifferences
{
    /// <summary>What a change by its whole self weighs where nothing says which part of the time it makes.</summary>
    private const double WeightOfUnknown = 0.5;

    /// <summary>Launches from which on a mean is more than chance.</summary>
    private const int LaunchesAtLeast = 5;

    /// <param name="notCompared">Sections that one of the two lacks.</param>
    internal static IReadOnlyList<SummaryDifference> Of(ProfilerSummary before, ProfilerSummary after, out IReadOnlyList<string> notCompared)
    {
        var missing = new List<string>();
        var found = new List<SummaryDifference>();
        double? beforeSeconds = before.Window.Seconds > 0 ? before.Window.Seconds : null;
        double? afterSeconds = after.Window.Seconds > 0 ? after.Window.Seconds : null;

        if (Both("kernels", before.Kernels, after.Kernels, missing) is { } kernels) found.AddRange(Kernels(kernels.Before, kernels.After));
        found.AddRange(Nccl(before, after));
        if (beforeSeconds is { } first && afterSeconds is { } second)
        {
            if (Both("copies", before.Copies, after.Copies, missing) is { } copies) found.AddRange(Copies(copies.Before, first, copies.After, second));
            foreach (var (section, one, other) in (ReadOnlySpan<(string, SummaryTable?, SummaryTable?)>)
                [("api_calls", before.ApiCalls, after.ApiCalls), ("system_calls", before.SystemCalls, after.SystemCalls), ("ranges", before.Ranges, after.Ranges), ("operators", before.Operators, after.Operators)])
                if (Both(section, one, other, missing) is { } tables) found.AddRange(Times(section, tables.Before, first, tables.After, second));
        }
        if (before.Steps is { } steps && after.Steps is { } later)
            found.Add(new SummaryDifference("steps", "a step (median)", DifferenceMeasures.MeanSeconds, steps.MedianSeconds, later.MedianSeconds, Relative(steps.MedianSeconds, later.MedianSeconds)));
        found.AddRange(Gpus(before, after));
        found.AddRange(Metrics(before.Metrics, after.Metrics));
        found.AddRange(Counters(before.Counters, after.Counters));
        notCompared = missing;
        return found;
    }

    private static IEnumerable<SummaryDifference> Kernels(SummaryTable before, SummaryTable after)
    {
        foreach (var (name, one, other) in Pairs(before.Rows, after.Rows, static row => row.FullName is "" ? row.Name : row.FullName))
        {
            var shown = (other ?? one)!.Name;
            var (first, second) = (ShareOf(one, before), ShareOf(other, after));
            yield return new SummaryDifference("kernels", shown, DifferenceMeasures.KernelShareRatio, first, second, Apart(first, LeastShare(before), second, LeastShare(after)));
            if (one is not { Count: >= LaunchesAtLeast } || other is not { Count: >= LaunchesAtLeast }) continue;
            // The same kernel taking longer is a slow GPU, or other data.
            yield return new SummaryDifference("kernels", shown, DifferenceMeasures.MeanSeconds, one.MeanSeconds, other.MeanSeconds,
                Math.Max(one.ShareRatio, other.ShareRatio) * Relative(one.MeanSeconds, other.MeanSeconds));
        }
    }

    private static IEnumerable<SummaryDifference> Nccl(ProfilerSummary before, ProfilerSummary after)
    {
        // Where kernels were traced and none is NCCL's, its share is nothing; where none were traced it is unknown.
        if (before.Kernels is null || after.Kernels is null || (before.Nccl is null && after.Nccl is null)) yield break;
        foreach (var (name, one, other) in Pairs(before.Nccl?.Collectives ?? [], after.Nccl?.Collectives ?? [], static row => row.Name))
        {
            var first = one is null ? 0 : one.ShareRatio * before.Nccl!.KernelShareRatio;
            var second = other is null ? 0 : other.ShareRatio * after.Nccl!.KernelShareRatio;
            // A little above the same kernels by name, so that the collective is said first.
            yield return new SummaryDifference("nccl", name, DifferenceMeasures.KernelShareRatio, first, second, Math.Min(1, Math.Abs(first - second) * 1.01));
        }
        if ((before.Nccl is null ? 0 : before.Nccl.ExposedRatio) is { } alone && (after.Nccl is null ? 0 : after.Nccl.ExposedRatio) is { } aloneAfter)
            yield return new SummaryDifference("nccl", "exposed", DifferenceMeasures.WindowRatio, alone, aloneAfter, Math.Abs(alone - aloneAfter));
    }

    private static IEnumerable<SummaryDifference> Copies(CopyTable before, double beforeSeconds, CopyTable after, double afterSeconds)
    {
        foreach (var (kind, one, other) in Pairs(before.Rows, after.Rows, static row => row.Kind))
        {
            var (first, second) = ((one?.TotalSeconds ?? 0) / beforeSeconds, (other?.TotalSeconds ?? 0) / afterSeconds);
            yield return new SummaryDifference("copies", kind, DifferenceMeasures.WindowRatio, first, second, Math.Min(1, Math.Abs(first - second)));
            if (one?.BytesPerSecond is { } rate && other?.BytesPerSecond is { } laterRate)
                yield return new SummaryDifference("copies", $"the rate of {kind}", DifferenceMeasures.BytesPerSecond, rate, laterRate, Math.Min(1, Math.Max(first, second)) * Relative(rate, laterRate));
        }
    }

    private static IEnumerable<SummaryDifference> Times(string section, SummaryTable before, double beforeSeconds, SummaryTable after, double afterSeconds)
    {
        foreach (var (name, one, other) in Pairs(before.Rows, after.Rows, static row => row.Name))
        {
            double? first = one is not null ? one.TotalSeconds / beforeSeconds : before.OtherCount == 0 ? 0 : null;
            double? second = other is not null ? other.TotalSeconds / afterSeconds : after.OtherCount == 0 ? 0 : null;
            var effect = Apart(first, LeastSeconds(before) / beforeSeconds, second, LeastSeconds(after) / afterSeconds);
            // Threads that sleep side by side fill the window many times over: what counts is how much of itself it changed.
            var whole = Math.Max(1, Math.Max(first ?? 0, second ?? 0));
            yield return new SummaryDifference(section, name, DifferenceMeasures.WindowRatio, first, second, Math.Min(1, effect / whole) * WeightOfUnknown);
        }
    }

    private static IEnumerable<SummaryDifference> Gpus(ProfilerSummary before, ProfilerSummary after)
    {
        foreach (var (one, other) in Devices(before.Gpus, after.Gpus, static (one, other) => IsSame(one.Gpu, one.Device, other.Gpu, other.Device)))
        {
            if (one.BusyRatio is { } busy && other.BusyRatio is { } laterBusy)
                yield return new SummaryDifference("gpus", GpuWords.Of(other), DifferenceMeasures.WindowRatio, busy, laterBusy, Math.Abs(busy - laterBusy));
            var window = Math.Min(before.Window.Seconds, after.Window.Seconds);
            if (window > 0)
                yield return new SummaryDifference("gpus", $"the longest gap of {GpuWords.Of(other)}", DifferenceMeasures.LongestSeconds, one.Gaps.LongestSeconds, other.Gaps.LongestSeconds,
                    Math.Min(1, Math.Abs(one.Gaps.LongestSeconds - other.Gaps.LongestSeconds) / window));
        }
    }

    private static IEnumerable<SummaryDifference> Metrics(IReadOnlyList<GpuMetric> before, IReadOnlyList<GpuMetric> after)
    {
        foreach (var name in after.Select(static metric => (metric.Name, metric.Unit)).Distinct())
        {
            foreach (var (one, other) in Devices(
                [.. before.Where(metric => (metric.Name, metric.Unit) == name)], [.. after.Where(metric => (metric.Name, metric.Unit) == name)], static (one, other) => IsSame(one.Gpu, one.Device, other.Gpu, other.Device)))
            {
                var isPercent = name.Unit.Contains('%', StringComparison.Ordinal);
                yield return new SummaryDifference("metrics", $"{name.Name} of {GpuWords.Of(other)}", isPercent ? DifferenceMeasures.Percent : DifferenceMeasures.Value, one.Mean, other.Mean,
                    isPercent ? Math.Min(1, Math.Abs(one.Mean - other.Mean) / 100) : WeightOfUnknown * Relative(one.Mean, other.Mean));
            }
        }
    }

    private static IEnumerable<SummaryDifference> Counters(IReadOnlyList<CounterMeans> before, IReadOnlyList<CounterMeans> after)
    {
        // A total tells how long a machine has run, not what it does now; it would differ between any two.
        foreach (var metric in after.Select(static means => means.Metric).Where(static metric => !metric.Split('{')[0].EndsWith("_total", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal))
        {
            foreach (var (one, other) in Devices([.. before.Where(means => means.Metric == metric)], [.. after.Where(means => means.Metric == metric)], static (one, other) => one.Gpu == other.Gpu))
            {
                if (one.During is not { } first || other.During is not { } second) continue;
                var isRatio = metric.Contains("_ratio", StringComparison.Ordinal) || metric.StartsWith("gpu_throttle_active", StringComparison.Ordinal);
                yield return new SummaryDifference("counters", other.Gpu is null ? metric : $"{metric} of GPU {other.Gpu}", isRatio ? DifferenceMeasures.Ratio : DifferenceMeasures.Value, first, second,
                    isRatio ? Math.Min(1, Math.Abs(first - second)) : WeightOfUnknown * Relative(first, second));
            }
        }
    }

    /// <summary>Rows of both by GPU. One GPU on each side are compared whatever their numbers: a victim and its peer on another node.</summary>
    private static IEnumerable<(T Before, T After)> Devices<T>(IReadOnlyList<T> before, IReadOnlyList<T> after, Func<T, T, bool> isSame)
    {
        if (before.Count == 1 && after.Count == 1)
        {
            yield return (before[0], after[0]);
            yield break;
        }
        foreach (var later in after)
        {
            var index = 0;
            while (index < before.Count && !isSame(before[index], later)) index++;
            if (index < before.Count) yield return (before[index], later);
        }
    }

    /// <summary>The node's number says which GPU it is; where one of the two has none, such as one of an older agent, the profiler's must do.</summary>
    private static bool IsSame(int? gpu, int? device, int? otherGpu, int? otherDevice) => gpu is not null && otherGpu is not null ? gpu == otherGpu : device == otherDevice;

    private static IEnumerable<(string Name, T? Before, T? After)> Pairs<T>(IReadOnlyList<T> before, IReadOnlyList<T> after, Func<T, string> name)
        where T : class
    {
        var earlier = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var row in before) earlier.TryAdd(name(row), row);
        foreach (var row in after) yield return (name(row), earlier.Remove(name(row), out var same) ? same : null, row);
        foreach (var (left, row) in earlier) yield return (left, row, null);
    }

    private static (T Before, T After)? Both<T>(string section, T? before, T? after, List<string> missing)
        where T : class
    {
        if (before is not null && after is not null) return (before, after);
        if (before is not null || after is not null) missing.Add(section);
        return null;
    }

    private static double? ShareOf(SummaryRow? row, SummaryTable table) => row?.ShareRatio ?? (table.OtherCount == 0 ? 0 : null);

    /// <summary>What has no row has at most as much as the last that has one.</summary>
    private static double LeastShare(SummaryTable table) => table.Rows.Count == 0 ? 0 : table.Rows[^1].ShareRatio;

    private static double LeastSeconds(SummaryTable table) => table.Rows.Count == 0 ? 0 : table.Rows[^1].TotalSeconds;

    private static double Apart(double? before, double mostBefore, double? after, double mostAfter) => (before, after) switch
    {
        ({ } first, { } second) => Math.Abs(first - second),
        ({ } first, null) => Math.Max(0, first - mostAfter),
        (null, { } second) => Math.Max(0, second - mostBefore),
        _ => 0,
    };

    private static double Relative(double before, double after) => Math.Max(Math.Abs(before), Math.Abs(after)) is > 0 and var larger ? Math.Min(1, Math.Abs(before - after) / larger) : 0;
}
