using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;
using static Monitoring.Contracts.Captures.SummaryNumbers;

namespace Monitoring.Agent.Capture.Summaries;

/// <summary>What stands out in the summary of a trace: a sentence each, with the numbers that it rests on. Thresholds are our own choice.</summary>
internal static class SummaryTriage
{
    private const double BusyAtLeast = 0.5;
    private const double LongGapSeconds = 1e-3; // what a host does between two steps; the driver starts a kernel in some microseconds
    private const double ShortGapSeconds = 1e-4;
    private const double GapShareAtMost = 0.2;
    private const double ShortKernelSeconds = 5e-5;
    private const double ExposedNcclAtMost = 0.2;
    private const double NcclShareAtMost = 0.5;
    private const double CopyShareAtMost = 0.3;
    private const double OneKernelAtMost = 0.5;
    private const double BusySpreadAtMost = 0.25;
    private const double StepFactorAtMost = 1.5;
    private const int StepsAtLeast = 3;
    private const double SampledIdlePercent = 20;
    private const double SpinningGraphicsPercent = 80;
    private const double SpinningSmPercent = 20;

    private static readonly Func<ProfilerSummary, Finding?>[] Rules =
        [ProfilerTrouble, NoGpuWork, GpuIdle, SampledIdle, HostWait, LaunchBound, NcclBound, CopyBound, OneKernelDominates, SpinningKernel, UnevenGpus, UnevenSteps];

    /// <summary>What stands out, the weightiest first; one finding that says so where nothing does.</summary>
    /// <param name="summary">Of its GPUs and metrics only those that the capture is of: what another job's GPU does is no finding of this one.</param>
    internal static IReadOnlyList<TriageFinding> Of(ProfilerSummary summary)
    {
        var findings = Rules.Select(rule => rule(summary)).OfType<Finding>().OrderByDescending(static finding => finding.Weight).Select(static finding => finding.Said).ToList();
        if (findings.Count == 0) findings.Add(new TriageFinding(TriageCodes.Unremarkable, "Nothing stands out.", []));
        return findings;
    }

    private static Finding? ProfilerTrouble(ProfilerSummary summary)
    {
        var errors = summary.Diagnostics.Where(static diagnostic => diagnostic.Severity is "error").ToList();
        if (errors.Count == 0 && !summary.IsIncomplete) return null;
        var words = errors.Count > 0 ? $"The profiler reports an error: {errors[0].Text}" : $"The report is not whole: {summary.Notes.FirstOrDefault("it says no more")}";
        return new Finding(2, new TriageFinding(TriageCodes.ProfilerTrouble, words, [new EventValue("errors", errors.Count, 0)]));
    }

    private static Finding? NoGpuWork(ProfilerSummary summary)
    {
        if (!summary.Recorded.Contains("cuda") || summary.Kernels is not null || summary.Copies is not null) return null;
        var calls = summary.ApiCalls?.Count ?? 0;
        var words = calls == 0
            ? $"CUDA was traced for {Seconds(summary.Window.Seconds)} and nothing used it: the process was not started under the profiler, or did no GPU work meanwhile."
            : $"{Count(calls)} CUDA calls were made in {Seconds(summary.Window.Seconds)} and no GPU ran a kernel or copy.";
        return new Finding(1.5, new TriageFinding(TriageCodes.NoGpuWork, words, [new EventValue("kernels", 0, 1), new EventValue("api_calls", calls)]));
    }

    private static Finding? GpuIdle(ProfilerSummary summary)
    {
        var idle = summary.Gpus.Where(static gpu => gpu.BusyRatio < BusyAtLeast).MinBy(static gpu => gpu.BusyRatio);
        if (idle is not { BusyRatio: { } busy }) return null;
        var edges = idle.IdleBeforeSeconds + idle.IdleAfterSeconds;
        var words = $"{GpuWords.Of(idle)} worked {Percent(busy)} of {Seconds(summary.Window.Seconds)}: {Seconds(edges)} idle before its first and after its last work"
            + (idle.Gaps.Count > 0 ? $", {Seconds(idle.Gaps.TotalSeconds)} in {Count(idle.Gaps.Count)} gaps between, the longest {Seconds(idle.Gaps.LongestSeconds)}." : ".");
        return new Finding(1 - busy, new TriageFinding(TriageCodes.GpuIdle, words,
            [new EventValue("busy_ratio", busy, BusyAtLeast), new EventValue("gap_seconds", idle.Gaps.TotalSeconds), new EventValue("longest_gap_seconds", idle.Gaps.LongestSeconds), new EventValue("edge_seconds", edges)]));
    }

    /// <summary>The same from sampled metrics, which see every process.</summary>
    private static Finding? SampledIdle(ProfilerSummary summary)
    {
        var idle = summary.Metrics.Where(static metric => IsPercentOf(metric, "SMs Active")).MinBy(static metric => metric.Mean);
        if (summary.Gpus.Count > 0 || idle is null || idle.Mean >= SampledIdlePercent) return null;
        var words = $"The multiprocessors of {GpuWords.Of(idle)} were active {Percent(idle.Mean / 100)} of the time on average, {Percent(idle.P95 / 100)} in the busiest twentieth.";
        return new Finding(1 - (idle.Mean / 100), new TriageFinding(TriageCodes.GpuIdle, words, [new EventValue("sms_active_ratio", idle.Mean / 100, SampledIdlePercent / 100)]));
    }

    private static Finding? HostWait(ProfilerSummary summary)
    {
        if (Gaps(summary, static length => length.BelowSeconds is null or > LongGapSeconds * 1.5) is not { } worst || worst.Share < GapShareAtMost) return null;
        var words = $"{GpuWords.Of(worst.Gpu)} waited for the host: {Count(worst.Count)} gaps of over {Seconds(LongGapSeconds)} make {Percent(worst.Share)} of the window. Input, Python or a synchronisation keeps it from work.";
        return new Finding(worst.Share, new TriageFinding(TriageCodes.HostWait, words, [new EventValue("long_gap_ratio", worst.Share, GapShareAtMost), new EventValue("long_gaps", worst.Count)]));
    }

    private static Finding? LaunchBound(ProfilerSummary summary)
    {
        if (Gaps(summary, static length => length.BelowSeconds is <= ShortGapSeconds * 1.5) is not { } worst || worst.Share < GapShareAtMost || worst.Gpu.Kernels == 0) return null;
        var mean = worst.Gpu.KernelSeconds / worst.Gpu.Kernels;
        if (mean > ShortKernelSeconds) return null;
        var words = $"{GpuWords.Of(worst.Gpu)} waited for launches: {Count(worst.Count)} gaps of under {Seconds(ShortGapSeconds)} make {Percent(worst.Share)} of the window between kernels of {Seconds(mean)} on average. CUDA graphs or larger batches help.";
        return new Finding(worst.Share, new TriageFinding(TriageCodes.LaunchBound, words,
            [new EventValue("short_gap_ratio", worst.Share, GapShareAtMost), new EventValue("mean_kernel_seconds", mean, ShortKernelSeconds)]));
    }

    private static Finding? NcclBound(ProfilerSummary summary)
    {
        if (summary.Nccl is not { } nccl || (nccl.KernelShareRatio < NcclShareAtMost && nccl.ExposedRatio is not >= ExposedNcclAtMost)) return null;
        var worst = nccl.Collectives[0];
        var words = $"NCCL took {Percent(nccl.KernelShareRatio)} of the kernels' time"
            + (nccl.ExposedRatio is { } ratio ? $", and for {Percent(ratio)} of the window nothing else ran" : "")
            + $"; {worst.Name} most, {Count(worst.Count)} times {Seconds(worst.MeanSeconds)}. Waiting for a slow peer shows as time of NCCL: compare with the peers.";
        return new Finding(Math.Max(nccl.ExposedRatio ?? 0, nccl.KernelShareRatio), new TriageFinding(TriageCodes.NcclBound, words,
            [new EventValue("nccl_exposed_ratio", nccl.ExposedRatio, ExposedNcclAtMost), new EventValue("nccl_kernel_share_ratio", nccl.KernelShareRatio, NcclShareAtMost)]));
    }

    private static Finding? CopyBound(ProfilerSummary summary)
    {
        if (summary.Copies is not { } copies) return null;
        // What stays in a GPU's own memory goes at its speed.
        var rows = copies.Rows.Where(static row => row.Kind is not (CopyKinds.DeviceToDevice or CopyKinds.ManagedDeviceToDevice or CopyKinds.Fill)).ToList();
        var seconds = rows.Sum(static row => row.TotalSeconds);
        var all = copies.TotalSeconds + (summary.Kernels?.TotalSeconds ?? 0);
        if (rows.Count == 0 || all <= 0 || seconds / all < CopyShareAtMost) return null;
        var share = seconds / all;
        var most = rows[0];
        var words = $"Copies to and from the GPUs took {Percent(share)} of their work; {most.Kind} most: {Bytes(most.Bytes)} in {Seconds(most.TotalSeconds)}"
            + (most.BytesPerSecond is { } rate ? $", {Bytes(rate)} a second." : ".");
        return new Finding(share, new TriageFinding(TriageCodes.CopyBound, words, [new EventValue("copy_ratio", share, CopyShareAtMost), new EventValue("copy_bytes", rows.Sum(static row => (double)row.Bytes))]));
    }

    private static Finding? OneKernelDominates(ProfilerSummary summary)
    {
        if (summary.Kernels is not { Names: > 1, Rows: [var top, ..] } || top.ShareRatio < OneKernelAtMost || KernelNames.IsNccl(top.Name)) return null;
        var words = $"One kernel took {Percent(top.ShareRatio)} of the kernels' time: {top.Name}, {Count(top.Count)} times {Seconds(top.MeanSeconds)}.";
        return new Finding(top.ShareRatio / 2, new TriageFinding(TriageCodes.OneKernelDominates, words, [new EventValue("kernel_share_ratio", top.ShareRatio, OneKernelAtMost), new EventValue("launches", top.Count)]));
    }

    private static Finding? SpinningKernel(ProfilerSummary summary)
    {
        foreach (var graphics in summary.Metrics.Where(static metric => IsPercentOf(metric, "GR Active") && metric.Mean >= SpinningGraphicsPercent))
        {
            if (summary.Metrics.FirstOrDefault(metric => (metric.Gpu, metric.Device) == (graphics.Gpu, graphics.Device) && IsPercentOf(metric, "SMs Active")) is not { } multiprocessors || multiprocessors.Mean > SpinningSmPercent) continue;
            var words = $"Something ran on {GpuWords.Of(graphics)} {Percent(graphics.Mean / 100)} of the time while its multiprocessors were active {Percent(multiprocessors.Mean / 100)}: a kernel that waits, such as a collective without its peers, looks so.";
            return new Finding(1, new TriageFinding(TriageCodes.SpinningKernel, words,
                [new EventValue("gr_active_ratio", graphics.Mean / 100, SpinningGraphicsPercent / 100), new EventValue("sms_active_ratio", multiprocessors.Mean / 100, SpinningSmPercent / 100)]));
        }
        return null;
    }

    private static Finding? UnevenGpus(ProfilerSummary summary)
    {
        if (summary.Gpus.Count < 2) return null;
        var least = summary.Gpus.MinBy(static gpu => gpu.BusyRatio ?? 0)!;
        var most = summary.Gpus.MaxBy(static gpu => gpu.BusyRatio ?? 0)!;
        var spread = (most.BusyRatio ?? 0) - (least.BusyRatio ?? 0);
        if (spread < BusySpreadAtMost) return null;
        var words = $"{GpuWords.Of(least)} worked {Percent(least.BusyRatio ?? 0)} of the window, {GpuWords.Of(most)} {Percent(most.BusyRatio ?? 0)}.";
        return new Finding(spread, new TriageFinding(TriageCodes.UnevenGpus, words, [new EventValue("busy_ratio_spread", spread, BusySpreadAtMost)]));
    }

    private static Finding? UnevenSteps(ProfilerSummary summary)
    {
        if (summary.Steps is not { Count: >= StepsAtLeast } steps || steps.MaxSeconds < StepFactorAtMost * steps.MedianSeconds) return null;
        var words = $"Steps are uneven: {steps.LongestName} took {Seconds(steps.MaxSeconds)}, the median of {Count(steps.Count)} is {Seconds(steps.MedianSeconds)}.";
        return new Finding(0.5, new TriageFinding(TriageCodes.UnevenSteps, words, [new EventValue("longest_step_seconds", steps.MaxSeconds, StepFactorAtMost * steps.MedianSeconds)]));
    }

    /// <summary>The GPU whose gaps of some lengths make the largest part of the window; null where there is no window.</summary>
    private static (GpuActivity Gpu, long Count, double Share)? Gaps(ProfilerSummary summary, Func<GapLength, bool> wanted) =>
        summary.Window.Seconds <= 0 || summary.Gpus.Count == 0 ? null : summary.Gpus
            .Select(gpu => (gpu, gpu.Gaps.Lengths.Where(wanted).Sum(static length => length.Count), gpu.Gaps.Lengths.Where(wanted).Sum(static length => length.TotalSeconds) / summary.Window.Seconds))
            .MaxBy(static found => found.Item3);

    private static bool IsPercentOf(GpuMetric metric, string name) => metric.Name == name && metric.Unit.Contains('%', StringComparison.Ordinal);

    private sealed record Finding(double Weight, TriageFinding Said);
}
