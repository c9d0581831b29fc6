using FluentAssertions;
using Monitoring.Agent.Detection.Rules.Files;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Rules.Files;

public sealed class RuleMistakesTests
{
    /// <summary>Everything that people get wrong in one file; the golden file is what they read.</summary>
    private const string Broken = """
        groups: []
        rules:
          Too-Hot:
            when: { absent: { after: 1m } }
          no_trigger:
            severity: page
          misspelt:
            serverity: warning
            componnent: thermal
            when: { treshold: { metric: gpu_utilization_ratio, is: "> 1" } }
          twice:
            for: 5m
            for: 6m
            when: { absent: { after: 1m } }
          twice:
            when: { absent: { after: 1m } }
          durations:
            for: 5
            clear_for: -1m
            limits: { window: 0s, events: many, surprise: 1 }
            when: { absent: { after: 100d } }
          unknown_metric:
            when: { threshold: { metric: gpu_utilisation_ratio, is: "> 0.9" } }
          foreign_metric:
            when: { threshold: { metric: DCGM_FI_DEV_GPU_TEMP, is: "> 90" } }
          unknown_label:
            when: { threshold: { metric: 'gpu_throttle_active{reasons="hw_thermal"}', is: "> 0" } }
          unknown_value:
            when: { threshold: { metric: 'gpu_throttle_active{reason="hw_termal"}', is: "> 0" } }
          no_such_pattern:
            when: { threshold: { metric: 'gpu_throttle_active{reason=~"hot.*"}', is: "> 0" } }
          not_in_brackets:
            when: { threshold: { metric: 'gpu_power_watts{gpu="3"}', is: "> 0" } }
          for_scrapes:
            when: { threshold: { metric: gpu_power_watts_max, is: "> 0" } }
          percent:
            when: { threshold: { metric: gpu_utilization_ratio, is: "> 90 %" } }
          no_operator:
            when: { threshold: { metric: gpu_utilization_ratio, is: 0.9 } }
          promql:
            when: { threshold: { metric: "rate(gpu_pcie_replays_total[5m])", is: "> 1" } }
          level_of_a_counter:
            when: { window: { metric: gpu_pcie_replays_total, over: 5m, is: "> 1" } }
          mixed:
            when:
              all:
                - threshold: { metric: gpu_utilization_ratio, is: "> 0.9" }
                - threshold: { metric: gpu_devices, is: "< gpu_devices_expected" }
          per_gpu:
            per: [gpu]
            when: { threshold: { metric: gpu_utilization_ratio, is: "> 0.9" } }
          per_nothing:
            per: [link]
            when: { threshold: { metric: gpu_infiniband_port_up, is: "== 0" } }
          node_filter:
            filter: { gpus: [0, 64] }
            at_least_gpus: 2
            when: { threshold: { metric: gpu_devices, is: "< 8" } }
          several:
            when:
              threshold: { metric: gpu_utilization_ratio, is: "> 0.9" }
              absent: { after: 1m }
          empty_list:
            when: { any: [] }
          shares:
            when: { time_share: { metric: gpu_utilization_ratio, is: "> gpu_power_watts", over: 1m, share: "> 5" } }
          events:
            when: { event: { kind: anomaly, codes: [x], severity: fatal, count: 0 } }
          peers:
            when: { peers: { metric: gpu_power_watts, ratio: 1 } }
          history:
            when: { history: { metric: gpu_power_watts, scores: 0, over: 1h } }
          health:
            health: { state: sick, cleared_by: reset, after: 1h }
            runbook: see the wiki
            actions: [page]
            shadow: maybe
            when: { absent: { after: 1m } }
          no_map: 5

        """;

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once_with_its_place_and_the_remedy() =>
        GoldenFile.Check("Agent/rule-mistakes.txt", string.Concat(RuleFiles.Load([new RuleText("broken.yaml", Broken)]).Mistakes.Select(static mistake => $"{mistake}\n")));

    [Theory]
    [InlineData("rules:\n  a: &x { when: {} }", "file.yaml:2:6: has an anchor (&), which rule files do not have; remove it")]
    [InlineData("rules:\n  a: *x", "file.yaml:2:6: uses an alias (*), which rule files do not have; write the value out")]
    [InlineData("rules: !!map {}", "file.yaml:1:8: has a tag (!), which rule files do not have; remove it")]
    [InlineData("rules:\n  <<: {}", "file.yaml:2:3: merges keys with '<<', which rule files do not have; write the keys out")]
    [InlineData("rules: {}\n---\nrules: {}\n", "file.yaml:2:1: starts a second document; a rule file has one, remove the line '---'")]
    [InlineData("- a\n- b\n", "file.yaml:1:1: is no map; a rule file starts with the line 'rules:'")]
    [InlineData("rules: [a]\n", "file.yaml:1:8: rules is no map; below it stands the name of each rule, followed by a colon")]
    public void What_rule_files_do_not_have_is_refused(string text, string message) =>
        RuleFiles.Load([new RuleText("file.yaml", text)]).Mistakes.Should().ContainSingle().Which.ToString().Should().Be(message);

    [Fact]
    public void Deep_nesting_ends_in_a_mistake_and_not_in_a_crash()
    {
        Mistake(new string('[', 100_000)).Should().Contain("nested deeper than 32 levels");
        Mistake($"rules: {{ a: {{ when: {string.Concat(Enumerable.Repeat("{ not: ", 12))} {{ absent: {{ after: 1m }} }} {new string('}', 12)} }} }}").Should().Contain("nested deeper than 8 triggers");
    }

    [Fact]
    public void Huge_files_end_in_a_mistake() =>
        Mistake("rules: { a: { when: { any: [" + string.Concat(Enumerable.Repeat("1,", 200_000)) + "] } } }").Should().Contain("value of the file, which no set of rules needs");

    [Fact]
    public void More_mistakes_than_anybody_reads_are_counted()
    {
        var mistakes = RuleFiles.Load([new RuleText("f", "rules:\n" + string.Concat(Enumerable.Range(0, 300).Select(static n => $"  r{n}: {{}}\n")))]).Mistakes;

        mistakes.Should().HaveCount(101);
        mistakes[^1].Expected.Should().Be("200 more mistakes are not shown; correct these first");
    }

    [Fact]
    public void What_is_shown_of_a_value_cannot_steer_a_terminal() =>
        Mistake("rules: { a: { for: \"\\e[2J\\u202e\", when: { absent: { after: 1m } } } }").Should().Contain("rules.a.for is '\\u001b[2J\\u202e', expected");

    private static string Mistake(string text) => RuleFiles.Load([new RuleText("file.yaml", text)]).Mistakes.Should().ContainSingle().Which.ToString();
}
