using System.Globalization;
using System.Text;
using Monitoring.Agent.Detection.Rules.Predicates;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>Triggers as text, every part of them: equal texts mean the same. Also how evidence names a value.</summary>
internal static class TriggerText
{
    /// <summary>A selector as Prometheus writes it.</summary>
    internal static string Of(SeriesSelector selector)
    {
        var labels = selector.Matchers.Select(static matcher =>
            $"{matcher.Label}{(matcher.Negate ? "!" : matcher.Pattern ? "=" : "")}{(matcher.Pattern ? "~" : "=")}\"{matcher.Value}\"");
        var series = selector.Matchers.Count == 0 ? selector.Metric : $"{selector.Metric}{{{string.Join(',', labels)}}}";
        return selector.Combine switch
        {
            Combine.Sum => series,
            Combine.Maximum => $"max({series})",
            Combine.Minimum => $"min({series})",
            Combine.Mean => $"avg({series})",
            _ => $"count({series})",
        };
    }

    /// <summary>A bound as it was written.</summary>
    internal static string Of(Bound bound)
    {
        if (bound.Series is null) return Exact(bound.Number);
        var text = new StringBuilder();
        if (bound.Factor != 1) text.Append(Exact(bound.Factor)).Append(" * ");
        text.Append(Of(bound.Series));
        if (bound.Offset != 0) text.Append(bound.Offset < 0 ? " - " : " + ").Append(Exact(Math.Abs(bound.Offset)));
        return text.ToString();
    }

    /// <summary>A trigger with all that it compares.</summary>
    internal static string Of(TriggerDefinition trigger) => trigger switch
    {
        ThresholdTrigger t => $"{Of(t.Series)} {t.Comparison.Sign()} {Of(t.Bound)}",
        WindowTrigger t => $"{Name(t)} {t.Comparison.Sign()} {Of(t.Bound)}",
        RateTrigger t => $"{Name(t)} {t.Comparison.Sign()} {Of(t.Bound)}",
        IncreaseTrigger t => $"{Name(t)} {t.Comparison.Sign()} {Of(t.Bound)}",
        AbsenceTrigger t => $"absent({(t.Series is null ? "frames" : Of(t.Series))}[{Words.Duration(t.After)}])",
        FallenTrigger t => $"fallen({Of(t.Series)})",
        EventTrigger t => $"{Name(t)} >= {t.Count.ToString(CultureInfo.InvariantCulture)}",
        TimeShareTrigger t => $"{Name(t)} {t.Comparison.Sign()} {Exact(t.Share)}",
        HistoryTrigger t => $"{Name(t)} beyond {Exact(t.Scores)} and {Exact(t.AtLeast)}",
        PeerTrigger t => $"{Name(t)} beyond {Exact(t.Ratio)} of {t.Peers.ToString(CultureInfo.InvariantCulture)} peers{(t.While is null ? "" : $" while ({Of(t.While)})")}",
        AllTrigger t => $"all({string.Join("; ", t.Parts.Select(Of))})",
        AnyTrigger t => $"any({string.Join("; ", t.Parts.Select(Of))})",
        NotTrigger t => $"not({Of(t.Part)})",
        _ => throw new ArgumentException($"A trigger of kind {trigger.GetType().Name} cannot be run.", nameof(trigger)),
    };

    internal static string Name(WindowTrigger t)
    {
        var function = t.Statistic switch { Statistic.Mean => "mean", Statistic.Minimum => "min", _ => "max" };
        return $"{function}({Of(t.Series)}[{Words.Duration(t.Window)}]{(t.Ago > TimeSpan.Zero ? $" {Words.Duration(t.Ago)} ago" : "")})";
    }

    internal static string Name(RateTrigger t) => $"rate({Of(t.Series)}[{Words.Duration(t.Window)}])";

    internal static string Name(IncreaseTrigger t) => $"increase({Of(t.Series)}[{Words.Duration(t.Window)}])";

    internal static string Name(TimeShareTrigger t) => $"share({Of(t.Series)} {t.While.Sign()} {Exact(t.Value)} [{Words.Duration(t.Window)}])";

    internal static string Name(HistoryTrigger t) => $"score({Of(t.Series)}[{Words.Duration(t.Window)}])";

    internal static string Name(PeerTrigger t) => $"ratio_to_peers({Of(t.Series)})";

    internal static string Name(EventTrigger t)
    {
        var codes = t.Codes.Count == 0 ? "" : $" {string.Join('|', t.Codes)}";
        var severity = t.AtLeast is EventSeverity.Unknown ? "" : $" {t.AtLeast}";
        return $"events({t.Kind}{codes}{severity}{(t.SameCode ? " same code" : "")}[{Words.Duration(t.Window)}])";
    }

    private static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
