using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules.Predicates;

public sealed class CompositeTests
{
    private const string Utilization = "gpu_utilization_ratio";
    private const string Power = "gpu_power_watts";

    // 1 holds, 0 does not, NaN is not known.
    [Theory]
    [InlineData("all", 1, 1, nameof(RuleState.Firing))]
    [InlineData("all", 1, 0, nameof(RuleState.Armed))]
    [InlineData("all", 1, double.NaN, nameof(RuleState.NoData))]
    [InlineData("all", 0, double.NaN, nameof(RuleState.Armed))]
    [InlineData("any", 0, 0, nameof(RuleState.Armed))]
    [InlineData("any", 0, 1, nameof(RuleState.Firing))]
    [InlineData("any", 1, double.NaN, nameof(RuleState.Firing))]
    [InlineData("any", 0, double.NaN, nameof(RuleState.NoData))]
    [InlineData("not all", 1, 1, nameof(RuleState.Armed))]
    [InlineData("not all", 1, 0, nameof(RuleState.Firing))]
    [InlineData("not all", 1, double.NaN, nameof(RuleState.NoData))]
    [InlineData("not any", 0, double.NaN, nameof(RuleState.NoData))]
    public void Three_values_are_composed(string kind, double utilization, double power, string state)
    {
        TriggerDefinition[] parts = [Above(Utilization, 0.5), Above(Power, 0.5)];
        TriggerDefinition trigger = kind.EndsWith("all", StringComparison.Ordinal) ? new AllTrigger(parts) : new AnyTrigger(parts);
        var harness = new RuleHarness(Rule(kind.StartsWith("not", StringComparison.Ordinal) ? new NotTrigger(trigger) : trigger)).Set(Utilization, utilization).Set(Power, power);
        harness.Run(0.1);
        harness.State().Should().Be(Enum.Parse<RuleState>(state));
    }

    [Theory]
    [InlineData("any", nameof(RuleState.Armed))]
    [InlineData("not any", nameof(RuleState.Firing))]
    [InlineData("any all", nameof(RuleState.Armed))]
    [InlineData("all", nameof(RuleState.NoData))]
    public void What_a_GPU_never_had_is_left_out_of_any(string kind, string state)
    {
        TriggerDefinition missing = Above("gpu_fan_speed_ratio", 0.5);
        TriggerDefinition known = Above(Power, 500);
        TriggerDefinition trigger = kind switch
        {
            "all" => new AllTrigger([new NotTrigger(known), missing]),
            "any all" => new AnyTrigger([known, new AllTrigger([Above(Utilization, 0.5), new NotTrigger(missing)])]),
            "any" => new AnyTrigger([known, missing]),
            _ => new NotTrigger(new AnyTrigger([known, missing])),
        };
        var harness = new RuleHarness(Rule(trigger)).Set(Utilization, 1).Set(Power, 400).Set("gpu_fan_speed_ratio", double.NaN);
        harness.Run(59);
        harness.State().Should().Be(RuleState.NoData, "the value may come yet");
        harness.Run(11);
        harness.State().Should().Be(Enum.Parse<RuleState>(state));
    }

    [Fact]
    public void A_rule_of_any_clears_where_the_GPU_lacks_the_other_series_and_stays_where_it_vanished()
    {
        var harness = new RuleHarness(Rule(new AnyTrigger([Above(Power, 500), Above(Utilization, 0.5)])))
            .Set(Power, 600, gpu: 0).Set(Power, 600, gpu: 1).Set(Utilization, 0, gpu: 1);
        harness.Run(70).Set(Utilization, double.NaN, gpu: 1).Run(1);
        harness.Set(Power, 400, gpu: 0).Set(Power, 400, gpu: 1).Run(10);
        harness.Log.Should().Equal("00:00:00.0 fired rule 0", "00:00:00.0 fired rule 1", "00:01:11.0 cleared rule 0");
    }

    [Fact]
    public void A_GPU_that_cannot_tell_keeps_no_rule_over_several_GPUs_firing()
    {
        var harness = new RuleHarness(Rule(Above(Power, 500)) with { AtLeastGpus = 2 });
        for (var gpu = 0; gpu < 3; gpu++) harness.Set(Power, gpu == 2 ? double.NaN : 600, gpu);
        harness.Run(70).Set(Power, 400, gpu: 0).Run(1);
        harness.Log.Should().Equal("00:00:00.0 fired rule", "00:01:10.0 cleared rule");
    }

    [Fact]
    public void A_title_names_only_the_parts_that_hold()
    {
        var harness = new RuleHarness(Rule(new AnyTrigger([Above(Power, 500), Seen("xid", 1, 900)])) with { Description = "The GPU left the bus. It happens." }).Set(Power, 400);
        harness.Run(1);
        harness.Publish("xid", 79);
        harness.Events.Single().Title.Should().Be("The GPU left the bus: GPU 0 (rule): 1 xid event (79) in 15m");
    }

    [Fact]
    public void Windows_go_on_while_another_part_decides()
    {
        var busy = new TimeShareTrigger(Series(Utilization), Comparison.Above, 0.5, TimeSpan.FromSeconds(60), Comparison.AtLeast, 0.9);
        var harness = new RuleHarness(Rule(new AllTrigger([busy, Below(Power, 100)]))).Set(Utilization, 1).Set(Power, 300);
        harness.Run(60).Set(Power, 50).Run(0.1);
        harness.Log.Should().Equal("00:01:00.0 fired rule 0");
        harness.Events.Single().Title.Should().Be("rule on GPU 0: gpu_utilization_ratio > 0.5 for 100 % of 1m, needs >= 90 % and gpu_power_watts is 50, needs < 100");
    }

    [Fact]
    public void Evidence_is_what_made_it_so()
    {
        var trigger = new AnyTrigger([Above(Power, 500), new AllTrigger([Above(Utilization, 0.5), new NotTrigger(Above(Power, 200))])]);
        var harness = new RuleHarness(Rule(trigger)).Set(Utilization, 1).Set(Power, 100);
        harness.Run(0.1);
        harness.Events.Single().Evidence.Values.Select(static value => value.Name).Should().Equal(Utilization, Power);
        harness.Events.Single().Evidence.Values[1].Threshold.Should().Be(200);
    }

    [Fact]
    public void A_rule_over_several_GPUs_fires_once_and_names_them()
    {
        var rule = Rule(Above(Power, 500), forSeconds: 1) with { AtLeastGpus = 3 };
        var harness = new RuleHarness(rule);
        for (var gpu = 0; gpu < 8; gpu++) harness.Set(Power, gpu is 1 or 4 ? 600 : 100, gpu);
        harness.Run(5);
        harness.Log.Should().BeEmpty();
        harness.Status("rule", null).Why.Should().Be("holds on 2 of 8 GPUs (1,4), needs 3; GPU 1: gpu_power_watts is 600, needs > 500");
        harness.Set(Power, 700, gpu: 6).Run(2).Set(Power, 100, gpu: 1).Run(1);
        harness.Log.Should().Equal("00:00:06.0 fired rule", "00:00:07.0 cleared rule");
        harness.Events.First().Gpu.Should().BeNull();
        harness.Events.First().Evidence.Details.Should().Contain("gpus", "1,4,6");
        harness.Events.First().Evidence.Values.Select(static value => value.Name).Should().Equal("gpu_power_watts on GPU 1", "gpu_power_watts on GPU 4", "gpu_power_watts on GPU 6");
    }
}
