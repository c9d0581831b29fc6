using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules.Predicates;

public sealed class HistoryTests
{
    private const string Power = "gpu_power_watts";

    [Theory]
    [InlineData(5, 420, false)]
    [InlineData(5, 480, true)]
    [InlineData(5, 320, false)]
    [InlineData(-5, 320, true)]
    [InlineData(-5, 480, false)]
    public void Fires_where_the_value_is_far_from_its_own_past(double scores, double value, bool fires)
    {
        var harness = new RuleHarness(Rule(new HistoryTrigger(Series(Power), scores, TimeSpan.FromSeconds(60), 0))).Set(Power, 400);
        // Means of buckets of a second: 390, 400, 410 in turn; median 400, deviation 1.4826 * 10.
        harness.Run(TimeSpan.FromSeconds(90), elapsed => harness.Set(Power, 390 + (int)elapsed.TotalSeconds % 3 * 10));
        harness.Log.Should().BeEmpty();
        harness.Set(Power, value).Run(0.1);
        (harness.Log.Count == 1).Should().Be(fires);
        if (fires) harness.Log.Should().Equal("00:01:30.0 fired rule 0");
    }

    [Fact]
    public void A_steady_past_needs_the_least_distance()
    {
        var harness = new RuleHarness(Rule(new HistoryTrigger(Series(Power), 5, TimeSpan.FromSeconds(60), 50))).Set(Power, 400);
        harness.Run(90).Set(Power, 449).Run(1);
        harness.Log.Should().BeEmpty();
        harness.Set(Power, 450).Run(1);
        harness.Log.Should().Equal("00:01:31.0 fired rule 0");
        harness.Events.Single().Evidence.Values[0].Should().Be(new Monitoring.Contracts.Events.EventValue(Power, 450, 450));
    }

    [Fact]
    public void Nothing_is_known_before_half_of_the_window()
    {
        var harness = new RuleHarness(Rule(new HistoryTrigger(Series(Power), 5, TimeSpan.FromSeconds(60), 50))).Set(Power, 400);
        harness.Run(20).Set(Power, 4000).Run(5);
        harness.State().Should().Be(RuleState.NoData);
        harness.Status("rule").Why.Should().StartWith("gpu_power_watts is 4000, its past is known for").And.EndWith("of 1m, needs >= 5 and a distance of 50");
    }

    [Fact]
    public void What_lasts_for_half_of_the_window_is_normal()
    {
        var harness = new RuleHarness(Rule(new HistoryTrigger(Series(Power), 5, TimeSpan.FromSeconds(60), 50))).Set(Power, 400);
        harness.Run(90).Set(Power, 600).Run(60);
        harness.Log.Should().HaveCount(2).And.HaveElementAt(0, "00:01:30.0 fired rule 0");
        harness.Log[1].Should().Be("00:02:00.0 cleared rule 0");
    }
}
