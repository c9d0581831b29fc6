using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Capture.Summaries;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Summaries;

public sealed class ValueHistogramTests
{
    [Fact]
    public void Quantiles_are_those_of_the_sorted_values_within_a_percent() => Prop.ForAll(
        Arb.From(Gen.OneOf(Gen.Choose(0, 127), Gen.Choose(0, int.MaxValue), Gen.Choose(1000, 3000)).NonEmptyListOf()),
        static list =>
        {
            var histogram = new ValueHistogram();
            foreach (var value in list) histogram.Add(value);
            var sorted = list.Order().ToList();
            foreach (var part in (double[])[0, 0.5, 0.95, 1])
            {
                var expected = sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Count) - 1)];
                histogram.Quantile(part).Should().BeApproximately(expected, expected < 128 ? 0 : expected * 0.01);
            }
            (histogram.Count, histogram.Min, histogram.Max).Should().Be((list.Count, sorted[0], sorted[^1]));
            histogram.Mean.Should().BeApproximately(list.Average(), Math.Max(1e-9, list.Average() * 1e-9));
        }).Check(Fuzzing.Cases(100));

    [Fact]
    public void Values_that_are_no_metric_are_left_out()
    {
        var histogram = new ValueHistogram();
        foreach (var value in (double[])[double.NaN, double.PositiveInfinity, -1e300]) histogram.Add(value);
        histogram.Count.Should().Be(0);
        histogram.Add(-5);
        histogram.Quantile(0.95).Should().Be(-5);
    }
}
