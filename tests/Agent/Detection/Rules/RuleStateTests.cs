using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Contracts.Events;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules;

public sealed class RuleStateTests
{
    private const string Power = "gpu_power_watts";

    [Fact]
    public void Holds_for_and_is_quiet_for_as_long_as_the_rule_says()
    {
        var harness = new RuleHarness(Rule(Above(Power, 500), forSeconds: 2, clearSeconds: 3)).Set(Power, 400);
        harness.Run(1).Set(Power, 600).Run(1.9).Set(Power, 400).Run(1).Set(Power, 600).Run(2);
        harness.State().Should().Be(RuleState.Pending);
        harness.Run(0.1);
        harness.State().Should().Be(RuleState.Firing);
        harness.Set(Power, 400).Run(3);
        harness.State().Should().Be(RuleState.Clearing);
        harness.Set(Power, 600).Run(0.1);
        harness.State().Should().Be(RuleState.Firing);
        harness.Set(Power, 400).Run(4);
        harness.State().Should().Be(RuleState.Armed);
        harness.Log.Should().Equal("00:00:05.9 fired rule 0", "00:00:12.1 cleared rule 0");
    }

    [Fact]
    public void Says_why_it_does_not_fire()
    {
        var harness = new RuleHarness(Rule(Above(Power, 500), forSeconds: 2)).Set(Power, 400);
        harness.Run(1);
        harness.Status("rule").Why.Should().Be("gpu_power_watts is 400, needs > 500");
        harness.Set(Power, 600).Run(1.1);
        harness.Status("rule").Why.Should().Be("gpu_power_watts is 600, needs > 500; held for 1s of 2s");
        harness.Set(Power, double.NaN).Run(1);
        harness.Status("rule").Why.Should().Be("gpu_power_watts has no value, needs > 500");
    }

    [Fact]
    public void An_incident_has_one_event_that_starts_it_and_one_that_ends_it()
    {
        var rule = Rule(Above(Power, 500)) with { Description = "Too much power. Most boards have a cap.", SuggestedAction = "Lower the cap", Runbook = "GpuPower", Component = "power", Severity = EventSeverity.Critical };
        var harness = new RuleHarness(rule).Set(Power, 600, gpu: 3);
        harness.Run(1).Set(Power, 400, gpu: 3).Run(1);
        var (started, ended) = (harness.Events.First(), harness.Events.Last());

        started.Should().BeEquivalentTo(new
        {
            Time = RuleHarness.Start, BootId = "boot-1", Cluster = "cluster", Node = "node-1", Kind = "anomaly", Rule = "rule", Component = "power",
            Severity = EventSeverity.Critical, Phase = EventPhase.Started, Title = "Too much power: GPU 3 (rule): gpu_power_watts is 600, needs > 500", SuggestedAction = "Lower the cap", Runbook = "GpuPower",
        });
        started.Gpu.Should().Be(RuleHarness.Gpu(3).Reference);
        started.Evidence.Sources.Should().Equal("rule");
        started.Evidence.Values.Should().Equal(new EventValue(Power, 600, 500));
        started.Evidence.Details.Should().Contain("description", "Too much power. Most boards have a cap.");
        EventId.IsValid(started.Id).Should().BeTrue();
        ended.Phase.Should().Be(EventPhase.Ended);
        ended.Incident.Should().Be(started.Id);
        ended.Id.Should().NotBe(started.Id);
        ended.Title.Should().Be("Too much power: GPU 3 (rule) ended after 1s: gpu_power_watts is 400, needs > 500");
    }

    [Fact]
    public void The_same_past_makes_the_same_ids()
    {
        string[] Ids()
        {
            var harness = new RuleHarness(Rule(Above(Power, 500))).Set(Power, 400);
            harness.Run(1).Set(Power, 600).Run(1).Set(Power, 400).Run(1);
            return [.. harness.Events.Select(static record => record.Id)];
        }
        Ids().Should().Equal(Ids()).And.HaveCount(2);
    }

    [Fact]
    public void Steps_of_the_wall_clock_neither_fire_nor_clear_anything()
    {
        var harness = new RuleHarness(Rule(Above(Power, 500), forSeconds: 10, clearSeconds: 10), Rule(Seen(EventKinds.Xid, seconds: 60), "xid")).Set(Power, 600);
        harness.Run(5);
        harness.Publish(EventKinds.Xid, 79);
        harness.WallClockOffset = TimeSpan.FromDays(1);
        harness.Run(4);
        harness.WallClockOffset = TimeSpan.FromDays(-30);
        harness.Run(2);
        harness.Set(Power, 400).Run(5);
        harness.WallClockOffset = TimeSpan.FromDays(400);
        harness.Run(50);
        harness.Log.Should().Equal("00:00:05.0 fired xid 0", "00:00:10.0 fired rule 0", "00:00:21.0 cleared rule 0", "00:01:05.0 cleared xid 0");
    }

    [Fact]
    public void A_pause_in_the_frames_is_no_time_in_which_the_trigger_held()
    {
        var harness = new RuleHarness(Rule(Above(Power, 500), forSeconds: 5)).Set(Power, 600);
        harness.Run(3).Skip(TimeSpan.FromSeconds(30), ticks: false).Run(4.9);
        harness.Log.Should().BeEmpty();
        harness.Run(0.2);
        harness.Log.Should().ContainSingle();
    }

    [Fact]
    public void A_GPU_that_is_gone_for_a_day_ends_its_incidents()
    {
        var harness = new RuleHarness(Rule(Above(Power, 500))).Set(Power, 600);
        harness.Run(1);
        harness.Leave(0, TimeSpan.FromHours(23.5));
        harness.Log.Should().Equal("00:00:00.0 fired rule 0");
        harness.Elapsed.Should().Be(TimeSpan.FromHours(23.5) + TimeSpan.FromSeconds(1));
        harness.Skip(TimeSpan.FromHours(0.5), ticks: false);
        harness.Tick();
        harness.Log.Should().HaveCount(2).And.HaveElementAt(1, "00:00:01.0 cleared rule 0", "the day is part of the time that is shown by its hours alone");
        harness.Events.Last().Title.Should().Be("rule on GPU 0 ended after 1d1s: the GPU is no longer there");
        harness.Engine.Status().Should().ContainSingle().Which.Why.Should().Be("nothing of what it looks at was seen yet");
    }

    [Fact]
    public void A_GPU_that_comes_back_goes_on_with_its_incidents()
    {
        var harness = new RuleHarness(Rule(Above(Power, 500))).Set(Power, 600);
        harness.Run(1);
        harness.Leave(0, TimeSpan.FromHours(23));
        harness.Run(1).Skip(TimeSpan.FromHours(2), ticks: false);
        harness.Run(1);
        harness.Log.Should().Equal("00:00:00.0 fired rule 0");
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1)]
    [InlineData(3)]
    public void What_holds_from_the_first_frame_counts_from_there(double interval)
    {
        var harness = new RuleHarness(Rule(Above(Power, 500), forSeconds: 12)).Set(Power, 600);
        for (var frame = 0; frame < 20 / interval; frame++) harness.Run(0.1).Skip(TimeSpan.FromSeconds(interval - 0.1));
        harness.Log.Should().Equal("00:00:12.0 fired rule 0");
    }

    [Fact]
    public void A_GPU_that_only_an_event_named_has_no_index()
    {
        var harness = new RuleHarness(Rule(Seen("xid")));
        harness.Run(0.1);
        harness.Engine.Take(new EventRecord { Id = "1", Time = harness.Now, Node = "node-1", Kind = "xid", Code = 79, Title = "xid", Gpu = new GpuReference(PciBusId: "0000:ff:1f.0") });
        harness.Events.Single().Gpu.Should().Be(new GpuReference(PciBusId: "0000:ff:1f.0"));
        harness.Events.Single().Title.Should().StartWith("rule on GPU 0000:ff:1f.0: ");
    }

    [Fact]
    public void Since_begins_with_watching()
    {
        var harness = new RuleHarness(Rule(Above(Power, 500)), Rule(Above("gpu_fan_speed_ratio", 1), "never")).Set(Power, 400);
        harness.Engine.Status().Should().OnlyContain(status => status.Since == RuleHarness.Start.ToUnixTimeMilliseconds() * 1000);
        harness.Run(10);
        harness.Engine.Status().Should().OnlyContain(status => status.Since == RuleHarness.Start.ToUnixTimeMilliseconds() * 1000);
    }

    [Fact]
    public async Task Another_thread_gets_an_answer_at_the_next_turn()
    {
        var harness = new RuleHarness(Rule(Above(Power, 500))).Set(Power, 600);
        harness.Run(1);
        var asked = Task.Factory.StartNew(harness.Engine.Status, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        while (!asked.IsCompleted) harness.Run(0.1);
        (await asked).Should().ContainSingle().Which.State.Should().Be(RuleState.Firing);
    }
}
