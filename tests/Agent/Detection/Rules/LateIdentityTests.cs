using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Contracts.Events;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules;

/// <summary>After a start an event may name a GPU before the driver showed it: its model, its index and even its UUID come with the first frame.</summary>
public sealed class LateIdentityTests
{
    private const string Clock = "gpu_clock_hertz{domain=\"sm\"}";
    private static readonly PeerTrigger Straggler = new(Series(Clock), 0.9, 2, null);
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(20);

    [Fact]
    public void A_GPU_that_an_event_named_first_is_compared_with_its_peers()
    {
        var harness = new RuleHarness(Rule(Straggler));
        harness.Publish(EventKinds.Xid, 31);
        Machine(harness, 3).Run(1);
        harness.State("rule", 1).Should().Be(RuleState.Armed, "GPU 0 is one of its two peers");
        harness.Set(Clock, 1500, gpu: 0).Run(1);
        harness.Log.Should().Equal("00:00:01.0 fired rule 0");
    }

    [Fact]
    public void A_GPU_that_appears_after_the_rules_were_read_again_is_compared_with_those_from_before()
    {
        static RuleDefinition Read() => Rule(Straggler with { Peers = 2 });
        var harness = Machine(new RuleHarness(Read()), 2).Run(1);
        harness.Use(Read());
        harness.Set(Clock, 1500, gpu: 2).Run(1);
        harness.Log.Should().Equal("00:00:01.0 fired rule 2");
    }

    [Fact]
    public void A_rule_for_a_model_takes_the_events_of_before_the_model_was_known()
    {
        var rule = Rule(Seen(EventKinds.Xid, count: 2)) with { Filter = RuleFilter.All with { Models = ["*H100"] } };
        var harness = new RuleHarness(rule);
        harness.Publish(EventKinds.Xid, 31);
        harness.Publish(EventKinds.Xid, 31);
        harness.Engine.Status().Single().Gpu.Should().BeNull();
        harness.Set(Clock, 1900).Run(1);
        harness.Log.Should().Equal("00:00:00.0 fired rule 0");
        harness.Run(90).Log.Should().Equal(["00:00:00.0 fired rule 0", "00:01:00.0 cleared rule 0"], "each event counts once");
    }

    [Fact]
    public void A_rule_for_another_model_stays_away()
    {
        var harness = new RuleHarness(Rule(Seen(EventKinds.Xid)) with { Filter = RuleFilter.All with { Models = ["*A100"] } });
        harness.Publish(EventKinds.Xid, 31);
        harness.Set(Clock, 1900).Run(1);
        harness.Log.Should().BeEmpty();
    }

    [Fact]
    public void A_rule_for_an_index_takes_the_events_that_named_the_GPU_otherwise()
    {
        var harness = new RuleHarness(Rule(Seen(EventKinds.Xid)) with { Filter = RuleFilter.All with { Gpus = [1] } });
        Take(harness, new GpuReference(Uuid: RuleHarness.Gpu(1).Uuid));
        harness.Set(Clock, 1900, gpu: 1).Run(1);
        harness.Log.Should().Equal("00:00:00.0 fired rule 1");
    }

    [Fact]
    public void What_a_rule_counted_before_the_GPU_was_described_still_counts()
    {
        var harness = new RuleHarness(Rule(new AnyTrigger([Straggler, Seen(EventKinds.Xid, count: 2)])));
        harness.Publish(EventKinds.Xid, 31);
        Machine(harness, 3).Run(1);
        harness.Publish(EventKinds.Xid, 31);
        harness.Log.Should().Equal("00:00:01.0 fired rule 0");
    }

    [Fact]
    public void What_fired_before_a_restart_goes_on_and_clears_as_usual()
    {
        var rule = Rule(Straggler);
        var harness = Machine(new RuleHarness(rule), 3).Set(Clock, 1500).Run(1);
        harness.Restart(Away, rule);
        harness.Publish(EventKinds.Xid, 31);
        harness.State().Should().Be(RuleState.Firing);
        harness.Run(1).Set(Clock, 1900).Run(1);
        harness.Log.Should().Equal("00:00:00.1 fired rule 0", "00:00:22.0 cleared rule 0");
        harness.Events.Last().Incident.Should().Be(harness.Events.First().Id);
    }

    [Fact]
    public void A_rule_over_several_GPUs_names_them_as_they_are_known_by_now()
    {
        var rule = Rule(Above(Clock, 1000)) with { AtLeastGpus = 2 };
        var harness = new RuleHarness(rule);
        Take(harness, new GpuReference(Uuid: RuleHarness.Gpu(1).Uuid));
        Machine(harness, 2).Run(1);
        harness.Engine.Status().Single().Why.Should().StartWith("holds on 2 of 2 GPUs (0,1)");
    }

    [Fact]
    public void A_rule_for_jobs_asks_for_the_job_of_the_GPU_as_it_is_known_by_now()
    {
        var rule = Rule(Above(Clock, 1000)) with { Filter = RuleFilter.All with { Jobs = ["train-*"] } };
        var job = new JobReference("slurm", "1", "train-1");
        var harness = new RuleHarness(uuid => uuid == RuleHarness.Gpu(0).Uuid ? job : null, rule);
        Take(harness, new GpuReference(PciBusId: RuleHarness.Gpu(0).PciBusId));
        harness.Set(Clock, 1900).Run(1);
        harness.Log.Should().Equal("00:00:00.0 fired rule 0");
    }

    [Fact]
    public void A_rule_that_does_not_mean_the_GPU_any_more_is_ended()
    {
        var harness = new RuleHarness(Rule(Seen(EventKinds.Xid)) with { Filter = RuleFilter.All with { Gpus = [5] } });
        Take(harness, RuleHarness.Gpu(0).Reference with { Index = 5 });
        harness.Set(Clock, 1900).Run(1);
        harness.Log.Should().Equal("00:00:00.0 fired rule 5", "00:00:00.0 cleared rule 5");
        harness.Engine.Status().Single().Gpu.Should().BeNull();
    }

    private static RuleHarness Machine(RuleHarness harness, int gpus)
    {
        for (var gpu = 0; gpu < gpus; gpu++) harness.Set(Clock, 1900, gpu);
        return harness;
    }

    private static void Take(RuleHarness harness, GpuReference gpu)
    {
        harness.Tick();
        harness.Engine.Take(new EventRecord { Id = "xid", Time = harness.Now, Node = "node-1", Kind = EventKinds.Xid, Code = 31, Gpu = gpu, Severity = EventSeverity.Warning, Title = "XID 31" });
    }
}
