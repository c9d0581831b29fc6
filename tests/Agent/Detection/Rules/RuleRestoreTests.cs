using System.Text.Json;
using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Contracts.Events;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules;

public sealed class RuleRestoreTests
{
    private const string Power = "gpu_power_watts";
    private static readonly RuleDefinition Hot = Rule(Above(Power, 500), "hot", clearSeconds: 2);
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(20);

    [Fact]
    public void What_still_holds_does_not_fire_again()
    {
        var harness = new RuleHarness(Hot).Set(Power, 600);
        harness.Run(5).Restart(Away, Hot);
        harness.Run(5);
        harness.Log.Should().Equal("00:00:00.0 fired hot 0");
        harness.Status("hot").Since.Should().Be(harness.Changes[0].UnixMicroseconds);
        harness.Set(Power, 400).Run(5);
        harness.Events.Last().Should().BeEquivalentTo(new { Phase = EventPhase.Ended, Incident = harness.Events.First().Id });
        harness.Events.Last().Title.Should().StartWith("hot on GPU 0 ended after 32s:");
    }

    [Fact]
    public void What_fired_before_stands_as_firing_before_its_GPU_is_seen_again()
    {
        var harness = new RuleHarness(Hot).Set(Power, 600);
        harness.Run(5).Restart(Away, Hot);
        harness.Status("hot").Should().Match<RuleStatus>(static status => status.State == RuleState.Firing && status.Gpu!.Uuid == "GPU-00000000" && status.Why.StartsWith("fired before"));
        harness.Run(1);
        harness.Engine.Status().Should().ContainSingle().Which.Why.Should().Contain("is 600");
    }

    [Fact]
    public void What_no_longer_holds_clears()
    {
        var harness = new RuleHarness(Hot).Set(Power, 600);
        harness.Run(5);
        harness.Restart(Away, Hot);
        harness.Set(Power, 400).Run(5);
        harness.Log.Should().Equal("00:00:00.0 fired hot 0", "00:00:27.0 cleared hot 0");
    }

    [Fact]
    public void Events_in_a_window_are_still_in_it()
    {
        var rule = Rule(Seen(EventKinds.Xid, count: 2, seconds: 60), "xids");
        var harness = new RuleHarness(rule).Set(Power, 100);
        harness.Run(1);
        harness.Publish(EventKinds.Xid, 13);
        harness.Run(1).Restart(Away, rule);
        harness.Run(1);
        harness.Publish(EventKinds.Xid, 13);
        harness.Log.Should().Equal("00:00:23.0 fired xids 0");
        harness.Restart(Away, rule);
        harness.Run(30);
        harness.Log.Should().Equal("00:00:23.0 fired xids 0", "00:01:01.0 cleared xids 0");
    }

    [Fact]
    public void Limits_and_cooldowns_go_on()
    {
        var rule = Hot with { Actions = RuleActions.Event | RuleActions.Capture, Limits = new RuleLimits(1, 9, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1)), ClearFor = default };
        var harness = new RuleHarness(rule).Set(Power, 600);
        harness.Run(1).Set(Power, 400).Run(1).Restart(Away, rule);
        harness.Set(Power, 600).Run(1).Set(Power, 400).Run(1).Restart(Away, rule);
        harness.Run(80).Set(Power, 600).Run(1);
        harness.Changes.Where(static change => change.IsFiring).Select(static change => (change.Event is not null, change.WantsCapture)).Should().Equal((true, true), (false, false), (true, true));
        harness.Events.Last().Evidence.Details.Should().Contain("suppressed", "2");
        harness.Status("hot").Fired.Should().Be(3);
    }

    [Fact]
    public void A_rule_that_changed_meanwhile_is_ended()
    {
        var harness = new RuleHarness(Hot).Set(Power, 600);
        harness.Run(1).Restart(Away, Hot with { Severity = EventSeverity.Critical });
        harness.Log.Should().Equal("00:00:00.0 fired hot 0", "00:00:21.0 cleared hot 0");
        harness.Events.Last().Incident.Should().Be(harness.Events.First().Id);
    }

    [Fact]
    public void A_GPU_that_does_not_come_back_is_ended_after_a_while()
    {
        var harness = new RuleHarness(Hot).Set(Power, 600).Set(Power, 100, gpu: 1);
        harness.Run(1).Silence(0);
        harness.Restart(Away, Hot);
        harness.Run(300);
        harness.Log.Should().HaveCount(1);
        harness.Restart(Away, Hot);
        harness.Run(601);
        harness.Log.Should().HaveCount(2);
        harness.Events.Last().Title.Should().EndWith("not seen again since the agent was restarted");
    }

    [Fact]
    public void A_finding_in_the_journal_that_the_state_does_not_know_is_not_made_again()
    {
        var harness = new RuleHarness(Hot).Set(Power, 600);
        var before = harness.Engine.Save();
        harness.Run(1);
        var engine = new RuleEngine(RuleHarness.Node, harness, TimeSpan.TicksPerSecond);
        engine.Restore(before);
        foreach (var record in harness.Events.ToArray()) engine.Recall(record);
        engine.Use([Hot], 0);
        harness.Restart(engine.Save(), Hot);
        harness.Run(1).Set(Power, 100).Run(3);
        harness.Log.Should().Equal("00:00:00.0 fired hot 0", "00:00:04.0 cleared hot 0");
        harness.Events.Last().Incident.Should().Be(harness.Events.First().Id);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"instances\":[{\"rule\":\"hot\"}],\"last_captures\":{}}")]
    [InlineData("{\"instances\":[null],\"last_captures\":{}}")]
    [InlineData("{\"instances\":7,\"last_captures\":{}}")]
    public void A_state_that_cannot_be_read_is_as_none(string json)
    {
        var harness = new RuleHarness(Hot).Set(Power, 600);
        harness.Restart(JsonDocument.Parse(json).RootElement, Hot);
        harness.Run(1);
        harness.Log.Should().HaveCount(1);
    }
}
