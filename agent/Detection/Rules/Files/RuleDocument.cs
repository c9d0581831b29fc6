using System.Text;
using Monitoring.Settings.Values;

namespace Monitoring.Agent.Detection.Rules.Files;

/// <summary>The table of rules for the documentation.</summary>
internal static class RuleDocument
{
    /// <summary>One row a rule.</summary>
    internal static string Markdown(IReadOnlyList<RuleDefinition> rules)
    {
        var text = new StringBuilder("| rule | severity | component | health, until | fires when | what to do |\n| --- | --- | --- | --- | --- | --- |\n");
        foreach (var rule in rules)
        {
            var health = rule.Health == HealthState.Healthy ? "" : $"{RuleWords.Of(RuleWords.HealthStates, rule.Health)}, {RuleWords.Of(RuleWords.Clearings, rule.ClearedBy)}{(rule.ClearedBy == ClearedBy.Time ? $" {Duration.Format(rule.ClearedAfter)}" : "")}";
            var held = rule.For > TimeSpan.Zero ? $" for {Duration.Format(rule.For)}" : "";
            var many = rule.AtLeastGpus > 1 ? $" on {rule.AtLeastGpus} GPUs" : "";
            var shadow = rule.Shadow ? " Only counts (shadow)." : "";
            var told = rule.ToldBy.Count > 0 ? $" Quiet while {string.Join(" or ", rule.ToldBy)} tells of it." : "";
            var trigger = Cell($"{rule.Description}{shadow}{told} `{RuleYaml.Line(rule.Trigger)}`{many}{held}");
            text.Append($"| {rule.Name} | {RuleWords.Of(RuleWords.Severities, rule.Severity)} | {rule.Component} | {health} | {trigger} | {Cell(rule.SuggestedAction)} |\n");
        }
        return text.ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
