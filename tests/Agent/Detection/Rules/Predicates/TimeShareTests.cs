using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules.Predicates;

public sealed class TimeShareTests
{
    private const string Throttled = "gpu_throttle_active{reason=\"hw_thermal\"}";

    private static readonly TimeShareTrigger Tenth = new(Series(Throttled), Comparison.Above, 0, TimeSpan.FromSeconds(60), Comparison.Above, 0.1);

    [Fact]
    public void Fires_once_the_share_is_passed_and_clears_once_it_is_not()
    {
        var harness = new RuleHarness(Rule(Tenth)).Set(Throttled, 0);
        harness.Run(70).Set(Throttled, 1).Run(7).Set(Throttled, 0).Run(100);
        // 60 buckets and the open one: a tenth of 60 to 61 s.
        harness.Log.Should().Equal("00:01:16.0 fired rule 0", "00:02:11.0 cleared rule 0");
    }

    [Fact]
    public void A_share_that_is_passed_already_needs_no_whole_window()
    {
        var harness = new RuleHarness(Rule(Tenth)).Set(Throttled, 1);
        harness.Run(7);
        harness.Log.Should().Equal("00:00:06.1 fired rule 0");
    }

    [Fact]
    public void Too_little_is_known_before_half_of_the_window()
    {
        var harness = new RuleHarness(Rule(Tenth)).Set(Throttled, 1);
        harness.Run(3).Set(Throttled, 0).Run(10);
        harness.State().Should().Be(RuleState.NoData);
        harness.Status("rule").Why.Should().StartWith("gpu_throttle_active{reason=\"hw_thermal\"} > 0 for 22.48").And.EndWith(" % of 1m (watched for 12.9s), needs > 10 %");
        harness.Run(20);
        harness.State().Should().Be(RuleState.Armed);
    }

    [Fact]
    public void A_gap_is_neither_throttled_nor_not()
    {
        var harness = new RuleHarness(Rule(Tenth)).Set(Throttled, 0);
        harness.Run(40).Set(Throttled, 1).Run(2).Skip(TimeSpan.FromSeconds(30)).Set(Throttled, 1).Run(0.2).Set(Throttled, 0).Run(60);
        harness.Log.Should().BeEmpty();
    }

    [Fact]
    public void No_value_is_neither_throttled_nor_not()
    {
        var harness = new RuleHarness(Rule(Tenth)).Set(Throttled, 1);
        harness.Run(5).Set(Throttled, double.NaN).Run(40);
        harness.Log.Should().BeEmpty();
        harness.State().Should().Be(RuleState.NoData);
    }

    [Fact]
    public void A_power_capped_GPU_is_not_thermally_throttled()
    {
        var harness = new RuleHarness(Rule(Tenth)).Set(Throttled, 0).Set("gpu_throttle_active{reason=\"sw_power_cap\"}", 1);
        harness.Run(300);
        harness.Log.Should().BeEmpty();
        harness.Status("rule").Why.Should().Be("gpu_throttle_active{reason=\"hw_thermal\"} > 0 for 0 % of 1m, needs > 10 %");
    }
}
