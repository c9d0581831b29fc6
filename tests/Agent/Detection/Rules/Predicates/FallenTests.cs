using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Contracts.Events;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules.Predicates;

public sealed class FallenTests
{
    private const string Link3 = "gpu_nvlink_up{link=\"3\"}";
    private const string Link7 = "gpu_nvlink_up{link=\"7\"}";
    private const string Port = "gpu_infiniband_port_up{device=\"mlx5_0\",port=\"1\"}";
    private static readonly RuleDefinition Links = Rule(new FallenTrigger(Series("gpu_nvlink_up")), "links", forSeconds: 2, clearSeconds: 2);
    private static readonly RuleDefinition Ports = Rule(new FallenTrigger(Series("gpu_infiniband_port_up")), "ports") with { Per = ["device", "port"] };

    [Fact]
    public void What_was_up_and_is_down_fires_until_it_is_up_again_however_long_that_takes()
    {
        var harness = new RuleHarness(Ports).SetNode(Port, 1);
        harness.Run(5).SetNode(Port, 0).Run(TimeSpan.FromHours(2));
        harness.Log.Should().Equal("00:00:05.0 fired ports mlx5_0,1");
        harness.SetNode(Port, 1).Run(1);
        harness.Log.Should().HaveCount(2).And.EndWith("02:00:05.0 cleared ports mlx5_0,1");
    }

    [Fact]
    public void What_never_was_up_does_not_fire()
    {
        var harness = new RuleHarness(Ports).SetNode(Port, 0);
        harness.Run(60);
        harness.Log.Should().BeEmpty();
        harness.Engine.Status().Single().Why.Should().Be("gpu_infiniband_port_up is as high as it was (1 series)");
    }

    [Fact]
    public void Each_series_falls_by_itself_and_is_named()
    {
        var harness = new RuleHarness(Links).Set(Link3, 0).Set(Link7, 1);
        harness.Run(15).Set(Link3, 1).Run(15).Set(Link7, 0).Run(15);
        harness.Log.Should().Equal("00:00:40.0 fired links 0");
        harness.Events.Single().Evidence.Values.Should().Equal(new EventValue(Link7, 0, 1));
        harness.Status("links").Why.Should().Be($"{Link7} is 0 and was 1");
    }

    [Fact]
    public void A_series_without_a_value_neither_falls_nor_is_up_again()
    {
        var harness = new RuleHarness(Links).Set(Link3, 1).Set(Link7, 1);
        harness.Run(15).Set(Link3, double.NaN).Run(30);
        harness.Log.Should().BeEmpty("a driver that does not answer for a link says nothing of it");
        harness.Set(Link7, 0).Run(25).Set(Link7, double.NaN).Set(Link3, 1).Run(30);
        harness.Log.Should().ContainSingle("whether it came back is not known");
        harness.Set(Link7, 1).Run(25);
        harness.Log.Should().HaveCount(2);
    }

    [Fact]
    public void A_restart_forgets_nothing()
    {
        var harness = new RuleHarness(Ports).SetNode(Port, 1);
        harness.Run(5).Restart(TimeSpan.FromMinutes(5), Ports);
        harness.SetNode(Port, 0).Run(5);
        harness.Log.Should().Equal(["00:05:05.0 fired ports mlx5_0,1"], "it went down while the agent was away");
        harness.Restart(TimeSpan.FromMinutes(5), Ports);
        harness.Run(60);
        harness.Log.Should().ContainSingle();
        harness.SetNode(Port, 1).Run(2);
        harness.Log.Should().HaveCount(2);
    }

    [Fact]
    public void A_rule_that_is_changed_knows_what_was_up()
    {
        var changed = Ports with { Severity = EventSeverity.Critical };
        var harness = new RuleHarness(Ports).SetNode(Port, 1);
        harness.Run(5).SetNode(Port, 0).Run(5).Use(changed);
        harness.Run(5);
        harness.Log.Should().Equal("00:00:05.0 fired ports mlx5_0,1", "00:00:10.0 cleared ports mlx5_0,1", "00:00:10.0 fired ports mlx5_0,1");
        harness.Restart(TimeSpan.FromMinutes(1), Ports);
        harness.Run(5);
        harness.Log.Should().HaveCount(5, "so does one that was changed while the agent was away");
    }

    [Fact]
    public void What_a_person_says_is_how_it_should_be_has_not_fallen()
    {
        var harness = new RuleHarness(Ports).SetNode(Port, 1);
        harness.Run(5).SetNode(Port, 0).Run(5);
        harness.Engine.Forget("ports", null, "mlx5_0,1");
        harness.Run(5);
        harness.Log.Should().Equal("00:00:05.0 fired ports mlx5_0,1", "00:00:10.0 cleared ports mlx5_0,1");
        harness.SetNode(Port, 1).Run(5).SetNode(Port, 0).Run(5);
        harness.Log.Should().HaveCount(3);
        harness.RemoveNode(Port);
        harness.Run(60);
        harness.Log.Should().HaveCount(3, "an adapter that is gone did not come up");
        harness.Engine.Forget("ports", null, "mlx5_0,1");
        harness.Log.Should().HaveCount(4);
    }
}
