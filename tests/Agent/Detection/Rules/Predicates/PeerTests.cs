using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules.Predicates;

public sealed class PeerTests
{
    private const string Clock = "gpu_clock_hertz{domain=\"sm\"}";
    private const string Utilization = "gpu_utilization_ratio";

    private static readonly PeerTrigger Straggler = new(Series(Clock), 0.9, 2, Above(Utilization, 0.5));

    [Fact]
    public void Names_the_GPU_that_is_behind_the_others()
    {
        var harness = Machine(4);
        harness.Run(2).Set(Clock, 1700, gpu: 2).Run(1).Set(Clock, 1900, gpu: 2).Run(1);
        harness.Log.Should().Equal("00:00:02.0 fired rule 2", "00:00:03.0 cleared rule 2");
        harness.Events.First().Title.Should().Be("rule on GPU 2: gpu_clock_hertz{domain=\"sm\"} is 1700, 0.8947 of the median 1900 of 3 peers, needs < 0.9");
    }

    [Fact]
    public void GPUs_that_do_not_work_are_not_compared()
    {
        var harness = Machine(4).Set(Clock, 300, gpu: 1).Set(Utilization, 0, gpu: 1);
        harness.Run(2);
        harness.Log.Should().BeEmpty();
        harness.State("rule", 1).Should().Be(RuleState.Armed);
        harness.Status("rule", 1).Why.Should().Contain("is not compared: gpu_utilization_ratio is 0, needs > 0.5");
    }

    [Fact]
    public void Too_few_others_decide_nothing()
    {
        var harness = Machine(3).Set(Clock, 300, gpu: 1).Set(Utilization, 0, gpu: 0);
        harness.Run(2);
        harness.State("rule", 1).Should().Be(RuleState.NoData);
        harness.Status("rule", 1).Why.Should().Contain("1 of 2 peers to compare with");
    }

    [Fact]
    public void Values_that_are_old_do_not_count()
    {
        var harness = Machine(3);
        harness.Run(2);
        harness.Silence(0);
        harness.Run(0.3);
        harness.State("rule", 1).Should().Be(RuleState.Armed);
        harness.Run(0.3);
        harness.State("rule", 1).Should().Be(RuleState.NoData);
    }

    [Fact]
    public void Another_model_is_no_peer()
    {
        var harness = new RuleHarness(Rule(Straggler));
        foreach (var (gpu, model, clock) in new[] { (0, "NVIDIA H100", 1900.0), (1, "NVIDIA H100", 1900), (2, "NVIDIA H100", 1900), (3, "NVIDIA T4", 1500) })
            harness.Set(Clock, clock, gpu, model).Set(Utilization, 1, gpu);
        harness.Run(2);
        harness.Log.Should().BeEmpty();
        harness.State("rule", 3).Should().Be(RuleState.NoData);
    }

    [Fact]
    public void A_ratio_above_one_looks_upwards()
    {
        var harness = new RuleHarness(Rule(new PeerTrigger(Series(Clock), 1.1, 2, null)));
        for (var gpu = 0; gpu < 4; gpu++) harness.Set(Clock, 1000, gpu);
        harness.Run(1).Set(Clock, 1101, gpu: 3).Run(1);
        harness.Log.Should().Equal("00:00:01.0 fired rule 3");
    }

    [Fact]
    public void A_GPU_that_left_is_no_peer()
    {
        var harness = Machine(3);
        harness.Run(1);
        harness.Silence(0);
        harness.Engine.Leave(RuleHarness.Gpu(0));
        harness.Run(0.5);
        harness.Status("rule", 1).Why.Should().Contain("1 of 2 peers");
    }

    private static RuleHarness Machine(int gpus)
    {
        var harness = new RuleHarness(Rule(Straggler));
        for (var gpu = 0; gpu < gpus; gpu++) harness.Set(Clock, 1900, gpu).Set(Utilization, 1, gpu);
        return harness;
    }
}
