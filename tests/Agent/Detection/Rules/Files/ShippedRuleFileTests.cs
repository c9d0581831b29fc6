using FluentAssertions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Detection.Rules.Files;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Rules.Files;

public sealed class ShippedRuleFileTests
{
    private static readonly IReadOnlyList<RuleDefinition> Rules = RuleFiles.Load([ShippedRules.File]).Rules;

    [Fact]
    public void The_shipped_rules_are_right() => RuleFiles.Load([ShippedRules.File]).Mistakes.Should().BeEmpty();

    [Fact]
    public void Each_says_what_it_means_what_to_do_and_where_to_read_on() =>
        Rules.Should().OnlyContain(static rule => rule.Description.EndsWith('.') && rule.SuggestedAction.EndsWith('.') && char.IsUpper(rule.SuggestedAction[0]) && rule.Runbook.Length > 0);

    [Fact]
    public void Each_has_a_comment_that_says_where_its_threshold_comes_from()
    {
        var lines = ShippedRules.File.Text.Split('\n');
        foreach (var rule in Rules)
            lines[Array.IndexOf(lines, $"  {rule.Name}:") - 1].Should().StartWith("  # ", "rule {0} needs its source", rule.Name);
    }

    [Fact]
    public void Nobody_is_paged_for_what_is_not_unhealthy_or_cannot_wait() =>
        Rules.Where(static rule => rule.Health == HealthState.Unhealthy).Should().OnlyContain(static rule => rule.Severity == EventSeverity.Critical);

    [Fact]
    public void No_rule_looks_at_the_software_power_cap() => ShippedRules.File.Text.Should().NotContain("sw_power_cap");

    [Fact]
    public void The_document_lists_them()
    {
        const string Heading = "## Shipped rules\n\n";
        var path = RepositoryRoot.Combine("docs", "rules.md");
        var text = File.ReadAllText(path);
        var expected = text[..(text.IndexOf(Heading, StringComparison.Ordinal) + Heading.Length)] + RuleDocument.Markdown(Rules);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1" && !ContinuousIntegration.IsOn) File.WriteAllText(path, expected);
        File.ReadAllText(path).Should().Be(expected, "the table of docs/rules.md is written from the shipped rules; UPDATE_GOLDEN=1 renews it");
    }

    [Fact]
    public void Every_key_of_a_rule_is_documented()
    {
        var document = File.ReadAllText(RepositoryRoot.Combine("docs", "rules.md"));
        foreach (var key in new[] { "enabled", "description", "severity", "component", "filter", "when", "per", "at_least_gpus", "for", "clear_for", "actions", "limits", "shadow", "health", "suggested_action", "runbook" })
            document.Should().Contain($"| `{key}` |");
        foreach (var trigger in new[] { "threshold", "window", "rate", "increase", "time_share", "absent", "event", "history", "peers", "all", "not" })
            document.Should().Contain($"| `{trigger}`");
    }

    [Fact]
    public void The_examples_of_the_document_are_right()
    {
        var parts = File.ReadAllText(RepositoryRoot.Combine("docs", "rules.md")).Split("```yaml\n");
        parts.Should().HaveCountGreaterThan(2);
        foreach (var example in parts.Skip(1))
            RuleFiles.Load([ShippedRules.File, new RuleText("example", example[..example.IndexOf("```", StringComparison.Ordinal)])]).Mistakes.Should().BeEmpty();
    }
}
