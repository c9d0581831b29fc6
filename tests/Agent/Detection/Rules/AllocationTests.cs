using FluentAssertions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules;

public sealed class AllocationTests
{
    private const string Clock = "gpu_clock_hertz{domain=\"sm\"}";

    public static TheoryData<string> Kinds => [.. Triggers.Keys];

    private static readonly Dictionary<string, TriggerDefinition> Triggers = new()
    {
        ["threshold"] = Above("gpu_power_watts", 1e9),
        ["threshold against a series"] = new ThresholdTrigger(Series(Clock), Comparison.Below, new Bound(0, Series("gpu_clock_max_hertz{domain=\"sm\"}"), 0.1)),
        ["threshold of several series"] = new ThresholdTrigger(Series("gpu_throttle_active", Combine.Maximum), Comparison.Above, new Bound(10)),
        ["window"] = new WindowTrigger(Series("gpu_power_watts"), Statistic.Mean, TimeSpan.FromSeconds(5), TimeSpan.Zero, Comparison.Above, new Bound(1e9)),
        ["window in the past"] = new WindowTrigger(Series("gpu_power_watts"), Statistic.Maximum, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), Comparison.Above, new Bound(1e9)),
        ["rate"] = new RateTrigger(Series("gpu_energy_joules_total"), TimeSpan.FromSeconds(5), Comparison.Above, new Bound(1e9)),
        ["increase"] = Grew("gpu_ecc_errors_total", 1e9, 30),
        ["absence"] = new AbsenceTrigger(Series("gpu_power_watts"), TimeSpan.FromSeconds(5)),
        ["absence of frames"] = new AbsenceTrigger(null, TimeSpan.FromSeconds(5)),
        ["fallen"] = new FallenTrigger(Series("gpu_throttle_active")),
        ["event"] = Seen(EventKinds.Xid),
        ["time share"] = new TimeShareTrigger(Series("gpu_throttle_active{reason=\"hw_thermal\"}"), Comparison.Above, 0, TimeSpan.FromSeconds(5), Comparison.Above, 2),
        ["history"] = new HistoryTrigger(Series("gpu_power_watts"), 5, TimeSpan.FromSeconds(5), 1e9),
        ["peers"] = new PeerTrigger(Series(Clock), 0.1, 1, Above("gpu_power_watts", 1)),
        ["composed"] = new AllTrigger([new NotTrigger(Above("gpu_power_watts", 1e9)), new AnyTrigger([Above("gpu_power_watts", 1e9), Above(Clock, 1e12)])]),
        ["firing"] = Above("gpu_power_watts", 1),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_frame_allocates_nothing(string kind)
    {
        var engine = new RuleEngine(RuleHarness.Node, new Nobody(), TimeSpan.TicksPerSecond);
        engine.Use([Rule(Triggers[kind], forSeconds: 1), Rule(Triggers[kind], "quorum") with { AtLeastGpus = 2 }], 0);
        string[] series = ["gpu_power_watts", Clock, "gpu_clock_max_hertz{domain=\"sm\"}", "gpu_energy_joules_total", "gpu_ecc_errors_total", "gpu_throttle_active{reason=\"hw_thermal\"}", "gpu_throttle_active{reason=\"hw_slowdown\"}"];
        var layout = new FrameLayout([.. series.Select(Name)]);
        GpuSubject[] gpus = [RuleHarness.Gpu(0), RuleHarness.Gpu(1), RuleHarness.Gpu(2)];
        var values = new double[series.Length];

        var frame = 0;
        Feed(400);

        Allocations.Of(() => Feed(300)).Should().Be(0);

        void Feed(int frames)
        {
            for (var end = frame + frames; frame < end; frame++) FeedOne();
        }

        void FeedOne()
        {
            var timestamp = frame * TimeSpan.FromMilliseconds(100).Ticks;
            var read = Tiers.Fast | (frame % 10 == 0 ? Tiers.Medium : Tiers.None) | (frame % 100 == 0 ? Tiers.Slow : Tiers.None);
            for (var i = 0; i < values.Length; i++) values[i] = frame + i;
            foreach (var gpu in gpus) engine.Take(gpu, layout, new FrameStamp(frame, timestamp / 10, timestamp, read), values);
            engine.Tick(timestamp, timestamp / 10);
        }
    }

    private sealed class Nobody : IRuleListener
    {
        public void Changed(RuleChange change)
        {
        }
    }
}
