using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Detection.Rules;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules.Predicates;

/// <summary>
/// Triggers over windows against the same worked out anew from all samples at every step. A window is as long as 60 steps, so that each
/// of its buckets holds one sample and both must agree to the step: the window is the sample now and the 60 before.
/// </summary>
public sealed class OracleTests
{
    private const string Gauge = "gpu_power_watts";
    private const string Counter = "gpu_energy_joules_total";
    private const int Steps = 60;
    private const double CounterSeconds = 1;

    // No sum, share or mean of small whole numbers hits it.
    private const double Odd = 0.0123456789;
    private static readonly TimeSpan CounterStep = TimeSpan.FromSeconds(CounterSeconds);
    private static readonly TimeSpan Window = Steps * RuleHarness.Step;
    private static readonly TimeSpan CounterWindow = Steps * CounterStep;

    private delegate bool? Oracle(IReadOnlyList<double> samples);

    [Fact]
    public void Mean_of_a_window() => Agree(Gauge, static random => random.Next(10), bound =>
        (new WindowTrigger(Series(Gauge), Statistic.Mean, Window, TimeSpan.Zero, Comparison.Above, new Bound(bound)),
            samples => OverWindow(samples, static values => values.Average()) is { } mean ? mean > bound : null), 4.5);

    [Fact]
    public void Least_of_a_window() => Agree(Gauge, static random => random.Next(60), bound =>
        (new WindowTrigger(Series(Gauge), Statistic.Minimum, Window, TimeSpan.Zero, Comparison.Above, new Bound(bound)),
            samples => OverWindow(samples, static values => values.Min()) is { } least ? least > bound : null), 1);

    [Fact]
    public void Highest_of_a_window() => Agree(Gauge, static random => random.Next(60), bound =>
        (new WindowTrigger(Series(Gauge), Statistic.Maximum, Window, TimeSpan.Zero, Comparison.Below, new Bound(bound)),
            samples => OverWindow(samples, static values => values.Max()) is { } highest ? highest < bound : null), 58);

    [Fact]
    public void Share_of_time() => Agree(Gauge, static random => random.Next(4), share =>
        (new TimeShareTrigger(Series(Gauge), Comparison.AtLeast, 3, Window, Comparison.Above, share), samples =>
        {
            var (watched, _) = Watched(samples);
            var held = Last(samples).Count(static sample => sample.Step > 0 && sample.Value >= 3);
            return watched >= Steps / 2 ? held / (double)watched > share : held / (double)Steps > share ? true : null;
        }), 0.25);

    [Fact]
    public void Growth_of_a_counter() => Agree(Counter, CounterStep, Counting(), bound =>
        (new IncreaseTrigger(Series(Counter), CounterWindow, Comparison.Above, new Bound(bound)), samples =>
        {
            var (grown, watched) = Growth(samples);
            return grown > bound ? true : watched >= Steps / 2 ? false : null;
        }), 18);

    [Fact]
    public void Rate_of_a_counter() => Agree(Counter, CounterStep, Counting(), bound =>
        (new RateTrigger(Series(Counter), CounterWindow, Comparison.Above, new Bound(bound)), samples =>
        {
            var (grown, watched) = Growth(samples);
            if (watched >= Steps / 2) return grown / (watched * CounterSeconds) > bound;
            return grown / (Steps * CounterSeconds) > bound ? true : null;
        }), 0.3);

    [Fact]
    public void Distance_from_the_past() => Agree(Gauge, static random => random.Next(30) == 0 ? 40 : random.Next(10), scores =>
        (new HistoryTrigger(Series(Gauge), scores, Window, 0), samples =>
        {
            if (double.IsNaN(samples[^1])) return null;
            double[] past = [.. Last(samples).SkipLast(1).Select(static sample => sample.Value).Where(double.IsFinite)];
            if (Last(samples).SkipLast(1).Count(static sample => sample.Step > 0 && double.IsFinite(sample.Value)) < Steps / 2) return null;
            var median = Median(past);
            var deviation = 1.4826 * Median([.. past.Select(value => Math.Abs(value - median))]);
            return samples[^1] > median && samples[^1] - median >= scores * deviation;
        }), 2);

    private static void Agree(string series, Func<Random, double> next, Func<double, (TriggerDefinition Trigger, Oracle Oracle)> make, double bound) =>
        Agree(series, RuleHarness.Step, () => next, make, bound);

    private static void Agree(string series, TimeSpan interval, Func<Func<Random, double>> source, Func<double, (TriggerDefinition Trigger, Oracle Oracle)> make, double bound) => Check.One(
        Fuzzing.Cases(40),
        Prop.ForAll(Arb.From(from seed in Gen.Choose(0, int.MaxValue) select seed), seed =>
        {
            var random = new Random(seed);
            var next = source();
            var (trigger, oracle) = make(bound * (0.8 + 0.4 * random.NextDouble()) + Odd);
            var harness = new RuleHarness(Rule(trigger));
            List<double> samples = [];
            var fires = false;
            for (var (step, absent) = (0, 0); step < 400; step++)
            {
                if (random.Next(40) == 0) absent = random.Next(1, random.Next(2) == 0 ? 5 : 90);
                var value = next(random);
                samples.Add(absent-- > 0 ? double.NaN : value);
                harness.Set(series, samples[^1]).Run(interval);
                fires = oracle(samples) ?? fires;
                (harness.Changes is [.., var change] && change.IsFiring).Should().Be(fires, $"that is so at step {step} of seed {seed}");
            }
        }));

    /// <summary>A counter that mostly stands still, and sometimes begins anew.</summary>
    private static Func<Func<Random, double>> Counting() => static () =>
    {
        var count = 1000.0;
        return random => count = random.Next(150) == 0 ? random.Next(3) : count + (random.Next(3) == 0 ? random.Next(3) : 0);
    };

    private static IEnumerable<(int Step, double Value)> Last(IReadOnlyList<double> samples) =>
        Enumerable.Range(Math.Max(0, samples.Count - Steps - 1), Math.Min(samples.Count, Steps + 1)).Select(step => (step, samples[step]));

    /// <summary>How many samples of the window stand for time; the first of all stands for none.</summary>
    private static (int Watched, double[] Values) Watched(IReadOnlyList<double> samples)
    {
        var known = Last(samples).Where(static sample => double.IsFinite(sample.Value)).ToArray();
        return (known.Count(static sample => sample.Step > 0), [.. known.Select(static sample => sample.Value)]);
    }

    private static double? OverWindow(IReadOnlyList<double> samples, Func<double[], double> statistic)
    {
        var (watched, values) = Watched(samples);
        return watched >= Steps / 2 ? statistic(values) : null;
    }

    /// <summary>Growth and steps watched in the window. What grew while no value came is spread over that time, unless it was longer than the window.</summary>
    private static (double Grown, double Watched) Growth(IReadOnlyList<double> samples)
    {
        var (amounts, watched) = (new double[samples.Count], new double[samples.Count]);
        var last = -1;
        for (var step = 0; step < samples.Count; step++)
        {
            if (double.IsNaN(samples[step])) continue;
            var apart = step - last;
            if (last >= 0 && apart <= Steps)
            {
                var growth = samples[step] < samples[last] ? samples[step] : samples[step] - samples[last];
                if (apart <= 3) (amounts[step], watched[step]) = (amounts[step] + growth, watched[step] + apart);
                // Between two samples lie the buckets of the first and of those up to the second.
                else for (var between = last; between < step; between++) (amounts[between], watched[between]) = (amounts[between] + growth / apart, watched[between] + 1);
            }
            last = step;
        }
        var from = Math.Max(0, samples.Count - Steps - 1);
        return (amounts[from..].Sum(), watched[from..].Sum());
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values.Length % 2 == 1 ? values[values.Length / 2] : (values[values.Length / 2 - 1] + values[values.Length / 2]) / 2;
    }
}
