using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Detection.Rules.Files;
using Monitoring.Settings.Values;

namespace Monitoring.Agent.Commands;

/// <summary>Rules as a person reads them in a terminal.</summary>
internal static class RuleReport
{
    /// <summary>Writes every mistake on a line of its own.</summary>
    /// <returns>True where there is any.</returns>
    internal static bool Mistakes(RuleLoad load, TextWriter to)
    {
        foreach (var mistake in load.Mistakes) to.WriteLine(mistake);
        return !load.IsRight;
    }

    /// <summary>One line a rule, with a head.</summary>
    internal static string Table(IReadOnlyList<RuleDefinition> rules)
    {
        string[][] rows =
        [
            ["RULE", "SEVERITY", "COMPONENT", "HEALTH", "FOR", "CLEAR FOR", "ACTIONS", "WRITTEN IN"],
            .. rules.Select(static rule => new[]
            {
                rule.Name,
                RuleWords.Of(RuleWords.Severities, rule.Severity),
                rule.Component,
                rule.Health == HealthState.Healthy ? "-" : RuleWords.Of(RuleWords.HealthStates, rule.Health),
                Duration.Format(rule.For),
                Duration.Format(rule.ClearFor),
                rule.Shadow ? "shadow" : rule.Actions == RuleActions.None ? "-" : string.Join('+', RuleWords.Actions.Where(word => rule.Actions.HasFlag((RuleActions)word.Value)).Select(static word => word.Key)),
                rule.Origin,
            }),
        ];
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        return string.Concat(rows.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd() + "\n"));
    }
}
