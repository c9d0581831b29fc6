using FluentAssertions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Health;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Health;

/// <summary>What events of sources mean, and what outlives a restart.</summary>
public sealed class HealthEventsTests
{
    private readonly HealthUnderTest test = new();

    [Theory]
    [InlineData(EventKinds.Xid, 48, EventSeverity.Critical, nameof(HealthState.Unhealthy), "compute", nameof(ClearedBy.Reset))]
    [InlineData(EventKinds.Xid, 79, EventSeverity.Critical, nameof(HealthState.Unhealthy), "compute", nameof(ClearedBy.Reboot))]
    [InlineData(EventKinds.Xid, 64, EventSeverity.Critical, nameof(HealthState.Unhealthy), "compute", nameof(ClearedBy.Person))]
    [InlineData(EventKinds.Xid, 94, EventSeverity.Warning, nameof(HealthState.Degraded), "compute", nameof(ClearedBy.Time))]
    [InlineData(EventKinds.GpuOffBus, null, EventSeverity.Critical, nameof(HealthState.Unhealthy), "pcie", nameof(ClearedBy.Reboot))]
    [InlineData(EventKinds.Ecc, null, EventSeverity.Critical, nameof(HealthState.Unhealthy), "memory", nameof(ClearedBy.Reset))]
    [InlineData(EventKinds.Driver, null, EventSeverity.Critical, nameof(HealthState.Unhealthy), "driver", nameof(ClearedBy.Reset))]
    [InlineData(EventKinds.Driver, null, EventSeverity.Warning, nameof(HealthState.Degraded), "driver", nameof(ClearedBy.Time))]
    public void An_event_makes_its_component_bad(string kind, int? code, EventSeverity severity, string state, string component, string by)
    {
        test.Happen(kind, code, severity, HealthUnderTest.Gpu0);
        var bad = test.Now.Gpus[0].Components.Single(static component => component.State != HealthState.Healthy);
        bad.Component.Should().Be(component);
        bad.State.ToString().Should().Be(state);
        bad.Reasons.Should().ContainSingle().Which.Should().Match<HealthReason>(reason => reason.ClearedBy.ToString() == by && !reason.IsHolding && reason.SuggestedAction == "Do something.");
    }

    [Theory]
    [InlineData(EventKinds.Xid, 43, EventSeverity.Info, "")]
    [InlineData(EventKinds.Xid, 999, EventSeverity.Unknown, "")]
    [InlineData(EventKinds.Xid, 13, EventSeverity.Warning, Components.Application)]
    [InlineData(EventKinds.OomKill, null, EventSeverity.Critical, "")]
    [InlineData(EventKinds.Gap, null, EventSeverity.Warning, "")]
    [InlineData(EventKinds.Agent, null, EventSeverity.Warning, "")]
    public void An_event_that_says_nothing_of_the_machine_changes_no_state(string kind, int? code, EventSeverity severity, string component)
    {
        test.Happen(kind, code, severity, HealthUnderTest.Gpu0, component: component);
        test.Now.State.Should().Be(HealthState.Healthy);
    }

    [Fact]
    public void The_component_of_the_event_wins()
    {
        test.Happen(EventKinds.Xid, 48, EventSeverity.Critical, HealthUnderTest.Gpu0, component: Components.Memory);
        test.Now.Gpus[0].Components.Single(static component => component.State != HealthState.Healthy).Component.Should().Be("memory");
    }

    [Fact]
    public void What_began_holds_until_it_ended_and_settles_a_while()
    {
        var down = test.Happen(EventKinds.Service, null, EventSeverity.Critical, null, EventPhase.Started);
        test.Advance(TimeSpan.FromDays(2));
        test.Now.State.Should().Be(HealthState.Unhealthy);

        test.Happen(EventKinds.Service, null, EventSeverity.Info, null, EventPhase.Ended, down.Id);
        test.Now.State.Should().Be(HealthState.Unhealthy, "a service that flaps does not make health flap");
        test.Advance(EventVerdicts.Settling);
        test.Now.State.Should().Be(HealthState.Healthy);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("00000000000000000000000000000000")]
    public void An_end_without_a_known_beginning_ends_what_has_the_same_cause(string? incident)
    {
        test.Happen(EventKinds.Service, null, EventSeverity.Critical, null, EventPhase.Started, details: new() { ["service"] = "a" });
        test.Happen(EventKinds.Service, null, EventSeverity.Critical, null, EventPhase.Started, details: new() { ["service"] = "b" });
        test.Happen(EventKinds.Service, null, EventSeverity.Info, null, EventPhase.Ended, incident, details: new() { ["service"] = "a" });
        test.Advance(EventVerdicts.Settling);
        test.Now.Components.SelectMany(static component => component.Reasons).Should().ContainSingle().Which.Cause.Should().Be("service:service=b");
    }

    [Fact]
    public void A_condition_that_its_source_remembers_holds_over_a_restart_and_ends_with_its_incident()
    {
        var down = test.Happen(EventKinds.Infiniband, null, EventSeverity.Critical, null, EventPhase.Started, details: new() { ["device"] = "mlx5_0/1" });
        test.Health.Keep();
        test.Restart();
        test.Advance(TimeSpan.FromDays(1));
        test.Now.State.Should().Be(HealthState.Unhealthy);
        test.Happen(EventKinds.Infiniband, null, EventSeverity.Info, null, EventPhase.Ended, down.Id, details: new() { ["device"] = "mlx5_0/1" });
        test.Advance(EventVerdicts.Settling);
        test.Now.State.Should().Be(HealthState.Healthy);
    }

    [Fact]
    public void Two_ports_are_two_reasons_and_one_that_flaps_is_one()
    {
        EventRecord Down(string port) => test.Happen(EventKinds.Infiniband, null, EventSeverity.Critical, null, EventPhase.Started, details: new() { ["device"] = "mlx5_0", ["port"] = port });
        Down("1");
        for (var i = 0; i < 5; i++) test.Happen(EventKinds.Infiniband, null, EventSeverity.Info, null, EventPhase.Ended, Down("2").Id);

        var reasons = test.Now.Components.Single(static component => component.Component == "network").Reasons;
        reasons.Select(static reason => (reason.Cause, reason.Count, reason.IsHolding)).Should().BeEquivalentTo(
            [("infiniband:device=mlx5_0:port=1", 1L, true), ("infiniband:device=mlx5_0:port=2", 5L, false)]);
    }

    [Fact]
    public void An_event_of_a_rule_is_left_to_the_rule()
    {
        test.Health.Take(test.Record(EventKinds.Anomaly, null, EventSeverity.Critical, HealthUnderTest.Gpu0) with { Rule = "hot" });
        test.Now.State.Should().Be(HealthState.Healthy);
    }

    [Fact]
    public void Sticky_reasons_outlive_a_restart_of_the_agent()
    {
        test.Happen(EventKinds.Xid, 48, EventSeverity.Critical, HealthUnderTest.Gpu0);
        test.Advance(TimeSpan.FromSeconds(2));
        var before = test.Now;
        test.Restart();
        test.ShowGpus(HealthUnderTest.Gpu0, HealthUnderTest.Gpu1);
        test.Now.Should().BeEquivalentTo(before, static options => options.Excluding(static health => health.EvaluatedAt));
    }

    [Fact]
    public void An_event_that_reached_the_disk_just_before_a_crash_is_not_forgotten()
    {
        test.Happen(EventKinds.Xid, 31, EventSeverity.Info, HealthUnderTest.Gpu0);
        test.Advance(TimeSpan.FromSeconds(2));
        test.Journal.Append(test.Record(EventKinds.Xid, 48, EventSeverity.Critical, HealthUnderTest.Gpu0));
        test.Restart();
        test.Now.State.Should().Be(HealthState.Unhealthy);
        test.Restart();
        test.Now.Gpus.SelectMany(static gpu => gpu.Components).SelectMany(static component => component.Reasons).Should().ContainSingle().Which.Count.Should().Be(1);
    }

    [Fact]
    public void What_was_cleared_does_not_come_back_when_the_journal_no_longer_has_the_last_event()
    {
        test.Happen(EventKinds.Xid, 48, EventSeverity.Critical, HealthUnderTest.Gpu0);
        var last = test.Happen(EventKinds.Xid, 31, EventSeverity.Info, HealthUnderTest.Gpu0);
        test.Health.Reset(HealthUnderTest.Gpu0);
        test.Health.Keep();
        test.Journal.Events.Remove(test.Journal.Events.Single(record => record.Id == last.Id));
        test.Time.Advance(TimeSpan.FromSeconds(1));
        test.Journal.Append(test.Record(EventKinds.Xid, 95, EventSeverity.Critical, HealthUnderTest.Gpu1));
        test.Restart();
        test.Now.Gpus.SelectMany(static gpu => gpu.Components).SelectMany(static component => component.Reasons).Should().ContainSingle().Which.Cause.Should().Be("xid:95");
    }

    [Theory]
    [InlineData(79)]
    [InlineData(48)]
    public void A_reboot_clears_what_a_reset_or_a_reboot_clears(int code)
    {
        test.Happen(EventKinds.Xid, code, EventSeverity.Critical, HealthUnderTest.Gpu0);
        test.Health.Keep();
        test.Restart(boot: "boot-2");
        test.Now.State.Should().Be(HealthState.Healthy);
    }

    [Fact]
    public void A_reboot_does_not_clear_what_a_person_must()
    {
        test.Happen(EventKinds.Xid, 64, EventSeverity.Critical, HealthUnderTest.Gpu0);
        test.Health.Keep();
        test.Restart(boot: "boot-2");
        test.Now.State.Should().Be(HealthState.Unhealthy);
    }

    [Fact]
    public void Time_passes_while_the_agent_does_not_run()
    {
        test.Happen(EventKinds.Xid, 94, EventSeverity.Warning, HealthUnderTest.Gpu0);
        test.Health.Keep();
        test.Time.Advance(TimeSpan.FromMinutes(40));
        test.Restart();
        test.Now.State.Should().Be(HealthState.Degraded);
        test.Advance(TimeSpan.FromMinutes(20));
        test.Now.State.Should().Be(HealthState.Healthy);
    }

    [Fact]
    public void A_condition_that_no_source_confirms_after_a_restart_ends()
    {
        test.Happen(EventKinds.DriverStuck, null, EventSeverity.Critical, HealthUnderTest.Gpu0, EventPhase.Started);
        test.Health.Keep();
        test.Restart();
        test.Now.State.Should().Be(HealthState.Unhealthy);
        test.Advance(TimeSpan.FromMinutes(10));
        test.Now.State.Should().Be(HealthState.Healthy);
    }

    [Theory]
    [InlineData(true, nameof(HealthState.Healthy))]
    [InlineData(false, nameof(HealthState.Unhealthy))]
    public void A_reset_while_the_agent_did_not_run_is_seen_where_persistence_mode_proves_it(bool isPersistent, string state)
    {
        test.Health.TakeEnergy(HealthUnderTest.Gpu0, 1000, isPersistent);
        test.Happen(EventKinds.Xid, 48, EventSeverity.Critical, HealthUnderTest.Gpu0);
        test.Health.Keep();
        test.Restart();
        test.Health.TakeEnergy(HealthUnderTest.Gpu0, 5, isPersistent);
        test.Now.State.ToString().Should().Be(state);
    }

    [Fact]
    public void What_a_reset_clears_on_the_node_is_cleared_when_every_gpu_was_reset()
    {
        Energies(1000);
        test.Happen(EventKinds.Fabric, null, EventSeverity.Critical, null);
        test.Advance(TimeSpan.FromMinutes(1));
        Energies(1001);
        test.Advance(TimeSpan.FromMinutes(1));
        test.Health.TakeEnergy(HealthUnderTest.Gpu0, 1, isPersistent: true);
        test.Now.State.Should().Be(HealthState.Unhealthy, "the other was not reset");

        test.Health.Keep();
        test.Restart();
        test.ShowGpus(HealthUnderTest.Gpu0);
        test.Health.TakeEnergy(HealthUnderTest.Gpu0, 0.5, isPersistent: true);
        test.Now.State.Should().Be(HealthState.Unhealthy, "the other was not opened yet");
        test.ShowGpus(HealthUnderTest.Gpu0, HealthUnderTest.Gpu1);
        test.Advance(TimeSpan.FromMinutes(1));
        test.Health.TakeEnergy(HealthUnderTest.Gpu0, 2, isPersistent: true);
        test.Now.State.Should().Be(HealthState.Unhealthy);
        test.Health.TakeEnergy(HealthUnderTest.Gpu1, 1, isPersistent: true);
        test.Now.State.Should().Be(HealthState.Healthy);
    }

    [Fact]
    public void What_the_node_said_after_the_agent_ended_is_not_cleared_by_a_reset_while_it_was_away()
    {
        Energies(1000);
        test.Happen(EventKinds.Sxid, 20034, EventSeverity.Critical, null);
        test.Health.Keep();
        test.Advance(TimeSpan.FromMinutes(10));
        test.Restart();
        test.ShowGpus(HealthUnderTest.Gpu0, HealthUnderTest.Gpu1);
        test.Happen(EventKinds.Fabric, null, EventSeverity.Critical, null);
        Energies(1);
        test.Now.Components.SelectMany(static component => component.Reasons).Should().ContainSingle().Which.Cause.Should().Be("fabric");
    }

    [Fact]
    public void A_driver_that_is_loaded_anew_clears_what_a_reset_clears_and_happened_before()
    {
        test.Happen(EventKinds.Sxid, 20034, EventSeverity.Critical, null);
        test.Happen(EventKinds.Xid, 48, EventSeverity.Critical, HealthUnderTest.Gpu0);
        test.Happen(EventKinds.Xid, 79, EventSeverity.Critical, HealthUnderTest.Gpu1);
        var load = test.Record(EventKinds.Driver, null, EventSeverity.Info, null, details: new() { [DriverMatters.Detail] = DriverMatters.Loaded }) with { Time = test.Time.GetUtcNow() + TimeSpan.FromSeconds(1) };
        test.Advance(TimeSpan.FromSeconds(2));
        test.Happen(EventKinds.Fabric, null, EventSeverity.Critical, null);
        test.Health.Take(load);

        test.Now.Components.SelectMany(static component => component.Reasons).Should().ContainSingle().Which.Cause.Should().Be("fabric", "that came after");
        test.Now.Gpus.SelectMany(static gpu => gpu.Components).SelectMany(static component => component.Reasons).Should().ContainSingle().Which.Cause.Should().Be("xid:79");
    }

    [Fact]
    public void Matters_of_the_driver_are_reasons_of_their_own()
    {
        test.Happen(EventKinds.Driver, null, EventSeverity.Critical, HealthUnderTest.Gpu0);
        var off = test.Happen(EventKinds.Driver, null, EventSeverity.Warning, HealthUnderTest.Gpu0, EventPhase.Started, details: new() { [DriverMatters.Detail] = DriverMatters.Persistence });
        test.Happen(EventKinds.Driver, null, EventSeverity.Info, HealthUnderTest.Gpu0, EventPhase.Ended, off.Id, details: new() { [DriverMatters.Detail] = DriverMatters.Persistence });
        test.Advance(EventVerdicts.Settling);
        test.Now.Gpus[0].Components.SelectMany(static component => component.Reasons).Should().ContainSingle().Which.Should().Match<HealthReason>(static reason =>
            reason.State == HealthState.Unhealthy && reason.ClearedBy == ClearedBy.Reset && !reason.IsHolding);
    }

    [Fact]
    public void A_memory_that_cannot_be_read_is_forgotten_in_words_and_nothing_crashes()
    {
        test.Journal.AppendState(HealthEvaluator.StateName, System.Text.Json.JsonDocument.Parse("""{"reasons":7}""").RootElement);
        test.Restart();
        test.Now.State.Should().Be(HealthState.Healthy);
    }

    [Fact]
    public async Task A_person_clears_what_is_sticky_and_that_is_an_event()
    {
        test.Happen(EventKinds.Xid, 64, EventSeverity.Critical, HealthUnderTest.Gpu0, component: Components.Memory);
        test.Fire(HealthUnderTest.Rule("hot"), HealthUnderTest.Gpu0);

        var outcome = test.Health.Clearances.Ask(new ClearRequest("0", "", "alice", "board was replaced"))!;
        test.Health.Look();

        var answer = await outcome;
        answer.Error.Should().BeNull();
        answer.Cleared.Should().ContainSingle().Which.Cause.Should().Be("xid:64");
        answer.Kept.Should().ContainSingle().Which.Cause.Should().Be("rule:hot");
        test.Journal.Events.Should().ContainSingle(record => record.Id == answer.EventId).Which.Should().Match<EventRecord>(static record =>
            record.Kind == EventKinds.Agent && record.Gpu!.Uuid == "GPU-aaaa" && record.Title == "alice cleared the health of GPU 0: board was replaced");
        test.Restart();
        test.Now.Gpus[0].Components.SelectMany(static component => component.Reasons).Should().ContainSingle().Which.Rule.Should().Be("hot");
    }

    [Fact]
    public void A_memory_of_an_older_version_is_read()
    {
        test.Journal.AppendState(HealthEvaluator.StateName, System.Text.Json.JsonDocument.Parse(
            $$"""{"boot_id":"boot-1","saved_at":"{{test.Time.GetUtcNow():O}}","last_event":"","reasons":[],"energies":[{"uuid":"GPU-aaaa","joules":1000,"is_persistent":true,"is_recalled":false}]}""").RootElement);
        test.Restart();
        test.Happen(EventKinds.Xid, 48, EventSeverity.Critical, HealthUnderTest.Gpu0);
        test.Health.TakeEnergy(HealthUnderTest.Gpu0, 1, isPersistent: true);
        test.Now.State.Should().Be(HealthState.Healthy);
    }

    [Theory]
    [InlineData("node", "", false)]
    [InlineData("node", Components.Pcie, true)]
    [InlineData("node", Components.Fabric, false)]
    [InlineData("0", Components.Pcie, false)]
    public void A_person_who_clears_the_bus_of_the_node_settles_on_the_gpus_that_are_there(string gpu, string component, bool settles)
    {
        test.Health.Settled = static () => (8, 7);
        _ = test.Health.Clearances.Ask(new ClearRequest(gpu, component, "alice", "GPU 7 was taken out for good"));
        test.Health.Look();
        test.Journal.Events.Where(static record => record.Evidence.Details?.ContainsKey("gpus_expected") == true).Select(static record => record.Evidence.Details!["gpus_expected"])
            .Should().Equal(settles ? ["7, 8 before"] : [], "whoever reads the journal sees it");
    }

    [Fact]
    public void Wishes_to_clear_are_bounded()
    {
        for (var i = 0; i < 8; i++) test.Health.Clearances.Ask(new ClearRequest("0")).Should().NotBeNull();
        test.Health.Clearances.Ask(new ClearRequest("0")).Should().BeNull();
    }

    [Fact]
    public void The_state_is_kept_at_most_once_a_second_and_only_when_it_changed()
    {
        for (var i = 0; i < 100; i++)
        {
            test.Happen(EventKinds.Xid, 48, EventSeverity.Critical, HealthUnderTest.Gpu0);
            test.Advance(TimeSpan.FromMilliseconds(50));
        }
        test.Journal.StatesKept.Should().Be(5);
        test.Advance(TimeSpan.FromHours(1));
        test.Advance(TimeSpan.FromHours(1));
        test.Journal.StatesKept.Should().BeLessThanOrEqualTo(6);
    }

    private void Energies(double joules)
    {
        test.Health.TakeEnergy(HealthUnderTest.Gpu0, joules, isPersistent: true);
        test.Health.TakeEnergy(HealthUnderTest.Gpu1, joules, isPersistent: true);
    }
}
