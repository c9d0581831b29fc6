using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules.Predicates;

public sealed class WindowTests
{
    private const string Power = "gpu_power_watts";

    [Fact]
    public void A_mean_counts_once_half_of_its_window_was_watched()
    {
        var harness = new RuleHarness(Rule(Window(Statistic.Mean, 60, Comparison.Above, 500))).Set(Power, 600);
        harness.Run(30);
        harness.State().Should().Be(RuleState.NoData);
        harness.Status("rule").Why.Should().Be("mean(gpu_power_watts[1m]) is 600 as far as watched (29.9s), needs > 500");
        harness.Run(0.1);
        harness.Log.Should().Equal("00:00:30.0 fired rule 0");
    }

    [Fact]
    public void A_mean_follows_the_values_in_its_window()
    {
        var harness = new RuleHarness(Rule(Window(Statistic.Mean, 60, Comparison.Above, 500))).Set(Power, 400);
        // Of the 61 s that 60 buckets and the open one hold, more than half must be at 600.
        harness.Run(120).Set(Power, 600).Run(60);
        harness.Log.Should().Equal("00:02:30.0 fired rule 0");
    }

    [Theory]
    [InlineData(nameof(Statistic.Maximum), 600, "00:01:40.0 fired rule 0")]
    [InlineData(nameof(Statistic.Minimum), 200, "00:01:40.0 fired rule 0")]
    public void An_extreme_is_kept_for_the_window_and_a_sixtieth_at_most(string statistic, double value, string fired)
    {
        var comparison = statistic == nameof(Statistic.Maximum) ? Comparison.Above : Comparison.Below;
        var harness = new RuleHarness(Rule(Window(Enum.Parse<Statistic>(statistic), 60, comparison, statistic == nameof(Statistic.Maximum) ? 500 : 300))).Set(Power, 400);
        harness.Run(100).Set(Power, value).Run(0.1).Set(Power, 400).Run(100);
        harness.Log.Should().Equal(fired, "00:02:41.0 cleared rule 0");
    }

    [Fact]
    public void A_window_may_lie_in_the_past()
    {
        var ago = new WindowTrigger(Series(Power), Statistic.Mean, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(120), Comparison.Above, new Bound(500));
        var harness = new RuleHarness(Rule(ago)).Set(Power, 600);
        harness.Run(100).Set(Power, 100).Run(300);
        // Half of a window that ended two minutes ago: 150 s after the start; half of it at 100 W: another 100 s later.
        harness.Log.Should().HaveCount(2);
        Seconds(harness.Log[0]).Should().BeApproximately(150, 1);
        Seconds(harness.Log[1]).Should().BeApproximately(250, 20);
        harness.Log[0].Should().Contain("fired");
    }

    [Fact]
    public void Absent_values_are_not_in_the_mean_and_not_watched()
    {
        var harness = new RuleHarness(Rule(Window(Statistic.Mean, 60, Comparison.Above, 500))).Set(Power, 600);
        harness.Run(20).Set(Power, double.NaN).Run(20).Set(Power, 600).Run(10.2);
        harness.Log.Should().Equal("00:00:50.0 fired rule 0");
    }

    private static double Seconds(string line) => TimeSpan.Parse(line.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture).TotalSeconds;

    private static WindowTrigger Window(Statistic statistic, double seconds, Comparison comparison, double bound) =>
        new(Series(Power), statistic, TimeSpan.FromSeconds(seconds), TimeSpan.Zero, comparison, new Bound(bound));
}
