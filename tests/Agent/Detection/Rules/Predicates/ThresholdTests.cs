using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules.Predicates;

public sealed class ThresholdTests
{
    private const string Temperature = "gpu_temperature_celsius{sensor=\"gpu\"}";
    private const string SmClock = "gpu_clock_hertz{domain=\"sm\"}";

    [Fact]
    public void Fires_with_the_frame_that_crosses_and_clears_with_the_one_that_returns()
    {
        var harness = new RuleHarness(Rule(Above(Temperature, 90))).Set(Temperature, 80);
        harness.Run(1.3).Set(Temperature, 91).Run(2).Set(Temperature, 90).Run(1);
        harness.Log.Should().Equal("00:00:01.3 fired rule 0", "00:00:03.3 cleared rule 0");
    }

    [Fact]
    public void A_series_that_is_read_slowly_counts_when_it_is_read()
    {
        var harness = new RuleHarness(Rule(Above("gpu_row_remap_pending", 0))).Set("gpu_row_remap_pending", 0);
        harness.Run(3).Set("gpu_row_remap_pending", 1).Run(10);
        harness.Log.Should().Equal("00:00:10.0 fired rule 0");
    }

    [Fact]
    public void A_bound_may_be_another_series()
    {
        var trigger = new ThresholdTrigger(Series(SmClock), Comparison.Below, new Bound(0, Series("gpu_clock_max_hertz{domain=\"sm\"}"), 0.5, 10));
        var harness = new RuleHarness(Rule(trigger)).Set(SmClock, 1000).Set("gpu_clock_max_hertz{domain=\"sm\"}", 1980);
        harness.Run(1);
        harness.Log.Should().BeEmpty();
        harness.Set(SmClock, 999).Run(1);
        harness.Log.Should().Equal("00:00:01.0 fired rule 0");
        harness.Events.Single().Title.Should().Be("rule on GPU 0: gpu_clock_hertz{domain=\"sm\"} is 999, needs < 1000 (0.5 * gpu_clock_max_hertz{domain=\"sm\"} + 10)");
        harness.Events.Single().Evidence.Values.Should().Equal(new Monitoring.Contracts.Events.EventValue(SmClock, 999, 1000));
    }

    [Fact]
    public void No_value_neither_fires_nor_clears()
    {
        var harness = new RuleHarness(Rule(Above(Temperature, 90))).Set(Temperature, double.NaN);
        harness.Run(1);
        harness.State().Should().Be(RuleState.NoData);
        harness.Set(Temperature, 95).Run(1).Set(Temperature, double.NaN).Run(1);
        harness.Log.Should().Equal("00:00:01.0 fired rule 0");
        harness.State().Should().Be(RuleState.Firing);
        harness.Set(Temperature, 80).Run(1);
        harness.Log.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(nameof(Combine.Sum), 6.9, true)]
    [InlineData(nameof(Combine.Sum), 7.1, false)]
    [InlineData(nameof(Combine.Maximum), 3.9, true)]
    [InlineData(nameof(Combine.Minimum), 1.1, false)]
    [InlineData(nameof(Combine.Mean), 2.3, true)]
    [InlineData(nameof(Combine.Count), 2.9, true)]
    [InlineData(nameof(Combine.Count), 3, false)]
    public void Several_series_become_one_value_and_those_without_one_are_left_out(string combine, double bound, bool fires)
    {
        var trigger = new ThresholdTrigger(Series("gpu_fan_speed_ratio", Enum.Parse<Combine>(combine)), Comparison.Above, new Bound(bound));
        var harness = new RuleHarness(Rule(trigger));
        foreach (var (fan, value) in new[] { (0, 1.0), (1, double.NaN), (2, 2), (3, 4) }) harness.Set($"gpu_fan_speed_ratio{{fan=\"{fan}\"}}", value);
        harness.Run(1);
        (harness.Log.Count == 1).Should().Be(fires);
    }

    [Theory]
    [InlineData("gpu_throttle_active{reason=\"hw_thermal\"}", 1)]
    [InlineData("gpu_throttle_active{reason!=\"hw_thermal\"}", 2)]
    [InlineData("gpu_throttle_active{reason=~\"hw_.*\"}", 2)]
    [InlineData("gpu_throttle_active{reason=~\"hw\"}", 0)]
    [InlineData("gpu_throttle_active{reason!~\"hw_.*\"}", 1)]
    [InlineData("gpu_throttle_active{reason!=\"\"}", 3)]
    [InlineData("gpu_throttle_active{link=\"\"}", 3)]
    public void Labels_are_matched_as_in_Prometheus(string selector, int matches)
    {
        var harness = new RuleHarness(Rule(new ThresholdTrigger(Series(selector, Combine.Count), Comparison.Equal, new Bound(matches))));
        foreach (var reason in new[] { "hw_thermal", "hw_slowdown", "sw_power_cap" }) harness.Set($"gpu_throttle_active{{reason=\"{reason}\"}}", 0);
        harness.Run(1);
        harness.State().Should().Be(matches == 0 ? RuleState.NoData : RuleState.Firing);
    }

    [Fact]
    public void Values_of_a_tier_that_is_no_longer_read_do_not_count()
    {
        var harness = new RuleHarness(Rule(Above(Temperature, 90), forSeconds: 2)).Set(Temperature, 95);
        harness.Run(1);
        harness.Silence(0);
        harness.Run(5);
        harness.State().Should().Be(RuleState.NoData);
        harness.Log.Should().BeEmpty();
    }
}
