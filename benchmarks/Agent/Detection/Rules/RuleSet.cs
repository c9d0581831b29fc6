using System.Globalization;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Benchmarks.Agent.Detection.Rules;

/// <summary>A hundred rules of every kind, all of them on fast series, and frames to feed them: nothing of it fires.</summary>
internal static class RuleSet
{
    internal const int Rules = 100;
    internal const int Gpus = 16;

    private const double Never = 1e12;

    private static readonly string[] Reasons = ["hw_thermal", "hw_power_brake", "hw_slowdown", "sw_thermal", "sw_power_cap", "sync_boost"];

    internal static FrameLayout Layout { get; } = new(
    [
        Fast("gpu_utilization_ratio"), Fast("gpu_memory_used_bytes"), Fast("gpu_memory_total_bytes"), Fast("gpu_power_watts"),
        Fast("gpu_clock_hertz", "domain", "sm"), Fast("gpu_clock_hertz", "domain", "memory"), Fast("gpu_temperature_celsius", "sensor", "gpu"),
        .. Reasons.Select(static reason => Fast("gpu_throttle_active", "reason", reason)),
    ]);

    internal static IReadOnlyList<GpuSubject> Subjects { get; } = [.. Enumerable.Range(0, Gpus).Select(static index => new GpuSubject(index, $"GPU-{index.ToString(CultureInfo.InvariantCulture)}"))];

    internal static IReadOnlyList<RuleDefinition> Definitions { get; } = [.. Enumerable.Range(0, Rules).Select(static number => new RuleDefinition
    {
        Name = $"rule_{number.ToString(CultureInfo.InvariantCulture)}",
        Trigger = Trigger(number % 10, TimeSpan.FromMinutes(1 + number / 10)),
        For = TimeSpan.FromMinutes(1),
    })];

    /// <summary>Fills in what a busy GPU shows at a frame.</summary>
    internal static void Fill(Span<double> values, int gpu, long frame)
    {
        var ripple = Math.Sin(frame * 0.1 + gpu);
        values.Clear();
        (values[0], values[1], values[2], values[3]) = (0.95, 6e10 + 1e8 * ripple, 8e10, 650 + 20 * ripple);
        (values[4], values[5], values[6]) = (1.9e9 + 1e7 * ripple, 2.6e9, 70 + ripple);
    }

    private static TriggerDefinition Trigger(int kind, TimeSpan window) => kind switch
    {
        0 => new ThresholdTrigger(Of("gpu_temperature_celsius"), Comparison.Above, new Bound(90)),
        1 => new ThresholdTrigger(Of("gpu_memory_used_bytes"), Comparison.Above, new Bound(0, Of("gpu_memory_total_bytes"), 0.98)),
        2 => new WindowTrigger(Of("gpu_power_watts"), Statistic.Mean, window, TimeSpan.Zero, Comparison.Above, new Bound(Never)),
        3 => new RateTrigger(Of("gpu_memory_used_bytes"), window, Comparison.Above, new Bound(Never)),
        4 => new IncreaseTrigger(Of("gpu_memory_used_bytes"), window, Comparison.Above, new Bound(Never)),
        5 => new TimeShareTrigger(Of("gpu_throttle_active", "hw_thermal"), Comparison.Above, 0, window, Comparison.Above, 0.01),
        6 => new TimeShareTrigger(Of("gpu_utilization_ratio"), Comparison.Below, 0.05, window, Comparison.Above, 0.9),
        7 => new HistoryTrigger(Of("gpu_power_watts"), 6, window, 200),
        8 => new PeerTrigger(Of("gpu_clock_hertz", "sm"), 0.85, 3, new ThresholdTrigger(Of("gpu_utilization_ratio"), Comparison.Above, new Bound(0.5))),
        _ => new AllTrigger(
        [
            new ThresholdTrigger(Of("gpu_utilization_ratio"), Comparison.Above, new Bound(0.98)),
            new NotTrigger(new ThresholdTrigger(Of("gpu_power_watts"), Comparison.Above, new Bound(300))),
            new EventTrigger(EventKinds.Xid, [], EventSeverity.Info, 1, window, false),
        ]),
    };

    private static SeriesSelector Of(string metric, string? value = null) =>
        new(metric, value is null ? [] : [new LabelMatcher(metric == "gpu_clock_hertz" ? "domain" : "reason", value)], Combine.Maximum);

    private static SeriesName Fast(string metric, string? label = null, string value = "") =>
        new(metric, label is null ? [] : [new(label, value)], Tier.Fast);
}
