using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules.Predicates;

public sealed class AbsenceTests
{
    private const string Power = "gpu_power_watts";

    private static AbsenceTrigger Absent(string? series, double seconds) => new(series is null ? null : Series(series), TimeSpan.FromSeconds(seconds));

    [Fact]
    public void A_series_that_lost_its_value_fires_after_the_time()
    {
        var harness = new RuleHarness(Rule(Absent(Power, 5))).Set(Power, 400);
        harness.Run(2).Set(Power, double.NaN).Run(10).Set(Power, 400).Run(1);
        // Last seen at 1.9 s.
        harness.Log.Should().Equal("00:00:06.9 fired rule 0", "00:00:12.0 cleared rule 0");
    }

    [Fact]
    public void What_was_never_there_is_not_missing()
    {
        var harness = new RuleHarness(Rule(Absent(Power, 5)), Rule(new NotTrigger(Absent(Power, 5)), "not")).Set(Power, double.NaN);
        harness.Run(20);
        harness.Log.Should().BeEmpty();
        harness.State().Should().Be(RuleState.NoData);
    }

    [Fact]
    public void A_GPU_that_gives_no_frames_fires_after_the_time()
    {
        var harness = new RuleHarness(Rule(Absent(null, 5))).Set(Power, 400, gpu: 0).Set(Power, 400, gpu: 1);
        harness.Run(2);
        harness.Silence(1);
        harness.Run(10);
        harness.Silence(1, isSilent: false);
        harness.Run(1);
        harness.Log.Should().Equal("00:00:07.0 fired rule 1", "00:00:12.0 cleared rule 1");
    }

    [Fact]
    public void Frames_that_cease_take_the_value_with_them_after_three_intervals()
    {
        var harness = new RuleHarness(Rule(Absent(Power, 5))).Set(Power, 400);
        harness.Run(2);
        harness.Silence(0);
        harness.Run(10);
        harness.Log.Should().Equal("00:00:07.3 fired rule 0");
    }

    [Fact]
    public void Time_in_which_the_agent_itself_stood_still_does_not_count()
    {
        var harness = new RuleHarness(Rule(Absent(null, 5)), Rule(Absent(Power, 5), "series")).Set(Power, 400);
        harness.Run(2).Skip(TimeSpan.FromMinutes(10), ticks: false);
        harness.Tick();
        harness.Run(5);
        harness.Log.Should().BeEmpty();
    }

    [Fact]
    public void A_series_of_the_node_that_is_gone_is_missing_for_its_instance()
    {
        var rule = Rule(Absent("gpu_agent_driver_call_stuck_seconds", 5)) with { Per = ["collector"] };
        var harness = new RuleHarness(rule).SetNode("gpu_agent_driver_call_stuck_seconds{collector=\"fast\"}", 0).SetNode("gpu_agent_driver_call_stuck_seconds{collector=\"slow\"}", 0);
        harness.Run(5);
        harness.RemoveNode("gpu_agent_driver_call_stuck_seconds{collector=\"slow\"}");
        harness.Run(10);
        harness.Log.Should().ContainSingle().Which.Should().EndWith("fired rule slow");
    }
}
