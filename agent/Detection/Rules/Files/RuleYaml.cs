using System.Globalization;
using System.Text;
using Monitoring.Settings.Values;

namespace Monitoring.Agent.Detection.Rules.Files;

/// <summary>Rules as YAML again: what holds, every default written out, in a form that can be read back. How series are combined stands there only where it is not the usual way.</summary>
internal static class RuleYaml
{
    /// <summary>All rules as one rule file; above each stands where it was written.</summary>
    internal static string Text(IReadOnlyList<RuleDefinition> rules)
    {
        var text = new StringBuilder(rules.Count == 0 ? "rules: {}\n" : "rules:\n");
        foreach (var rule in rules) Append(text, rule);
        return text.ToString();
    }

    /// <summary>A trigger on one line for people: what is compared, without the words of the file around it.</summary>
    internal static string Line(TriggerDefinition trigger) => trigger switch
    {
        ThresholdTrigger t => $"{Combined(t.Series)} {Comparison(t.Comparison, t.Bound)}",
        WindowTrigger t => $"{RuleWords.Of(RuleWords.Statistics, t.Statistic)} of {Combined(t.Series)} over {Duration.Format(t.Window)}{(t.Ago > TimeSpan.Zero ? $" until {Duration.Format(t.Ago)} ago" : "")} {Comparison(t.Comparison, t.Bound)}",
        RateTrigger t => $"rate of {Combined(t.Series)} over {Duration.Format(t.Window)} {Comparison(t.Comparison, t.Bound)}",
        IncreaseTrigger t => $"increase of {Combined(t.Series)} over {Duration.Format(t.Window)} {Comparison(t.Comparison, t.Bound)}",
        AbsenceTrigger t => $"{(t.Series is { } series ? Combined(series) : "the GPU")} absent for {Duration.Format(t.After)}",
        FallenTrigger t => $"{Series(t.Series)} lower than it was",
        EventTrigger t => $"{(t.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $"{t.Count} events ") : "event ")}{t.Kind}{(t.Codes.Count > 0 ? " " + string.Join(' ', t.Codes) : "")}{(t.AtLeast > 0 ? $" from {RuleWords.Of(RuleWords.LeastSeverities, t.AtLeast)}" : "")}{(t.SameCode ? " of one code" : "")} within {Duration.Format(t.Window)}",
        TimeShareTrigger t => $"{Combined(t.Series)} {Comparison(t.While, new Bound(t.Value))} for {Comparison(t.Comparison, new Bound(t.Share))} of {Duration.Format(t.Window)}",
        HistoryTrigger t => $"{Combined(t.Series)} {Number(t.Scores)} deviations from its {Duration.Format(t.Window)}",
        PeerTrigger t => $"{Combined(t.Series)} {(t.Ratio < 1 ? '<' : '>')} {Number(t.Ratio)} * median of {t.Peers.ToString(CultureInfo.InvariantCulture)} or more others{(t.While is { } only ? $" while {Line(only)}" : "")}",
        AllTrigger t => string.Join(" and ", t.Parts.Select(Grouped)),
        AnyTrigger t => string.Join(" or ", t.Parts.Select(Grouped)),
        NotTrigger t => $"not {Grouped(t.Part)}",
        _ => throw new ArgumentOutOfRangeException(nameof(trigger), trigger, "no trigger of a rule file"),
    };

    /// <summary>A series as a rule file writes it.</summary>
    internal static string Series(SeriesSelector series) =>
        series.Matchers.Count == 0 ? series.Metric : $"{series.Metric}{{{string.Join(',', series.Matchers.Select(Matcher))}}}";

    /// <summary>A comparison as a rule file writes it.</summary>
    internal static string Comparison(Comparison comparison, Bound bound)
    {
        var text = new StringBuilder(RuleWords.Operators[comparison]).Append(' ');
        if (bound.Series is not { } series) return text.Append(Number(bound.Number)).ToString();
        if (bound.Factor != 1) text.Append(CultureInfo.InvariantCulture, $"{Number(bound.Factor)} * ");
        text.Append(Series(series));
        if (bound.Offset != 0) text.Append(CultureInfo.InvariantCulture, $" {(bound.Offset > 0 ? '+' : '-')} {Number(Math.Abs(bound.Offset))}");
        return text.ToString();
    }

    private static string Grouped(TriggerDefinition part) => part is AllTrigger or AnyTrigger ? $"({Line(part)})" : Line(part);

    private static string Combined(SeriesSelector series) => RuleMetrics.IsUsual(series) ? Series(series) : $"{RuleWords.Of(RuleWords.Combinations, series.Combine)} of {Series(series)}";

    private static string Matcher(LabelMatcher matcher)
    {
        var comparison = (matcher.Negate, matcher.Pattern) switch
        {
            (false, false) => "=",
            (true, false) => "!=",
            (false, true) => "=~",
            (true, true) => "!~",
        };
        return $"{matcher.Label}{comparison}\"{Escaped(matcher.Value)}\"";
    }

    private static void Append(StringBuilder text, RuleDefinition rule)
    {
        Line(text, 1, $"# {rule.Origin}");
        Line(text, 1, $"{rule.Name}:");
        Line(text, 2, $"description: {Quoted(rule.Description)}");
        Line(text, 2, $"severity: {RuleWords.Of(RuleWords.Severities, rule.Severity)}");
        Line(text, 2, $"component: {rule.Component}");
        Line(text, 2, $"filter: {{ nodes: {Names(rule.Filter.Nodes)}, models: {Names(rule.Filter.Models)}, gpus: [{string.Join(", ", rule.Filter.Gpus)}], jobs: {Names(rule.Filter.Jobs)} }}");
        Line(text, 2, "when:");
        Trigger(text, 3, "", rule.Trigger);
        if (rule.Per.Count > 0) Line(text, 2, $"per: [{string.Join(", ", rule.Per)}]");
        if (rule.AtLeastGpus > 1) Line(text, 2, $"at_least_gpus: {rule.AtLeastGpus}");
        Line(text, 2, $"for: {Duration.Format(rule.For)}");
        Line(text, 2, $"clear_for: {Duration.Format(rule.ClearFor)}");
        Line(text, 2, $"actions: [{string.Join(", ", RuleWords.Actions.Where(word => rule.Actions.HasFlag((RuleActions)word.Value)).Select(static word => word.Key))}]");
        if (!rule.Capture.IsDefault)
            Line(text, 2, $"capture: {{ {(rule.Capture.Duration is { } duration ? $"duration: {Duration.Format(duration)}, " : "")}profilers: [{string.Join(", ", rule.Capture.Profilers)}], control: {(rule.Capture.Control ? "true" : "false")} }}");
        Line(text, 2, string.Create(CultureInfo.InvariantCulture, $"limits: {{ events: {rule.Limits.Events}, captures: {rule.Limits.Captures}, window: {Duration.Format(rule.Limits.Window)}, cooldown: {Duration.Format(rule.Limits.Cooldown)} }}"));
        if (rule.ToldBy.Count > 0) Line(text, 2, $"told_by: [{string.Join(", ", rule.ToldBy)}]");
        Line(text, 2, $"shadow: {(rule.Shadow ? "true" : "false")}");
        Line(text, 2, $"health: {{ state: {RuleWords.Of(RuleWords.HealthStates, rule.Health)}, cleared_by: {RuleWords.Of(RuleWords.Clearings, rule.ClearedBy)}{(rule.ClearedBy == ClearedBy.Time ? $", after: {Duration.Format(rule.ClearedAfter)}" : "")} }}");
        Line(text, 2, $"suggested_action: {Quoted(rule.SuggestedAction)}");
        if (rule.Runbook.Length > 0) Line(text, 2, $"runbook: {Quoted(rule.Runbook)}");
    }

    private static void Trigger(StringBuilder text, int depth, string dash, TriggerDefinition trigger)
    {
        switch (trigger)
        {
            case AllTrigger all: Parts(text, depth, dash, "all", all.Parts); break;
            case AnyTrigger any: Parts(text, depth, dash, "any", any.Parts); break;
            case NotTrigger not:
                Line(text, depth, $"{dash}not:");
                Trigger(text, depth + 1 + dash.Length / 2, "", not.Part);
                break;
            case PeerTrigger peer:
                Line(text, depth, $"{dash}peers:");
                var inner = depth + 1 + dash.Length / 2;
                Line(text, inner, $"metric: {Quoted(Series(peer.Series))}");
                if (!RuleMetrics.IsUsual(peer.Series)) Line(text, inner, $"combine: {RuleWords.Of(RuleWords.Combinations, peer.Series.Combine)}");
                Line(text, inner, string.Create(CultureInfo.InvariantCulture, $"ratio: {Number(peer.Ratio)}"));
                Line(text, inner, string.Create(CultureInfo.InvariantCulture, $"peers: {peer.Peers}"));
                if (peer.While is { } only)
                {
                    Line(text, inner, "while:");
                    Trigger(text, inner + 1, "", only);
                }
                break;
            default: Line(text, depth, $"{dash}{Leaf(trigger)}"); break;
        }
    }

    private static void Parts(StringBuilder text, int depth, string dash, string kind, IReadOnlyList<TriggerDefinition> parts)
    {
        Line(text, depth, $"{dash}{kind}:");
        foreach (var part in parts) Trigger(text, depth + 1 + dash.Length / 2, "- ", part);
    }

    private static string Leaf(TriggerDefinition trigger) => trigger switch
    {
        ThresholdTrigger t => $"threshold: {{ {Metric(t.Series)}, is: {Quoted(Comparison(t.Comparison, t.Bound))} }}",
        WindowTrigger t => $"window: {{ {Metric(t.Series)}, statistic: {RuleWords.Of(RuleWords.Statistics, t.Statistic)}, over: {Duration.Format(t.Window)}, ago: {Duration.Format(t.Ago)}, is: {Quoted(Comparison(t.Comparison, t.Bound))} }}",
        RateTrigger t => $"rate: {{ {Metric(t.Series)}, over: {Duration.Format(t.Window)}, is: {Quoted(Comparison(t.Comparison, t.Bound))} }}",
        IncreaseTrigger t => $"increase: {{ {Metric(t.Series)}, over: {Duration.Format(t.Window)}, is: {Quoted(Comparison(t.Comparison, t.Bound))} }}",
        AbsenceTrigger { Series: { } series } t => $"absent: {{ {Metric(series)}, after: {Duration.Format(t.After)} }}",
        AbsenceTrigger t => $"absent: {{ after: {Duration.Format(t.After)} }}",
        FallenTrigger t => $"fallen: {{ metric: {Quoted(Series(t.Series))} }}",
        EventTrigger t => string.Create(CultureInfo.InvariantCulture, $"event: {{ kind: {t.Kind}, codes: [{string.Join(", ", t.Codes)}], severity: {RuleWords.Of(RuleWords.LeastSeverities, t.AtLeast)}, count: {t.Count}, within: {Duration.Format(t.Window)}, same_code: {(t.SameCode ? "true" : "false")} }}"),
        TimeShareTrigger t => $"time_share: {{ {Metric(t.Series)}, is: {Quoted(Comparison(t.While, new Bound(t.Value)))}, over: {Duration.Format(t.Window)}, share: {Quoted(Comparison(t.Comparison, new Bound(t.Share)))} }}",
        HistoryTrigger t => $"history: {{ {Metric(t.Series)}, scores: {Number(t.Scores)}, over: {Duration.Format(t.Window)}, at_least: {Number(t.AtLeast)} }}",
        _ => throw new ArgumentOutOfRangeException(nameof(trigger), trigger, "no trigger of a rule file"),
    };

    private static string Metric(SeriesSelector series) => $"metric: {Quoted(Series(series))}{(RuleMetrics.IsUsual(series) ? "" : $", combine: {RuleWords.Of(RuleWords.Combinations, series.Combine)}")}";

    private static string Number(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static string Names(IReadOnlyList<string> names) => $"[{string.Join(", ", names.Select(Quoted))}]";

    /// <summary>In double quotes, as YAML reads them: the only style in which every text can be written on one line.</summary>
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var letter in text)
        {
            if (letter is '"' or '\\') quoted.Append('\\').Append(letter);
            else if (char.IsControl(letter) || letter is '\u2028' or '\u2029' or '\uFEFF') quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else quoted.Append(letter);
        }
        return quoted.Append('"').ToString();
    }

    private static string Escaped(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static void Line(StringBuilder text, int depth, string line) => text.Append(' ', 2 * depth).Append(line).Append('\n');
}
