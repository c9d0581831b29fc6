using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules;

public sealed class RuleLimitTests
{
    private const string Power = "gpu_power_watts";

    private static readonly RuleDefinition Limited = Rule(Above(Power, 500)) with
    {
        Actions = RuleActions.Event | RuleActions.Capture,
        Limits = new RuleLimits(Events: 2, Captures: 3, Window: TimeSpan.FromMinutes(1), Cooldown: TimeSpan.FromSeconds(15)),
    };

    [Fact]
    public void Events_over_the_limit_are_counted_and_told_in_the_next()
    {
        var harness = new RuleHarness(Limited with { Actions = RuleActions.Event }).Set(Power, 400);
        for (var i = 0; i < 4; i++) Fire(harness);
        harness.Changes.Select(static change => change.Event is not null).Should().Equal(true, true, true, true, false, false, false, false);
        harness.Status("rule").Should().BeEquivalentTo(new { Fired = 4, Suppressed = 2 });
        harness.Run(60);
        Fire(harness);
        harness.Events.Should().HaveCount(6);
        harness.Events.ElementAt(4).Evidence.Details.Should().Contain("suppressed", "2");
    }

    [Fact]
    public void The_state_says_that_a_limit_holds_it_back()
    {
        var harness = new RuleHarness(Limited with { Actions = RuleActions.Event }).Set(Power, 400);
        Fire(harness);
        Fire(harness);
        harness.Status("rule").IsLimited.Should().BeFalse();
        harness.Set(Power, 600).Run(1);
        harness.Status("rule").IsLimited.Should().BeTrue();
        harness.Status("rule").Why.Should().Be("gpu_power_watts is 600, needs > 500; held back: 2 events in 1m are the limit");
        harness.Set(Power, 400).Run(1);
        harness.Status("rule").IsLimited.Should().BeFalse();
    }

    [Fact]
    public void Captures_have_a_cooldown_for_the_node_and_a_limit_for_each_GPU()
    {
        var harness = new RuleHarness(Limited).Set(Power, 400).Set(Power, 400, gpu: 1);
        harness.Set(Power, 600).Run(1).Set(Power, 600, gpu: 1).Run(1);
        harness.Changes.Select(static change => change.WantsCapture).Should().Equal(true, false);
        harness.Events.Last().Capture.Should().Be("no capture: the rule's last one was 1s ago, its cooldown is 15s");
        harness.Events.First().Capture.Should().BeNull();
        harness.Run(15).Set(Power, 400, gpu: 1).Run(1).Set(Power, 600, gpu: 1).Run(1);
        harness.Changes[^1].WantsCapture.Should().BeTrue();
    }

    [Fact]
    public void Captures_are_limited_in_a_window()
    {
        var harness = new RuleHarness(Limited with { Limits = Limited.Limits with { Cooldown = TimeSpan.Zero, Events = 100 } }).Set(Power, 400);
        for (var i = 0; i < 5; i++) Fire(harness);
        harness.Changes.Where(static change => change.IsFiring).Select(static change => change.WantsCapture).Should().Equal(true, true, true, false, false);
    }

    [Fact]
    public void A_rule_in_shadow_counts_and_does_nothing()
    {
        var harness = new RuleHarness(Limited with { Shadow = true }).Set(Power, 400);
        for (var i = 0; i < 3; i++) Fire(harness);
        harness.Changes.Should().HaveCount(6).And.OnlyContain(static change => change.Event == null && !change.WantsCapture);
        harness.Status("rule").Should().BeEquivalentTo(new { Fired = 3, Suppressed = 0, IsShadow = true, IsLimited = false });
    }

    [Fact]
    public void A_rule_may_ask_for_a_capture_alone()
    {
        var harness = new RuleHarness(Limited with { Actions = RuleActions.Capture }).Set(Power, 400);
        Fire(harness);
        harness.Events.Should().BeEmpty();
        harness.Changes[0].WantsCapture.Should().BeTrue();
    }

    private static void Fire(RuleHarness harness) => harness.Set(Power, 600).Run(1).Set(Power, 400).Run(1);
}
