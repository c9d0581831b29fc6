using FluentAssertions;
using Monitoring.Simulator.Demo;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>The rules of an agent that runs follow the files of its directory.</summary>
public sealed class RuleReloadEndToEndTests : IDisposable
{
    private const string Rules = """
        rules:
          busy: { description: The GPU draws power. Always., when: { threshold: { metric: gpu_power_watts, is: "> 1" } } }
          tried: { shadow: true, when: { threshold: { metric: gpu_power_watts, is: "> 1" } } }
          clock_straggler: { enabled: false }
          memory_hot: { severity: warning }
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("rules-").FullName;

    private string RuleFile => Path.Combine(folder, "rules.d", "10-site.yaml");

    [Fact]
    public async Task Files_override_the_shipped_rules_and_are_read_again_while_rules_fire()
    {
        await using var agent = new RunningAgent();
        agent.CreateNode(gpus: 2);
        Directory.CreateDirectory(Path.GetDirectoryName(RuleFile)!);
        await File.WriteAllTextAsync(RuleFile, Rules);
        await agent.StartAsync($$"""
            state_directory: {{Path.Combine(folder, "state")}}
            detection:
              rules_directory: {{Path.GetDirectoryName(RuleFile)}}
            """);

        var page = await agent.UntilAsync("the rules fire", static page => Firing(page, "busy") == 2 && Firing(page, "tried", "shadow_firing") == 2);
        Value(page, "gpu_rule_suppressed_total", "busy").Should().Be(0);
        Value(page, "gpu_rules_last_reload_successful").Should().Be(1);
        page.Should().NotContain(static sample => sample.Name == "gpu_rule_state" && sample.Labels["rule"] == "clock_straggler");
        page.Should().Contain(static sample => sample.Name == "gpu_rule_state" && sample.Labels["rule"] == "memory_hot");
        Firing(page, "tried").Should().BeNull("a rule in shadow is not taken for one that acts");
        var rules = (await agent.GetAsync("/api/v1/rules")).GetProperty("rules").EnumerateArray().ToArray();
        rules.Should().OnlyContain(static rule => rule.GetProperty("since").GetDateTimeOffset().Year > 2000);
        rules.Where(static rule => rule.GetProperty("rule").GetString() == "tried").Should().OnlyContain(static rule => rule.GetProperty("is_shadow").GetBoolean() && rule.GetProperty("state").GetString() == "firing");
        (await TitlesAsync(agent)).Should().ContainSingle(static title => title.StartsWith("The GPU draws power: GPU 1 (busy): gpu_power_watts is "));

        await File.WriteAllTextAsync(RuleFile, Rules.Replace("> 1\"", "> many\"", StringComparison.Ordinal));
        page = await agent.UntilAsync("the mistake is seen", static page => Value(page, "gpu_rules_last_reload_successful") == 0);
        Firing(page, "busy").Should().Be(2, "the last good rules hold");

        await File.WriteAllTextAsync(RuleFile, Rules.Replace("memory_hot: { severity: warning }", "added: { when: { threshold: { metric: gpu_power_watts, is: \"> 1\" } } }", StringComparison.Ordinal));
        await agent.UntilAsync("the new rule fires", static page => Firing(page, "added") == 2 && Value(page, "gpu_rules_last_reload_successful") == 1);
        (await TitlesAsync(agent)).Where(static title => title.StartsWith("The GPU draws power: GPU 1 (busy)")).Should().ContainSingle("a rule that says what it said goes on firing");

        File.Delete(RuleFile);
        page = await agent.UntilAsync("only the shipped rules are left", static page => Firing(page, "clock_straggler") == 0 && Firing(page, "busy") is null);
        (await TitlesAsync(agent)).Should().Contain(static title => title.StartsWith("The GPU draws power: GPU 1 (busy) ended after ") && title.EndsWith(": the rule was removed"))
            .And.NotContain(static title => title.Contains("tried"), "a rule in shadow makes no events");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static async Task<string[]> TitlesAsync(RunningAgent agent) =>
        [.. (await agent.GetAsync("/api/v1/events")).GetProperty("events").EnumerateArray().Select(static record => record.GetProperty("title").GetString()!)];

    private static double? Firing(IReadOnlyList<MetricSample> page, string rule, string state = "firing") =>
        page.FirstOrDefault(sample => sample.Name == "gpu_rule_state" && sample.Labels["rule"] == rule && sample.Labels["state"] == state)?.Value;

    private static double? Value(IReadOnlyList<MetricSample> page, string name, string? rule = null) =>
        page.FirstOrDefault(sample => sample.Name == name && (rule is null || sample.Labels["rule"] == rule))?.Value;
}
