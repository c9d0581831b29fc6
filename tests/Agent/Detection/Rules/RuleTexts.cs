using System.Text.RegularExpressions;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Tests.Agent.Detection.Rules;

/// <summary>Rules and series in short.</summary>
internal static partial class RuleTexts
{
    /// <summary>A rule called <c>rule</c> unless told otherwise.</summary>
    internal static RuleDefinition Rule(TriggerDefinition trigger, string name = "rule", double forSeconds = 0, double clearSeconds = 0) => new()
    {
        Name = name,
        Trigger = trigger,
        For = TimeSpan.FromSeconds(forSeconds),
        ClearFor = TimeSpan.FromSeconds(clearSeconds),
    };

    /// <summary>A selector as Prometheus writes it.</summary>
    internal static SeriesSelector Series(string text, Combine combine = Combine.Sum)
    {
        var match = Selector().Match(text);
        return new SeriesSelector(match.Groups["metric"].Value,
            [.. Label().Matches(match.Groups["labels"].Value).Select(static label => new LabelMatcher(
                label.Groups["name"].Value, label.Groups["value"].Value, label.Groups["sign"].Value[0] == '!', label.Groups["sign"].Value[^1] == '~'))],
            combine);
    }

    /// <summary>A series with its labels, and the tier of its metric.</summary>
    internal static SeriesName Name(string text)
    {
        var selector = Series(text);
        var tier = MetricTable.All.OfType<GpuMetric>().FirstOrDefault(metric => metric.Name == selector.Metric)?.Tier ?? Tier.Medium;
        return new SeriesName(selector.Metric, [.. selector.Matchers.Select(static matcher => KeyValuePair.Create(matcher.Label, matcher.Value))], tier);
    }

    internal static ThresholdTrigger Above(string series, double bound) => new(Series(series), Comparison.Above, new Bound(bound));

    internal static ThresholdTrigger Below(string series, double bound) => new(Series(series), Comparison.Below, new Bound(bound));

    internal static IncreaseTrigger Grew(string series, double bound, double seconds, Comparison comparison = Comparison.Above) =>
        new(Series(series), TimeSpan.FromSeconds(seconds), comparison, new Bound(bound));

    internal static EventTrigger Seen(string kind, int count = 1, double seconds = 60, bool sameCode = false, params int[] codes) =>
        new(kind, codes, EventSeverity.Unknown, count, TimeSpan.FromSeconds(seconds), sameCode);

    [GeneratedRegex(@"^(?<metric>\w+)(\{(?<labels>.*)\})?$")]
    private static partial Regex Selector();

    [GeneratedRegex("(?<name>\\w+)(?<sign>=~|!~|!=|=)\"(?<value>[^\"]*)\"")]
    private static partial Regex Label();
}
