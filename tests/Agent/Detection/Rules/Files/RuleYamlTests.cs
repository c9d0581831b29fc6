using FluentAssertions;
using Monitoring.Agent.Detection.Rules.Files;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Rules.Files;

public sealed class RuleYamlTests
{
    [Fact]
    public void What_is_printed_says_every_key()
    {
        const string File = """
            rules:
              straggler:
                when:
                  all:
                    - peers: { metric: 'gpu_clock_hertz{domain="sm"}', ratio: 0.85, while: { threshold: { metric: gpu_utilization_ratio, is: "> 0.8" } } }
                    - not: { any: [ { time_share: { metric: 'gpu_throttle_active{reason=~"hw_.*",reason!="hw_slowdown"}', is: "> 0", over: 10m, share: "> 0.01" } } ] }
                    - event: { kind: xid, within: 1d }
                    - rate: { metric: gpu_pcie_replays_total, over: 90s, is: "> 2 * gpu_pcie_replay_limit_per_second - 1" }
              port:
                per: [device, port]
                filter: { nodes: [a, "b*"] }
                actions: []
                health: { state: degraded, cleared_by: time, after: 2h }
                when: { increase: { metric: gpu_infiniband_link_downed_total, over: 1h, is: ">= 3" } }
            """;
        var load = RuleFiles.Load([new RuleText("/etc/gpu-agent/rules.d/10.yaml", File)]);

        load.Mistakes.Should().BeEmpty();
        GoldenFile.Check("Agent/printed-rules.yaml", RuleYaml.Text(load.Rules));
    }

    [Fact]
    public void The_shipped_rules_read_back_as_they_were_printed()
    {
        var printed = RuleYaml.Text(RuleFiles.Load([ShippedRules.File]).Rules);

        Again(printed).Should().Be(WithoutOrigins(printed));
    }

    [Fact]
    public void Any_rules_read_back_as_they_were_printed()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var printed = RuleYaml.Text(new RandomRules(seed).Next());
            Again(printed).Should().Be(WithoutOrigins(printed), "seed {0}", seed);
        }
    }

    private static string Again(string text)
    {
        var load = RuleFiles.Load([new RuleText("printed", text)]);
        load.Mistakes.Select(static mistake => mistake.ToString()).Should().BeEmpty();
        return WithoutOrigins(RuleYaml.Text(load.Rules));
    }

    private static string WithoutOrigins(string text) => string.Join('\n', text.Split('\n').Where(static line => !line.StartsWith("  #", StringComparison.Ordinal)));
}
