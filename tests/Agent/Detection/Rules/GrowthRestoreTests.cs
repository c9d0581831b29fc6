using System.Text.Json;
using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Contracts.Events;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules;

/// <summary>What counters grow while the agent is away, and what had grown in the windows before.</summary>
public sealed class GrowthRestoreTests
{
    private const string Errors = "gpu_ecc_errors_total{type=\"uncorrectable\"}";
    private const string Downs = "gpu_infiniband_link_downed_total{device=\"mlx5_0\",port=\"1\"}";
    private static readonly RuleDefinition Uncorrectable = Rule(Grew(Errors, 0, 900), "uncorrectable");
    private static readonly RuleDefinition Flapping = Rule(Grew("gpu_infiniband_link_downed_total", 6, 6 * 3600, Comparison.AtLeast), "flapping") with { Per = ["device", "port"] };
    private static readonly TimeSpan Away = TimeSpan.FromMinutes(2);

    [Fact]
    public void An_error_while_the_agent_was_away_fires_with_the_first_reading()
    {
        var harness = new RuleHarness(Uncorrectable).Set(Errors, 0).Run(15);
        harness.Restart(Away, Uncorrectable);
        harness.Set(Errors, 1).Run(10);
        harness.Log.Should().Equal("00:02:20.0 fired uncorrectable 0");
        harness.Events.Single().Title.Should().Contain("grew by 1 in 15m");
    }

    [Fact]
    public void What_did_not_grow_does_not_fire()
    {
        var harness = new RuleHarness(Uncorrectable).Set(Errors, 7).Run(15);
        harness.Restart(Away, Uncorrectable);
        harness.Run(60).Log.Should().BeEmpty();
    }

    [Fact]
    public void Growth_over_a_time_longer_than_the_window_says_nothing_of_the_window()
    {
        var harness = new RuleHarness(Uncorrectable).Set(Errors, 0).Run(15);
        harness.Restart(TimeSpan.FromMinutes(16), Uncorrectable);
        harness.Set(Errors, 1).Run(60).Log.Should().BeEmpty();
    }

    [Fact]
    public void A_window_goes_on_over_restarts_and_a_whole_number_stays_one()
    {
        var harness = new RuleHarness(Flapping).SetNode(Downs, 100).Run(15);
        harness.SetNode(Downs, 103).Run(30);
        harness.Restart(Away, Flapping);
        harness.SetNode(Downs, 105).Run(30);
        harness.Restart(Away, Flapping);
        harness.Run(30).Log.Should().BeEmpty();
        harness.SetNode(Downs, 106).Run(1);
        harness.Log.Should().Equal("00:05:45.0 fired flapping mlx5_0,1");
    }

    [Fact]
    public void What_left_the_window_meanwhile_is_forgotten()
    {
        var harness = new RuleHarness(Flapping).SetNode(Downs, 100).Run(15);
        harness.SetNode(Downs, 105).Run(30);
        harness.Restart(TimeSpan.FromHours(5), Flapping);
        harness.Run(30);
        harness.Restart(TimeSpan.FromHours(1.5), Flapping);
        harness.SetNode(Downs, 106).Run(30);
        harness.Log.Should().BeEmpty();
    }

    [Fact]
    public void What_fired_before_goes_on_and_clears_when_its_window_is_over()
    {
        var harness = new RuleHarness(Uncorrectable).Set(Errors, 0).Run(15);
        harness.Set(Errors, 1).Run(10);
        harness.Restart(Away, Uncorrectable);
        harness.Run(1000);
        harness.Log.Should().Equal("00:00:20.0 fired uncorrectable 0", "00:15:30.0 cleared uncorrectable 0");
    }

    [Fact]
    public void A_rule_that_changed_with_the_agent_goes_on_from_the_counter()
    {
        var harness = new RuleHarness(Uncorrectable).Set(Errors, 0).Run(15);
        var changed = Uncorrectable with { Severity = EventSeverity.Critical };
        harness.Restart(Away, changed);
        harness.Set(Errors, 1).Run(10);
        harness.Log.Should().Equal("00:02:20.0 fired uncorrectable 0");
    }

    [Fact]
    public void A_GPU_that_an_event_names_first_goes_on_from_its_counters()
    {
        var rule = Uncorrectable with { Filter = RuleFilter.All with { Models = ["*H100"] } };
        var harness = new RuleHarness(rule).Set(Errors, 0).Run(15);
        harness.Restart(Away, rule);
        harness.Publish(EventKinds.Xid, 48);
        harness.Set(Errors, 1).Run(10);
        harness.Log.Should().Equal("00:02:20.0 fired uncorrectable 0");
    }

    [Fact]
    public void A_GPU_that_is_not_seen_between_two_restarts_goes_on_from_before_the_first()
    {
        var harness = new RuleHarness(Uncorrectable).Set(Errors, 0).Set(Errors, 0, gpu: 1).Run(15);
        harness.Silence(0);
        harness.Restart(Away, Uncorrectable);
        harness.Run(30);
        harness.Restart(Away, Uncorrectable);
        harness.Silence(0, isSilent: false);
        harness.Set(Errors, 1).Run(10);
        harness.Log.Should().Equal("00:04:50.0 fired uncorrectable 0");
    }

    [Fact]
    public void A_counter_that_began_anew_grew_by_what_it_says()
    {
        var harness = new RuleHarness(Uncorrectable).Set(Errors, 7).Run(15);
        harness.Restart(Away, Uncorrectable);
        harness.Set(Errors, 0).Run(30).Log.Should().BeEmpty();
        harness.Set(Errors, 1).Run(10).Log.Should().HaveCount(1);
    }

    [Fact]
    public void Rates_and_gauges_begin_anew()
    {
        var harness = new RuleHarness(Rule(new RateTrigger(Series(Errors), TimeSpan.FromMinutes(15), Comparison.Above, new Bound(0))), Rule(Grew("gpu_memory_used_bytes", 0, 900), "memory")).Set(Errors, 5).Set("gpu_memory_used_bytes", 5).Run(15);
        harness.Engine.SaveGrowth().Counters.Should().BeEmpty();
    }

    [Fact]
    public void What_does_not_change_is_saved_as_it_was()
    {
        var harness = new RuleHarness(Uncorrectable).Set(Errors, 0).Run(15);
        harness.Set(Errors, 1).Run(15);
        var before = Saved();
        harness.Run(300);
        Saved().Should().Be(before);

        string Saved() => JsonSerializer.Serialize(harness.Engine.SaveGrowth(), SavedGrowthJson.Default.SavedGrowth);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"boot_id\":\"b\",\"counters\":[null],\"windows\":[]}")]
    [InlineData("{\"boot_id\":\"b\",\"counters\":[],\"windows\":[{\"rule\":\"r\",\"fingerprint\":\"\",\"gpu\":null,\"name\":\"\",\"part\":0,\"series\":\"s\",\"parts\":[null]}]}")]
    public void What_cannot_be_read_is_as_none(string json) => SavedGrowth.Read(JsonDocument.Parse(json).RootElement).Should().BeSameAs(SavedGrowth.None);
}
