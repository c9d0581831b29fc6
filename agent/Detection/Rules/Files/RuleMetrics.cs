using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Detection.Rules.Files;

/// <summary>What the metric table says of the series that a rule names.</summary>
internal static class RuleMetrics
{
    private static readonly Dictionary<string, Metric> ByName = MetricTable.All.ToDictionary(static metric => metric.Name, StringComparer.Ordinal);

    /// <summary>Labels that tell whose a GPU's series is; a rule says that by its filter.</summary>
    private static readonly string[] Identity = ["cluster", "node", "gpu", "uuid"];

    /// <summary>The row of a metric that rules can look at.</summary>
    /// <param name="problem">Why there is none, as the rest of a sentence.</param>
    internal static Metric? Find(string name, out string problem)
    {
        problem = "";
        switch (ByName.GetValueOrDefault(name))
        {
            case null:
                problem = $"names the metric {name}, which does not exist; {(NearestName.Of(name, ByName.Keys) is { } nearest ? $"did you mean {nearest}?" : "`gpu-agent list-metrics` prints all")}";
                return null;
            case WindowMetric window:
                problem = $"names {name}, which is made for scrapes; use a window trigger with statistic: {(window.Maximum ? "maximum" : "minimum")} on {window.Of.Name}";
                return null;
            case var metric:
                return metric;
        }
    }

    /// <summary>What is wrong with a condition on a label, as the rest of a sentence; null for nothing.</summary>
    internal static string? Problem(Metric metric, LabelMatcher matcher)
    {
        if (!metric.LabelNames.Contains(matcher.Label))
        {
            if (metric is GpuMetric && Identity.Contains(matcher.Label)) return $"has a condition on the label {matcher.Label}; every GPU is looked at by itself, choose GPUs and nodes with 'filter'";
            return metric.LabelNames.Count == 0
                ? $"has a condition on the label {matcher.Label}, and {metric.Name} has no labels"
                : $"has a condition on the label {matcher.Label}, which {metric.Name} does not have; {NearestName.Sentence(matcher.Label, [.. metric.LabelNames])}";
        }
        if (ValuesOf(metric, matcher.Label) is not { } values) return null;
        if (matcher.Pattern)
            return values.Any(new LabelPattern(matcher.Value).IsMatch) ? null
                : $"has the pattern {matcher.Label}{(matcher.Negate ? "!~" : "=~")}\"{matcher.Value}\", which matches none of {Listed(values)}";
        return values.Contains(matcher.Value) ? null
            : $"has {matcher.Label}{(matcher.Negate ? "!=" : "=")}\"{matcher.Value}\", a value that {metric.Name} cannot have; {(NearestName.Of(matcher.Value, values) is { } nearest ? $"did you mean {nearest}?" : $"known are {Listed(values)}")}";
    }

    /// <summary>How several series become one value where the rule does not say: counters add up, of gauges the highest counts; one alone is its own sum.</summary>
    internal static Combine CombineOf(Metric metric, IReadOnlyList<LabelMatcher> matchers) =>
        metric.Kind == MetricKind.Counter || metric.LabelNames.All(label => matchers.Any(matcher => matcher.Label == label && matcher is { Negate: false, Pattern: false })) ? Combine.Sum : Combine.Maximum;

    /// <summary>True where a rule need not say how the series becomes one value.</summary>
    internal static bool IsUsual(SeriesSelector series) => ByName.TryGetValue(series.Metric, out var metric) && series.Combine == CombineOf(metric, series.Matchers);

    private static IReadOnlyList<string>? ValuesOf(Metric metric, string label) =>
        metric is not GpuMetric gpu ? null : label == gpu.Labels.Names[0] ? gpu.Labels.FirstKnown : gpu.Labels.Second;

    private static string Listed(IReadOnlyList<string> values) =>
        values.Count <= 12 ? string.Join(", ", values) : $"{string.Join(", ", values.Take(3))} ... {values[^1]}";
}
