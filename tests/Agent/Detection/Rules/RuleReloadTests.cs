using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Contracts.Events;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules;

public sealed class RuleReloadTests
{
    private const string Power = "gpu_power_watts";

    [Fact]
    public void A_rule_that_says_the_same_goes_on()
    {
        RuleDefinition Growing() => Rule(new AllTrigger([Grew("gpu_ecc_errors_total", 0, 600), Below(Power, 500)]), forSeconds: 30) with { Origin = Guid.NewGuid().ToString() };
        var harness = new RuleHarness(Growing()).Set(Power, 100).Set("gpu_ecc_errors_total", 1);
        harness.Run(15).Set("gpu_ecc_errors_total", 2).Run(10);
        harness.State().Should().Be(RuleState.Pending);
        harness.Use(Growing());
        harness.Run(25);
        harness.Use(Growing());
        harness.Run(5);
        harness.Log.Should().Equal("00:00:50.0 fired rule 0");
    }

    [Fact]
    public void A_rule_that_changed_or_went_is_ended()
    {
        var harness = new RuleHarness(Rule(Above(Power, 500), "changed"), Rule(Above(Power, 400), "gone"), Rule(Above(Power, 300), "kept")).Set(Power, 600);
        harness.Run(1);
        harness.Use(Rule(Above(Power, 300), "kept"), Rule(Above(Power, 550), "changed"));
        harness.Log.Skip(3).Should().Equal("00:00:01.0 cleared changed 0", "00:00:01.0 cleared gone 0");
        harness.Events.Where(static record => record.Phase == EventPhase.Ended).Select(static record => record.Evidence.Details!["reason"]).Should().Equal("the rule was changed", "the rule was removed");
        harness.Run(1);
        harness.Log.Skip(5).Should().Equal("00:00:01.0 fired changed 0");
        harness.Engine.Status().Select(static status => status.Rule).Should().Equal("kept", "changed");
    }

    [Theory]
    [InlineData("severity")]
    [InlineData("window")]
    [InlineData("matcher")]
    [InlineData("limits")]
    [InlineData("filter")]
    public void Every_part_of_a_definition_counts(string part)
    {
        var rule = Rule(Grew("gpu_ecc_errors_total{type=\"correctable\"}", 1, 61));
        var changed = part switch
        {
            "severity" => rule with { Severity = EventSeverity.Critical },
            "window" => rule with { Trigger = ((IncreaseTrigger)rule.Trigger) with { Window = TimeSpan.FromSeconds(61.5) } },
            "matcher" => rule with { Trigger = Grew("gpu_ecc_errors_total{type!=\"correctable\"}", 1, 61) },
            "limits" => rule with { Limits = rule.Limits with { Events = 3 } },
            _ => rule with { Filter = rule.Filter with { Gpus = [0] } },
        };
        RuleFingerprint.Of(changed).Should().NotBe(RuleFingerprint.Of(rule));
        RuleFingerprint.Of(rule with { Trigger = Grew("gpu_ecc_errors_total{type=\"correctable\"}", 1, 61), Origin = "a.yaml:3" }).Should().Be(RuleFingerprint.Of(rule));
    }

    [Fact]
    public void Rules_that_cannot_be_run_leave_everything_as_it_was()
    {
        var harness = new RuleHarness(Rule(Above(Power, 500))).Set(Power, 600);
        harness.Run(1);
        var use = () => harness.Use(Rule(Above("gpu_throttle_active{reason=~\"(\"}", 1), "bad"));
        use.Should().Throw<ArgumentException>().WithMessage("Rule bad: *");
        harness.State().Should().Be(RuleState.Firing);
    }

    [Theory]
    [InlineData("node", "other-*", "filter: node node-1 is none of other-*")]
    [InlineData("node", "node-?", "")]
    [InlineData("model", "*A100*", "filter: model 'NVIDIA H100' is none of *A100*")]
    [InlineData("model", "*h100", "")]
    [InlineData("gpu", "1", "filter: GPU 0 is none of 1")]
    [InlineData("gpu", "0", "")]
    [InlineData("job", "train-*", "filter: the job of a GPU is not known, so none of train-* matches")]
    public void A_filter_says_whom_it_keeps_out(string kind, string value, string refusal)
    {
        var filter = kind switch
        {
            "node" => RuleFilter.All with { Nodes = [value] },
            "model" => RuleFilter.All with { Models = [value] },
            "gpu" => RuleFilter.All with { Gpus = [int.Parse(value, System.Globalization.CultureInfo.InvariantCulture)] },
            _ => RuleFilter.All with { Jobs = [value] },
        };
        var harness = new RuleHarness(Rule(Above(Power, 500)) with { Filter = filter }).Set(Power, 600);
        harness.Run(1);
        harness.Log.Should().HaveCount(refusal.Length == 0 ? 1 : 0);
        if (refusal.Length > 0) harness.Engine.Status().Should().ContainSingle().Which.Why.Should().Be(refusal);
    }

    [Fact]
    public void A_rule_of_the_node_runs_for_each_instance_and_names_its_GPU()
    {
        var harness = new RuleHarness(Rule(Above("gpu_agent_driver_call_stuck_seconds", 5)) with { Per = ["gpu"], Filter = RuleFilter.All with { Gpus = [0, 1] } });
        foreach (var gpu in new[] { 0, 1, 2 })
            foreach (var collector in new[] { "fast", "slow" })
                harness.SetNode($"gpu_agent_driver_call_stuck_seconds{{gpu=\"{gpu}\",uuid=\"GPU-{gpu:D8}\",collector=\"{collector}\"}}", gpu * 3);
        harness.Set(Power, 100, gpu: 1).Run(2);
        harness.Log.Should().ContainSingle().Which.Should().EndWith("fired rule 1 1");
        harness.Events.Single().Gpu.Should().Be(RuleHarness.Gpu(1).Reference);
        harness.Events.Single().Evidence.Values.Single().Value.Should().Be(6);
        harness.Events.Single().Evidence.Details.Should().Contain("instance", "1");
    }
}
