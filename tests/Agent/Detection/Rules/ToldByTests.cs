using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Contracts.Events;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules;

/// <summary>One incident that several rules see is one event.</summary>
public sealed class ToldByTests
{
    private const string Power = "gpu_power_watts";
    private static readonly RuleDefinition Xid = Rule(Seen(EventKinds.Xid, seconds: 30), "xid");
    private static readonly RuleDefinition Follower = Rule(Above(Power, 500), "follower", forSeconds: 2) with { ToldBy = ["xid"], Actions = RuleActions.Event | RuleActions.Capture };

    [Fact]
    public void What_another_rule_told_of_fires_without_an_event_and_shows_why()
    {
        var harness = Dead();
        harness.Log.Should().Equal("00:00:01.0 fired xid 0", "00:00:03.0 fired follower 0");
        harness.Events.Should().ContainSingle().Which.Rule.Should().Be("xid");
        harness.Changes[1].Should().BeEquivalentTo(new { Event = (object?)null, WantsCapture = false, ToldBy = "xid" });
        harness.Status("follower").Should().BeEquivalentTo(new { State = RuleState.Firing, IsLimited = true, Suppressed = 0 });
        harness.Status("follower").Why.Should().Be("gpu_power_watts is 600, needs > 500; no event: xid told of it");
    }

    [Fact]
    public void It_stays_one_incident_when_the_one_that_told_clears_first_and_over_a_restart()
    {
        var harness = Dead();
        harness.Run(40).Restart(TimeSpan.FromMinutes(5), Xid, Follower);
        harness.Run(30);
        harness.Events.Where(static record => record.Rule == "follower").Should().BeEmpty();
        harness.Set(Power, 100).Run(5);
        harness.Log.Should().HaveCount(4, "both cleared");
        harness.Events.Where(static record => record.Rule == "follower").Should().BeEmpty("what was not said to begin is not said to end");
        harness.Set(Power, 600).Run(5);
        harness.Events.Last().Should().BeEquivalentTo(new { Rule = "follower", Phase = EventPhase.Started }, "that is another incident");
    }

    [Fact]
    public void Another_GPU_is_another_incident()
    {
        var harness = new RuleHarness(Xid, Follower).Set(Power, 100).Set(Power, 600, gpu: 1);
        harness.Run(1);
        harness.Publish(EventKinds.Xid, 74);
        harness.Run(5);
        harness.Events.Select(static record => record.Rule).Should().Equal("xid", "follower");
    }

    [Fact]
    public void A_rule_that_told_nobody_keeps_no_other_quiet()
    {
        foreach (var silent in new[] { Xid with { Shadow = true }, Xid with { Actions = RuleActions.None }, Xid with { Limits = Xid.Limits with { Events = 0 } } })
        {
            var harness = Dead(silent);
            harness.Events.Should().ContainSingle(silent.ToString()).Which.Rule.Should().Be("follower");
        }
    }

    private static RuleHarness Dead(RuleDefinition? teller = null)
    {
        var harness = new RuleHarness(teller ?? Xid, Follower).Set(Power, 100);
        harness.Run(1);
        harness.Publish(EventKinds.Xid, 74);
        harness.Set(Power, 600).Run(5);
        return harness;
    }
}
