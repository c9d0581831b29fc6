using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Contracts.Events;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules.Predicates;

public sealed class EventTests
{
    [Fact]
    public void Fires_with_the_event_and_clears_when_it_leaves_the_window()
    {
        var harness = new RuleHarness(Rule(Seen(EventKinds.Xid, codes: [48, 79]))).Set("gpu_power_watts", 100, gpu: 1);
        harness.Run(1.05);
        harness.Publish(EventKinds.Xid, 31, gpu: 1);
        harness.Publish(EventKinds.Sxid, 79, gpu: 1);
        harness.Log.Should().BeEmpty();
        var xid = harness.Publish(EventKinds.Xid, 79, gpu: 1);
        harness.Run(100);
        harness.Log.Should().Equal("00:00:01.1 fired rule 1", "00:01:01.1 cleared rule 1");
        harness.Events.First().Time.Should().Be(xid.Time);
        harness.Events.First().Title.Should().Be("rule on GPU 1: 1 xid event (79) in 1m");
    }

    [Fact]
    public void Takes_as_many_events_as_it_says()
    {
        var harness = new RuleHarness(Rule(Seen(EventKinds.Xid, count: 3))).Set("gpu_power_watts", 100);
        harness.Publish(EventKinds.Xid, 13);
        harness.Run(30);
        harness.Publish(EventKinds.Xid, 31);
        harness.Run(31);
        harness.Publish(EventKinds.Xid, 43);
        harness.Log.Should().BeEmpty();
        harness.Run(10);
        harness.Publish(EventKinds.Xid, 43);
        harness.Log.Should().Equal("00:01:11.0 fired rule 0");
    }

    [Fact]
    public void An_event_that_sums_up_a_storm_counts_for_all_that_it_stands_for()
    {
        var rule = Rule(Seen(EventKinds.Xid, count: 100), clearSeconds: 1);
        var harness = new RuleHarness(rule).Set("gpu_power_watts", 100);
        harness.Run(1);
        var one = harness.Publish(EventKinds.Xid, 31);
        harness.Log.Should().BeEmpty();
        var sum = one with { Id = EventId.Of("sum"), Evidence = new EventEvidence { Details = new Dictionary<string, string> { ["incidents"] = "99" } } };
        harness.Engine.Take(sum);
        harness.Log.Should().Equal("00:00:01.0 fired rule 0");
        harness.Events.Single().Evidence.Values.Single().Value.Should().Be(100);
        harness.Restart(TimeSpan.FromSeconds(10), rule);
        harness.Run(20);
        harness.Log.Should().ContainSingle("the count is kept");
    }

    [Fact]
    public void One_code_may_be_asked_for()
    {
        var harness = new RuleHarness(Rule(Seen(EventKinds.Xid, count: 2, sameCode: true))).Set("gpu_power_watts", 100);
        foreach (var code in new[] { 13, 31, 43, 45 }) harness.Publish(EventKinds.Xid, code);
        harness.Log.Should().BeEmpty();
        harness.Publish(EventKinds.Xid, 31);
        harness.Log.Should().HaveCount(1);
    }

    [Fact]
    public void An_event_counts_at_its_own_time()
    {
        var harness = new RuleHarness(Rule(Seen(EventKinds.Xid, count: 2))).Set("gpu_power_watts", 100);
        harness.Run(100);
        harness.Publish(EventKinds.Xid, 79, ago: TimeSpan.FromHours(1));
        harness.Publish(EventKinds.Xid, 79, ago: TimeSpan.FromSeconds(50));
        harness.Publish(EventKinds.Xid, 79, ago: TimeSpan.FromHours(2));
        harness.Log.Should().BeEmpty();
        harness.Publish(EventKinds.Xid, 79);
        harness.Run(20);
        harness.Log.Should().Equal("00:01:40.0 fired rule 0", "00:01:50.0 cleared rule 0");
    }

    [Fact]
    public void The_same_event_counts_once()
    {
        var harness = new RuleHarness(Rule(Seen(EventKinds.Xid, count: 2))).Set("gpu_power_watts", 100);
        for (var i = 0; i < 3; i++) harness.Publish(EventKinds.Xid, 79, id: new string('a', 32));
        harness.Log.Should().BeEmpty();
    }

    [Fact]
    public void Least_severity_and_the_end_of_something_are_told_apart()
    {
        var trigger = new EventTrigger(EventKinds.RecoveryAction, [], EventSeverity.Warning, 1, TimeSpan.FromMinutes(1), false);
        var harness = new RuleHarness(Rule(trigger)).Set("gpu_power_watts", 100);
        harness.Publish(EventKinds.RecoveryAction, severity: EventSeverity.Info);
        harness.Publish(EventKinds.RecoveryAction, severity: EventSeverity.Unknown);
        harness.Publish(EventKinds.RecoveryAction, severity: EventSeverity.Critical, phase: EventPhase.Ended);
        harness.Log.Should().BeEmpty();
        harness.Publish(EventKinds.RecoveryAction, severity: EventSeverity.Critical);
        harness.Log.Should().HaveCount(1);
    }

    [Fact]
    public void An_event_of_the_node_is_the_nodes()
    {
        var harness = new RuleHarness(Rule(Seen(EventKinds.Fabric))).Set("gpu_power_watts", 100);
        harness.Run(1);
        harness.Publish(EventKinds.Fabric, gpu: null);
        harness.Log.Should().Equal("00:00:01.0 fired rule");
        harness.State("rule", null).Should().Be(RuleState.Firing);
        harness.State("rule", 0).Should().Be(RuleState.Armed);
    }

    [Fact]
    public void A_GPU_that_nobody_saw_fires_too_and_is_known_again_when_it_is_seen()
    {
        var harness = new RuleHarness(Rule(Seen(EventKinds.Xid, seconds: 600)));
        harness.Tick();
        harness.Engine.Take(new EventRecord
        {
            Id = new string('b', 32), Time = harness.Now, Node = "node-1", Kind = EventKinds.Xid, Code = 79, Title = "Xid 79", Gpu = new GpuReference(PciBusId: "0000:10:00"),
        });
        harness.Changes.Should().ContainSingle().Which.Event!.Title.Should().StartWith("rule on GPU 0000:10:00:");
        harness.Set("gpu_power_watts", 100).Run(1);
        harness.State().Should().Be(RuleState.Firing);
        harness.Changes.Should().ContainSingle();
    }

    [Fact]
    public void Findings_of_rules_are_not_fed_back()
    {
        var harness = new RuleHarness(Rule(Seen(EventKinds.Anomaly))).Set("gpu_power_watts", 100);
        harness.Publish(EventKinds.Anomaly);
        harness.Log.Should().BeEmpty();
    }
}
