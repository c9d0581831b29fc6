using FluentAssertions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Health;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Health;

public sealed class HealthEvaluatorTests
{
    private readonly HealthUnderTest test = new();

    [Fact]
    public void A_node_without_reasons_is_healthy_in_every_component_that_it_has()
    {
        test.Now.State.Should().Be(HealthState.Healthy);
        test.Now.Components.Select(static component => component.Component).Should().Equal("driver", "fabric", "network");
        test.Now.Gpus.Should().HaveCount(2).And.OnlyContain(static gpu => gpu.IsPresent && gpu.State == HealthState.Healthy);
        test.Now.Gpus[0].Components.Select(static component => component.Component).Should()
            .Equal("driver", "memory", "thermal", "power", "pcie", "nvlink", "compute", "performance", "application");
    }

    [Fact]
    public void The_reason_of_a_firing_rule_says_what_why_since_and_what_to_do()
    {
        test.Fire(HealthUnderTest.Rule("hot"), HealthUnderTest.Gpu1);

        test.Now.State.Should().Be(HealthState.Unhealthy);
        test.Now.Gpus[0].State.Should().Be(HealthState.Healthy);
        var thermal = test.Now.Gpus[1].Components.Single(static component => component.State != HealthState.Healthy);
        thermal.Component.Should().Be("thermal");
        thermal.Reasons.Should().ContainSingle().Which.Should().BeEquivalentTo(new
        {
            Cause = "rule:hot", State = HealthState.Unhealthy, Text = "hot holds", Since = test.Time.GetUtcNow(), Rule = "hot",
            SuggestedAction = "Drain the node.", Runbook = "Book", ClearedBy = ClearedBy.Condition, IsHolding = true,
        });
    }

    [Fact]
    public void A_component_is_as_bad_as_its_worst_reason()
    {
        test.Fire(HealthUnderTest.Rule("warm", HealthState.Degraded), HealthUnderTest.Gpu0);
        test.Fire(HealthUnderTest.Rule("hot"), HealthUnderTest.Gpu0);

        test.Now.Gpus[0].Components.Single(static component => component.Component == "thermal").Reasons.Select(static reason => reason.Cause).Should().Equal("rule:hot", "rule:warm");

        test.Clear(HealthUnderTest.Rule("hot"), HealthUnderTest.Gpu0);
        test.Now.State.Should().Be(HealthState.Degraded);
    }

    [Fact]
    public void A_condition_ends_with_its_rule()
    {
        test.Fire(HealthUnderTest.Rule("hot"), HealthUnderTest.Gpu0);
        test.Clear(HealthUnderTest.Rule("hot"), HealthUnderTest.Gpu0);
        test.Now.State.Should().Be(HealthState.Healthy);
    }

    [Fact]
    public void Instances_of_a_rule_are_reasons_of_their_own()
    {
        var rule = HealthUnderTest.Rule("port_down", component: Components.Network);
        test.Fire(rule, null, "mlx5_0,1");
        test.Fire(rule, null, "mlx5_1,1");
        test.Clear(rule, null, "mlx5_0,1");

        test.Now.Components.Single(static component => component.Component == "network").Reasons.Should().ContainSingle().Which.Cause.Should().Be("rule:port_down:mlx5_1,1");
    }

    [Fact]
    public void What_time_clears_lasts_its_time_after_the_condition_ended_and_begins_again_when_it_comes_back()
    {
        var rule = HealthUnderTest.Rule("flaky", by: ClearedBy.Time);
        test.Fire(rule, HealthUnderTest.Gpu0);
        test.Advance(TimeSpan.FromHours(5));
        test.Clear(rule, HealthUnderTest.Gpu0);
        test.Advance(TimeSpan.FromMinutes(29));
        test.Now.State.Should().Be(HealthState.Unhealthy);
        test.Fire(rule, HealthUnderTest.Gpu0);
        test.Clear(rule, HealthUnderTest.Gpu0);
        test.Advance(TimeSpan.FromMinutes(29));
        test.Now.Gpus[0].Components.SelectMany(static component => component.Reasons).Single().Should().Match<HealthReason>(static reason => reason.Count == 2 && reason.ClearsAt != null);

        test.Advance(TimeSpan.FromMinutes(1));
        test.Now.State.Should().Be(HealthState.Healthy);
    }

    [Fact]
    public void A_step_of_the_wall_clock_clears_nothing()
    {
        var rule = HealthUnderTest.Rule("flaky", by: ClearedBy.Time);
        test.Fire(rule, HealthUnderTest.Gpu0);
        test.Clear(rule, HealthUnderTest.Gpu0);
        test.Time.WallClockOffset = TimeSpan.FromDays(3);
        test.Now.State.Should().Be(HealthState.Unhealthy);
    }

    [Fact]
    public void Shadow_rules_and_rules_without_a_health_state_say_nothing()
    {
        test.Fire(HealthUnderTest.Rule("shadow", shadow: true), HealthUnderTest.Gpu0);
        test.Fire(HealthUnderTest.Rule("healthy", HealthState.Healthy), HealthUnderTest.Gpu0);
        test.Now.State.Should().Be(HealthState.Healthy);
    }

    [Theory]
    [InlineData(nameof(ClearedBy.Reset), true)]
    [InlineData(nameof(ClearedBy.Reboot), false)]
    [InlineData(nameof(ClearedBy.Person), false)]
    public void A_reset_clears_what_a_reset_clears(string by, bool isCleared)
    {
        var rule = HealthUnderTest.Rule("broken", by: Enum.Parse<ClearedBy>(by));
        test.Fire(rule, HealthUnderTest.Gpu0);
        test.Clear(rule, HealthUnderTest.Gpu0);
        test.Now.State.Should().Be(HealthState.Unhealthy);

        test.Health.Reset(HealthUnderTest.Gpu1);
        test.Now.State.Should().Be(HealthState.Unhealthy);
        test.Health.Reset(HealthUnderTest.Gpu0);
        test.Now.State.Should().Be(isCleared ? HealthState.Healthy : HealthState.Unhealthy);
    }

    [Fact]
    public void A_condition_that_holds_through_a_reset_ends_when_it_no_longer_holds()
    {
        var rule = HealthUnderTest.Rule("remap_pending", by: ClearedBy.Reset);
        test.Fire(rule, HealthUnderTest.Gpu0);
        test.Health.Reset(null);
        test.Now.State.Should().Be(HealthState.Unhealthy);
        test.Clear(rule, HealthUnderTest.Gpu0);
        test.Now.State.Should().Be(HealthState.Healthy);
    }

    [Fact]
    public void A_reset_ends_at_once_what_a_rule_still_counts_of_the_past()
    {
        test.Fire(HealthUnderTest.Rule("fatal_xid", by: ClearedBy.Reset, onEvents: true), HealthUnderTest.Gpu0);
        test.Health.Reset(HealthUnderTest.Gpu0);
        test.Now.State.Should().Be(HealthState.Healthy);
    }

    [Fact]
    public void An_energy_counter_that_falls_is_a_reset()
    {
        test.Happen(EventKinds.Xid, 48, EventSeverity.Critical, HealthUnderTest.Gpu0);
        test.Health.TakeEnergy(HealthUnderTest.Gpu0, 1000, isPersistent: true);
        test.Health.TakeEnergy(HealthUnderTest.Gpu0, double.NaN, isPersistent: true);
        test.Health.TakeEnergy(HealthUnderTest.Gpu0, 1001, isPersistent: true);
        test.Now.State.Should().Be(HealthState.Unhealthy);

        test.Health.TakeEnergy(HealthUnderTest.Gpu0, 2, isPersistent: true);
        test.Now.State.Should().Be(HealthState.Healthy);
    }

    [Fact]
    public void The_same_event_again_counts_up()
    {
        for (var i = 0; i < 1000; i++) test.Happen(EventKinds.Xid, 48, EventSeverity.Critical, HealthUnderTest.Gpu0, component: Components.Memory);
        test.Now.Gpus[0].Components.Single(static component => component.Component == "memory").Reasons.Should().ContainSingle().Which.Count.Should().Be(1000);
    }

    [Fact]
    public void Reasons_are_bounded_and_the_least_make_room()
    {
        test.Fire(HealthUnderTest.Rule("worst"), HealthUnderTest.Gpu0);
        for (var i = 0; i < 100; i++) test.Fire(HealthUnderTest.Rule($"rule_{i}", HealthState.Degraded), HealthUnderTest.Gpu0);

        var reasons = test.Now.Gpus[0].Components.Single(static component => component.Component == "thermal").Reasons;
        reasons.Should().HaveCount(SubjectReasons.ReasonsPerComponent).And.Contain(static reason => reason.Cause == "rule:worst");
        test.Now.DroppedReasons.Should().Be(85);
    }

    [Fact]
    public void A_gpu_that_is_gone_is_shown_while_it_has_reasons()
    {
        test.Happen(EventKinds.Xid, 79, EventSeverity.Critical, HealthUnderTest.Gpu1);
        test.ShowGpus(HealthUnderTest.Gpu0);
        test.Now.Gpus.Should().HaveCount(2).And.ContainSingle(static gpu => !gpu.IsPresent && gpu.Uuid == "GPU-bbbb" && gpu.State == HealthState.Unhealthy);

        test.ShowGpus(HealthUnderTest.Gpu1);
        test.Now.Gpus.Should().ContainSingle().Which.IsPresent.Should().BeTrue();
    }

    [Fact]
    public void What_was_said_of_a_gpu_by_its_address_belongs_to_it_once_it_is_known()
    {
        var early = new HealthUnderTest();
        early.ShowGpus();
        early.Happen(EventKinds.Xid, 48, EventSeverity.Critical, HealthUnderTest.Gpu0 with { Uuid = "", Serial = "" });
        early.ShowGpus(HealthUnderTest.Gpu0);
        early.Now.Gpus.Should().ContainSingle().Which.Should().Match<GpuHealth>(static gpu => gpu.Uuid == "GPU-aaaa" && gpu.IsPresent && gpu.State == HealthState.Unhealthy);
    }

    [Fact]
    public void Conditions_of_rules_that_went_are_ended()
    {
        var (gone, stays) = (HealthUnderTest.Rule("gone"), HealthUnderTest.Rule("stays", HealthState.Degraded));
        test.Fire(gone, HealthUnderTest.Gpu0);
        test.Fire(stays, HealthUnderTest.Gpu0);

        test.Health.Reconcile([stays], [new RuleStatus("stays", HealthUnderTest.Gpu0, "", RuleState.Firing, 0, IsShadow: false, IsLimited: false, 1, 0, "")]);

        test.Now.Gpus[0].Components.SelectMany(static component => component.Reasons).Should().ContainSingle().Which.Rule.Should().Be("stays");
    }

    [Fact]
    public void An_event_and_the_rule_that_fires_for_it_give_one_reason()
    {
        var rule = HealthUnderTest.Rule("lost", by: ClearedBy.Person, component: Components.Compute, onEvents: true);
        var happened = test.Happen(EventKinds.Xid, 79, EventSeverity.Critical, HealthUnderTest.Gpu0, component: Components.Pcie);
        test.Fire(rule, HealthUnderTest.Gpu0);

        test.Now.Gpus[0].Components.SelectMany(static component => component.Reasons).Should().ContainSingle().Which.Should().Match<HealthReason>(reason =>
            reason.Cause == "xid:79" && reason.Rule == "lost" && reason.Count == 1 && reason.EventId == happened.Id && reason.SuggestedAction == "Drain the node."
            && reason.ClearedBy == ClearedBy.Person);

        // It fires on for the first while the second happens.
        test.Happen(EventKinds.Xid, 79, EventSeverity.Critical, HealthUnderTest.Gpu0, component: Components.Pcie);
        test.Now.Gpus[0].Components.SelectMany(static component => component.Reasons).Should().ContainSingle().Which.Should().Match<HealthReason>(static reason =>
            reason.Count == 2 && reason.Rule == "lost" && reason.ClearedBy == ClearedBy.Person);

        test.Clear(rule, HealthUnderTest.Gpu0);
        test.Now.Gpus[0].State.Should().Be(HealthState.Unhealthy, "what happened is not undone when the rule's window ends");
    }

    [Fact]
    public void A_rule_makes_the_reason_of_its_event_worse_and_never_better()
    {
        test.Happen(EventKinds.Xid, 79, EventSeverity.Warning, HealthUnderTest.Gpu0, component: Components.Pcie);
        test.Fire(HealthUnderTest.Rule("lost", onEvents: true), HealthUnderTest.Gpu0);
        test.Now.Gpus[0].State.Should().Be(HealthState.Unhealthy);

        test.Happen(EventKinds.Xid, 79, EventSeverity.Critical, HealthUnderTest.Gpu1, component: Components.Pcie);
        test.Fire(HealthUnderTest.Rule("lost", HealthState.Degraded, onEvents: true), HealthUnderTest.Gpu1);
        test.Now.Gpus[1].State.Should().Be(HealthState.Unhealthy);
    }

    [Fact]
    public void A_rule_on_other_events_or_on_several_gives_a_reason_of_its_own()
    {
        test.Happen(EventKinds.Xid, 48, EventSeverity.Critical, HealthUnderTest.Gpu0, component: Components.Memory);
        test.Fire(HealthUnderTest.Rule("lost", onEvents: true), HealthUnderTest.Gpu0);
        var repeated = HealthUnderTest.Rule("repeated", onEvents: true) with { Trigger = new EventTrigger(EventKinds.Xid, [48], EventSeverity.Info, 5, TimeSpan.FromDays(1), SameCode: false) };
        test.Fire(repeated, HealthUnderTest.Gpu0);
        test.Now.Gpus[0].Components.SelectMany(static component => component.Reasons).Select(static reason => reason.Cause).Should().BeEquivalentTo("xid:48", "rule:lost", "rule:repeated");
    }

    [Fact]
    public void A_reset_ends_what_a_rule_on_any_of_several_events_said()
    {
        var rule = HealthUnderTest.Rule("either", by: ClearedBy.Reset) with
        {
            Trigger = new AnyTrigger([
                new EventTrigger(EventKinds.Xid, [119], EventSeverity.Info, 1, TimeSpan.FromMinutes(15), SameCode: false),
                new EventTrigger(EventKinds.Gsp, [], EventSeverity.Critical, 1, TimeSpan.FromMinutes(15), SameCode: false)]),
        };
        test.Fire(rule, HealthUnderTest.Gpu0);
        test.Health.Reset(HealthUnderTest.Gpu0);
        test.Now.State.Should().Be(HealthState.Healthy, "its window still counts the event, and the event is dealt with");
    }

    [Fact]
    public void A_finding_that_was_not_kept_before_a_sudden_end_is_taken_from_the_journal_once()
    {
        var rule = HealthUnderTest.Rule("hot");
        test.Journal.Append(test.Record(EventKinds.Anomaly, null, EventSeverity.Critical, HealthUnderTest.Gpu0, EventPhase.Started) with { Rule = "hot" });
        RuleStatus[] statuses = [new("hot", HealthUnderTest.Gpu0, "", RuleState.Firing, 0, IsShadow: false, IsLimited: false, 1, 0, "")];

        for (var start = 0; start < 3; start++)
        {
            test.Restart();
            test.Health.Reconcile([rule], statuses);
            test.Health.Keep();
            test.Now.Gpus.Single().Components.SelectMany(static component => component.Reasons).Should().ContainSingle().Which.Should().Match<HealthReason>(static reason =>
                reason.Cause == "rule:hot" && reason.Count == 1 && reason.IsHolding);
        }
    }

    [Fact]
    public async Task An_address_as_the_kernel_writes_it_names_the_same_gpu()
    {
        var early = new HealthUnderTest();
        early.ShowGpus();
        early.Happen(EventKinds.Xid, 48, EventSeverity.Critical, new GpuSubject(-1, "", PciBusId: "0000:18:00.0"));
        early.Now.Gpus.Should().ContainSingle().Which.Index.Should().BeNull();
        var cleared = early.Health.Clearances.Ask(new ClearRequest("00000000:18:00.0", "driver", "alice", "to see whether it is found"))!;
        early.Health.Look();
        (await cleared).Error.Should().BeNull("a GPU that only its address names can be named by it");
        early.ShowGpus(HealthUnderTest.Gpu0);
        early.Now.Gpus.Should().ContainSingle().Which.Should().Match<GpuHealth>(static gpu => gpu.Uuid == "GPU-aaaa" && gpu.State == HealthState.Unhealthy);
    }
}
