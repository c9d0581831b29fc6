using FluentAssertions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Detection.Rules.Files;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Rules.Files;

public sealed class RuleFilesTests
{
    private const string Hot = """
        rules:
          hot:
            description: too hot
            severity: critical
            component: thermal
            filter: { nodes: ["gpu-*"], models: ["*H100*"], gpus: [0, 1], jobs: ["train-*"] }
            when:
              threshold: { metric: 'gpu_temperature_celsius{sensor="gpu"}', is: "> 90" }
            for: 5m
            clear_for: 10m
            actions: [event, capture]
            limits: { events: 3, captures: 1, window: 2h, cooldown: 30m }
            shadow: true
            health: { state: degraded, cleared_by: time, after: 2h }
            suggested_action: Cool it.
            runbook: https://example.org/hot

        """;

    [Fact]
    public void Every_key_of_a_rule_is_read()
    {
        var rule = Load(Hot).Rules.Should().ContainSingle().Which;

        RuleYaml.Text([rule]).Should().Be(RuleYaml.Text([new RuleDefinition
        {
            Name = "hot",
            Description = "too hot",
            Severity = EventSeverity.Critical,
            Component = "thermal",
            Filter = new RuleFilter(["gpu-*"], ["*H100*"], [0, 1], ["train-*"]),
            Trigger = new ThresholdTrigger(new SeriesSelector("gpu_temperature_celsius", [new LabelMatcher("sensor", "gpu")], Combine.Sum), Comparison.Above, new Bound(90)),
            For = TimeSpan.FromMinutes(5),
            ClearFor = TimeSpan.FromMinutes(10),
            Actions = RuleActions.Event | RuleActions.Capture,
            Limits = new RuleLimits(3, 1, TimeSpan.FromHours(2), TimeSpan.FromMinutes(30)),
            Shadow = true,
            Health = HealthState.Degraded,
            ClearedBy = ClearedBy.Time,
            ClearedAfter = TimeSpan.FromHours(2),
            SuggestedAction = "Cool it.",
            Runbook = "https://example.org/hot",
            Origin = "1.yaml:2",
        }]));
    }

    [Fact]
    public void A_rule_needs_a_trigger_alone()
    {
        var rule = Load("rules: { busy: { when: { threshold: { metric: gpu_utilization_ratio, is: '> 0.9' } } } }").Rules.Single();

        (rule.Severity, rule.Actions, rule.Limits, rule.Health, rule.For, rule.Shadow, rule.AtLeastGpus)
            .Should().Be((EventSeverity.Warning, RuleActions.Event, RuleLimits.Default, HealthState.Healthy, TimeSpan.Zero, false, 1));
        rule.Filter.Should().BeSameAs(RuleFilter.All);
    }

    [Fact]
    public void A_later_file_changes_single_keys()
    {
        var rule = Load(Hot, "rules:\n  hot: { severity: warning, limits: { captures: 0 }, filter: { nodes: [] }, health: { cleared_by: reset } }\n").Rules.Single();

        rule.Severity.Should().Be(EventSeverity.Warning);
        rule.Limits.Should().Be(new RuleLimits(3, 0, TimeSpan.FromHours(2), TimeSpan.FromMinutes(30)));
        rule.Filter.Nodes.Should().BeEmpty();
        rule.Filter.Models.Should().Equal("*H100*");
        (rule.Health, rule.ClearedBy).Should().Be((HealthState.Degraded, ClearedBy.Reset));
        rule.For.Should().Be(TimeSpan.FromMinutes(5));
        rule.Origin.Should().Be("1.yaml:2, changed in 2.yaml:2");
    }

    [Fact]
    public void A_later_trigger_replaces_the_earlier_one_whole() =>
        Load(Hot, "rules: { hot: { when: { absent: { after: 1m } } } }").Rules.Single().Trigger.Should().Be(new AbsenceTrigger(null, TimeSpan.FromMinutes(1)));

    [Fact]
    public void A_rule_can_be_switched_off_and_on_again()
    {
        Load(Hot, "rules: { hot: { enabled: false } }").Rules.Should().BeEmpty();
        Load(Hot, "rules: { hot: { enabled: false } }", "rules: { hot: { enabled: true } }").Rules.Should().ContainSingle();
    }

    [Fact]
    public void Changing_a_rule_that_is_not_there_names_the_nearest_one() =>
        Load(Hot, "rules:\n  hott: { severity: warning }\n").Mistakes.Should().ContainSingle().Which.ToString()
            .Should().Be("2.yaml:2:3: rules.hott has no 'when' and there is no such rule to change; did you mean hot?");

    [Fact]
    public void One_mistake_leaves_no_rules() => Load(Hot, "rules: { cold: { when: {} } }").Rules.Should().BeEmpty();

    [Fact]
    public void A_mistake_in_a_change_is_told_where_the_change_is_written() =>
        Load(Hot, "rules:\n  hot:\n    for: soon\n").Mistakes.Should().ContainSingle().Which.Place.Should().Be(new Place("2.yaml", 3, 10));

    [Fact]
    public void Every_kind_of_trigger_is_read()
    {
        Trigger("all: [ { absent: { after: 1m } }, { not: { absent: { after: 2m } } } ]").Should().BeEquivalentTo(
            new AllTrigger([new AbsenceTrigger(null, Minutes(1)), new NotTrigger(new AbsenceTrigger(null, Minutes(2)))]), static o => o.RespectingRuntimeTypes());
        Trigger("rate: { metric: gpu_pcie_replays_total, over: 10m, is: '> gpu_pcie_replay_limit_per_second' }").Should().BeEquivalentTo(
            new RateTrigger(Series("gpu_pcie_replays_total", Combine.Sum), Minutes(10), Comparison.Above, new Bound(0, Series("gpu_pcie_replay_limit_per_second"))));
        Trigger("window: { metric: gpu_power_watts, over: 5m, ago: 1m, is: '< 0.5 * gpu_power_limit_watts - 10' }").Should().BeEquivalentTo(
            new WindowTrigger(Series("gpu_power_watts"), Statistic.Mean, Minutes(5), Minutes(1), Comparison.Below, new Bound(0, Series("gpu_power_limit_watts"), 0.5, -10)));
        Trigger("increase: { metric: gpu_nvlink_up, combine: minimum, over: 1h, is: '< 0' }").Should().BeEquivalentTo(
            new IncreaseTrigger(Series("gpu_nvlink_up", Combine.Minimum), Minutes(60), Comparison.Below, new Bound(0)));
        Trigger("fallen: { metric: gpu_nvlink_up }").Should().BeEquivalentTo(new FallenTrigger(Series("gpu_nvlink_up", Combine.Sum)));
        Trigger("event: { kind: xid, codes: [13, 31], severity: warning, count: 2, within: 24h, same_code: true }").Should().BeEquivalentTo(
            new EventTrigger("xid", [13, 31], EventSeverity.Warning, 2, TimeSpan.FromDays(1), SameCode: true));
        Trigger("time_share: { metric: gpu_utilization_ratio, is: '>= 0.5', over: 10m, share: '< 0.01' }").Should().BeEquivalentTo(
            new TimeShareTrigger(Series("gpu_utilization_ratio"), Comparison.AtLeast, 0.5, Minutes(10), Comparison.Below, 0.01));
        Trigger("history: { metric: gpu_power_watts, scores: -6, over: 1h, at_least: 50 }").Should().BeEquivalentTo(
            new HistoryTrigger(Series("gpu_power_watts"), -6, Minutes(60), 50));
        Trigger("peers: { metric: gpu_power_watts, ratio: 0.85, peers: 3, while: { absent: { metric: gpu_processes, after: 1s } } }").Should().BeEquivalentTo(
            new PeerTrigger(Series("gpu_power_watts"), 0.85, 3, new AbsenceTrigger(Series("gpu_processes"), TimeSpan.FromSeconds(1))), static o => o.RespectingRuntimeTypes());
    }

    [Theory]
    [InlineData("hott", "rules.hot.told_by[0] is 'hott', expected the name of a rule that tells of the same incident; known are colder")]
    [InlineData("hot", "not the rule itself")]
    public void Only_another_rule_can_tell_of_an_incident_before(string teller, string words) =>
        Load($"rules: {{ colder: {{ when: {{ absent: {{ after: 1m }} }} }}, hot: {{ told_by: [{teller}], when: {{ absent: {{ after: 1m }} }} }} }}").Mistakes.Should().ContainSingle()
            .Which.ToString().Should().Contain(words);

    [Fact]
    public void A_rule_switched_off_may_be_named_as_the_one_that_tells() =>
        Load("rules: { cold: { enabled: false, when: { absent: { after: 1m } } }, hot: { told_by: cold, when: { absent: { after: 1m } } } }").Rules.Single().ToldBy.Should().Equal("cold");

    [Theory]
    [InlineData("combine: sum, ", "is not a known key")]
    [InlineData("", "remembers each GPU by itself")]
    public void What_a_fall_cannot_be_asked_for_is_refused(string more, string words) =>
        Load($"rules: {{ hot: {{ at_least_gpus: 2, when: {{ fallen: {{ {more}metric: gpu_nvlink_up }} }} }} }}").Mistakes.Select(static mistake => mistake.ToString()).Should().Contain(mistake => mistake.Contains(words));

    [Fact]
    public void A_rule_on_series_of_the_node_tells_instances_apart() =>
        Load("rules: { ib: { per: [device, port], when: { threshold: { metric: gpu_infiniband_port_up, is: '== 0' } } } }").Rules.Single().Per.Should().Equal("device", "port");

    [Fact]
    public void Files_without_rules_are_no_mistake()
    {
        foreach (var text in new[] { "", "# nothing\n", "rules:\n", "rules: {}\n" }) Load(text).IsRight.Should().BeTrue(text);
    }

    [Fact]
    public void A_thousand_rules_are_enough()
    {
        string Rules(int from, int to) => "rules:\n" + string.Concat(Enumerable.Range(from, to - from).Select(static n => $"  r{n}: {{ when: {{ absent: {{ after: 1m }} }} }}\n"));
        Load(Rules(0, 1000)).Rules.Should().HaveCount(1000);
        Load(Rules(0, 600), Rules(600, 1001)).Mistakes.Should().ContainSingle().Which.Expected.Should().StartWith("is rule 1001");
    }

    private static SeriesSelector Series(string metric, Combine combine = Combine.Sum) => new(metric, [], combine);

    private static TimeSpan Minutes(int minutes) => TimeSpan.FromMinutes(minutes);

    private static TriggerDefinition Trigger(string yaml)
    {
        var load = Load($"rules: {{ r: {{ when: {{ {yaml} }} }} }}");
        load.Mistakes.Should().BeEmpty();
        return load.Rules.Single().Trigger;
    }

    private static RuleLoad Load(params string[] texts) => RuleFiles.Load([.. texts.Select(static (text, index) => new RuleText($"{index + 1}.yaml", text))]);
}
