using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Contracts.Events;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules;

public sealed class RuleProperties
{
    private static readonly string[] Metrics = ["gpu_power_watts", "gpu_energy_joules_total", "gpu_row_remap_pending", "gpu_throttle_active{reason=\"hw_thermal\"}", "gpu_throttle_active"];
    private static readonly double[] Values = [double.NaN, 0, 1, -1, 5, 100, 1e300, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon];

    [Fact]
    public void Random_triggers_over_random_frames_never_throw() => Check.One(
        Fuzzing.Cases(150),
        Prop.ForAll(Arb.From(from seed in Gen.Choose(0, int.MaxValue) select seed), static seed =>
        {
            var random = new Random(seed);
            var rule = Rule(Trigger(random, 3), forSeconds: random.Next(3), clearSeconds: random.Next(3)) with { AtLeastGpus = random.Next(1, 3) };
            var harness = new RuleHarness(rule);
            Play(harness, random, 300);
            foreach (var status in harness.Engine.Status()) status.Why.Should().NotBeNullOrEmpty();
            foreach (var record in harness.Events) EventJson.Read(EventJson.Write(record)).Id.Should().Be(record.Id);
            harness.Restart(TimeSpan.FromSeconds(random.Next(100)), rule);
            Play(harness, random, 100);
            Alternates(harness).Should().BeTrue();
        }));

    [Fact]
    public void What_is_unknown_never_fires_nor_does_its_negation() => Check.One(
        Fuzzing.Cases(100),
        Prop.ForAll(Arb.From(from seed in Gen.Choose(0, int.MaxValue) select seed), static seed =>
        {
            var random = new Random(seed);
            var trigger = Leaf(random, "gpu_fan_speed_ratio");
            var harness = new RuleHarness(Rule(trigger), Rule(new NotTrigger(trigger), "negation"), Rule(new NotTrigger(new NotTrigger(trigger)), "twice"))
                .Set("gpu_fan_speed_ratio", double.NaN).Set("gpu_power_watts", 1, gpu: 1);
            harness.Run(60);
            harness.Log.Should().BeEmpty();
        }));

    [Fact]
    public void What_fires_held_for_as_long_as_it_must() => Check.One(
        Fuzzing.Cases(100),
        Prop.ForAll(Arb.From(from seed in Gen.Choose(0, int.MaxValue) select seed), static seed =>
        {
            var random = new Random(seed);
            var hold = random.Next(1, 30);
            var harness = new RuleHarness(Rule(Above("gpu_power_watts", 500), forSeconds: hold / 10.0, clearSeconds: random.Next(10) / 10.0)).Set("gpu_power_watts", 0);
            List<bool> held = [];
            for (var i = 0; i < 500; i++)
            {
                var value = random.Next(12) switch { 0 => double.NaN, 1 => 100, _ => 600 };
                harness.Set("gpu_power_watts", value);
                held.Add(value > 500);
                var fired = harness.Changes.Count(static change => change.IsFiring);
                harness.Run(RuleHarness.Step);
                if (harness.Changes.Count(static change => change.IsFiring) == fired) continue;
                held.Count.Should().BeGreaterThan(hold);
                held.TakeLast(hold + 1).Should().NotContain(false);
            }
        }));

    private static bool Alternates(RuleHarness harness) =>
        harness.Changes.GroupBy(static change => (change.Gpu?.Index, change.Instance)).All(static instance => instance.Select(static (change, i) => change.IsFiring == (i % 2 == 0)).All(static fits => fits));

    private static void Play(RuleHarness harness, Random random, int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            harness.Set(Metrics[random.Next(Metrics.Length - 1)], random.Next(3) == 0 ? Values[random.Next(Values.Length)] : random.NextDouble() * 100, random.Next(3));
            switch (random.Next(20))
            {
                case 0: harness.Publish(EventKinds.Xid, random.Next(3), random.Next(4) is var gpu and < 3 ? gpu : null, TimeSpan.FromSeconds(random.Next(-100, 100))); break;
                case 1: harness.Skip(TimeSpan.FromSeconds(random.Next(5)), ticks: random.Next(2) == 0); break;
                case 2: harness.WallClockOffset = TimeSpan.FromHours(random.Next(-1000, 1000)); break;
                case 3: harness.Leave(random.Next(3), TimeSpan.FromDays(random.Next(2))); break;
                default: harness.Run(RuleHarness.Step); break;
            }
        }
    }

    private static TriggerDefinition Trigger(Random random, int depth) => (depth > 0 ? random.Next(5) : 4) switch
    {
        0 => new AllTrigger([Trigger(random, depth - 1), Trigger(random, depth - 1)]),
        1 => new AnyTrigger([Trigger(random, depth - 1), Trigger(random, depth - 1)]),
        2 => new NotTrigger(Trigger(random, depth - 1)),
        3 => Seen(EventKinds.Xid, random.Next(1, 3), random.Next(1, 100), random.Next(2) == 0),
        _ => Leaf(random, Metrics[random.Next(Metrics.Length)]),
    };

    private static TriggerDefinition Leaf(Random random, string metric)
    {
        var series = Series(metric, (Combine)random.Next(5));
        var comparison = (Comparison)random.Next(6);
        var bound = random.Next(3) == 0 ? new Bound(0, Series(metric), random.NextDouble(), random.Next(3)) : new Bound(random.Next(100));
        var window = TimeSpan.FromSeconds(random.Next(1, 20));
        return random.Next(9) switch
        {
            8 => new FallenTrigger(series),
            0 => new ThresholdTrigger(series, comparison, bound),
            1 => new WindowTrigger(series, (Statistic)random.Next(3), window, random.Next(2) * window, comparison, bound),
            2 => new RateTrigger(series, window, comparison, bound),
            3 => new IncreaseTrigger(series, window, comparison, bound),
            4 => new AbsenceTrigger(series, window),
            5 => new TimeShareTrigger(series, comparison, random.Next(100), window, (Comparison)random.Next(6), random.NextDouble()),
            6 => new HistoryTrigger(series, random.Next(2) == 0 ? 3 : -3, window, random.Next(3)),
            _ => new PeerTrigger(series, random.NextDouble() * 2, random.Next(1, 3), random.Next(2) == 0 ? null : Above(metric, 1)),
        };
    }
}
