using System.Text;

namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>The files of rules: for Prometheus, and for vmalert without what it does not know.</summary>
internal static class RuleFiles
{
    /// <summary>Path of the values below <c>dashboards/</c>.</summary>
    internal const string ValuesFile = "prometheus/values.yaml";

    /// <summary>All files, from <c>values.yaml</c> and the agent's shipped rules.</summary>
    /// <param name="directory">The path of <c>dashboards/</c>.</param>
    internal static IEnumerable<GeneratedFile> All(string directory)
    {
        var values = RuleValuesReader.Read(File.ReadAllText(Path.Combine(directory, ValuesFile)));
        var alerts = Alerts(values, directory);
        var recordings = RecordingText(values);
        return
        [
            new("prometheus/gpu-recording.rules.yaml", recordings),
            new("prometheus/gpu-alerts.rules.yaml", AlertText(values, alerts, isForVmalert: false)),
            new("vmalert/gpu-recording.rules.yaml", recordings),
            new("vmalert/gpu-alerts.rules.yaml", AlertText(values, alerts, isForVmalert: true)),
        ];
    }

    /// <summary>The alerts, made with the values.</summary>
    /// <exception cref="ValuesException">An alert has no values, or values have no alert.</exception>
    internal static IReadOnlyList<(string Group, IReadOnlyList<MadeAlert> Alerts)> Alerts(RuleValues values, string directory)
    {
        var maker = new AlertMaker(values);
        var groups = AlertGroups.All(AgentRules.Names(directory)).Select(group => (group.Name, (IReadOnlyList<MadeAlert>)[.. group.Alerts.Select(maker.Make)])).ToList();
        var made = groups.SelectMany(static group => group.Item2).Select(static alert => alert.Definition.Name).ToHashSet(StringComparer.Ordinal);
        return values.Alerts.Keys.FirstOrDefault(name => !made.Contains(name)) is { } stray
            ? throw new ValuesException($"alerts.{stray} is no alert, expected one of {string.Join(", ", made.Order(StringComparer.Ordinal))}")
            : groups;
    }

    /// <summary>The recording rules with their expressions filled in.</summary>
    internal static IEnumerable<RecordingGroup> Recordings(RuleValues values)
    {
        var expressions = new ExpressionText(values);
        var none = new Dictionary<string, string>();
        return AlertRecordings.Groups(values).Select(group => group with
        {
            Rules = [.. group.Rules.Select(rule => rule with { Expression = expressions.Fill(rule.Expression, none, new HashSet<string>()) })],
        });
    }

    private static string RecordingText(RuleValues values)
    {
        var text = new StringBuilder();
        Head(text, "Recording rules");
        foreach (var group in Recordings(values))
        {
            RuleYaml.Group(text, group.Name, group.Interval);
            foreach (var rule in group.Rules)
            {
                RuleYaml.Comment(text, rule.Meaning);
                RuleYaml.Name(text, "record", rule.Name);
                RuleYaml.Expression(text, rule.Expression);
                RuleYaml.Map(text, "labels", rule.Labels);
            }
        }

        return text.ToString();
    }

    private static string AlertText(RuleValues values, IEnumerable<(string Group, IReadOnlyList<MadeAlert> Alerts)> groups, bool isForVmalert)
    {
        var text = new StringBuilder();
        Head(text, isForVmalert ? "Alerts for vmalert, which does not know keep_firing_for (refused by 1.79)" : "Alerts");
        foreach (var (name, alerts) in groups)
        {
            RuleYaml.Group(text, name, values.Interval);
            foreach (var alert in alerts)
            {
                RuleYaml.Comment(text, alert.Values.Source);
                RuleYaml.Name(text, "alert", alert.Definition.Name);
                RuleYaml.Expression(text, alert.Expression);
                RuleYaml.Times(text, alert.Values.For, isForVmalert ? null : alert.Values.KeepFiringFor);
                RuleYaml.Map(text, "labels", alert.Labels);
                RuleYaml.Map(text, "annotations", alert.Annotations);
            }
        }

        return text.ToString();
    }

    private static void Head(StringBuilder text, string what) => text
        .Append("# ").Append(what).Append(", made from dashboards/prometheus/values.yaml; do not edit. docs/alerts.md says how to change them.\n")
        .Append("groups:\n");
}
