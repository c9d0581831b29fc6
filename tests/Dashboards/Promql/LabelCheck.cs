namespace Monitoring.Tests.Dashboards.Promql;

/// <summary>Which labels a result of PromQL has, and which labels an expression names that are not there.</summary>
/// <param name="metrics">Every metric that exists.</param>
internal sealed class LabelCheck(IReadOnlyDictionary<string, KnownMetric> metrics)
{
    /// <summary>What is wrong with an expression, a sentence each.</summary>
    internal IReadOnlyList<string> Faults(Expression expression)
    {
        var faults = new List<string>();
        LabelsOf(expression, faults);
        return faults;
    }

    /// <summary>The labels that a result may have.</summary>
    internal IReadOnlySet<string> LabelsOf(Expression expression) => LabelsOf(expression, []);

    private HashSet<string> LabelsOf(Expression expression, List<string> faults) => expression.Kind switch
    {
        "selector" => OfSelector(expression, faults),
        "aggregate" => OfAggregate(expression, faults),
        "call" => OfCall(expression, faults),
        "binary" => OfBinary(expression, faults),
        _ => [],
    };

    private HashSet<string> OfSelector(Expression selector, List<string> faults)
    {
        if (!metrics.TryGetValue(selector.Name, out var metric))
        {
            faults.Add($"{selector.Name} is exported by nobody");
            return [];
        }
        faults.AddRange(selector.Matchers.Where(matcher => !metric.Has(matcher.Label)).Select(matcher => $"{selector.Name} has no label {matcher.Label}"));
        return [.. metric.Labels];
    }

    private HashSet<string> OfAggregate(Expression aggregate, List<string> faults)
    {
        var inner = Union(aggregate.Arguments, faults);
        if (aggregate.Name is "topk" or "bottomk") return inner;
        var named = aggregate.By ?? aggregate.Without ?? [];
        faults.AddRange(named.Where(label => !inner.Contains(label)).Select(label => $"nothing within {aggregate.Name} by ({string.Join(", ", named)}) has the label {label}"));
        return aggregate.By is { } by ? [.. by] : [.. inner.Except(named)];
    }

    private HashSet<string> OfCall(Expression call, List<string> faults)
    {
        var inner = Union(call.Arguments, faults);
        if (call.Name is "histogram_quantile") inner.Remove("le");
        if (call.Name is "label_replace" or "label_join") inner.Add(call.Arguments[1].Name);
        return inner;
    }

    private HashSet<string> OfBinary(Expression binary, List<string> faults)
    {
        var left = LabelsOf(binary.Left!, faults);
        var right = LabelsOf(binary.Right!, faults);
        foreach (var label in binary.On ?? [])
            if (!left.Contains(label) || !right.Contains(label)) faults.Add($"{binary.Name} on ({string.Join(", ", binary.On!)}): one side has no label {label}");
        foreach (var label in binary.Include)
            if (!(binary.Group == "GroupLeft" ? right : left).Contains(label)) faults.Add($"{binary.Name}: {binary.Group} takes the label {label}, which that side lacks");
        if (binary.Name.Equals("or", StringComparison.OrdinalIgnoreCase)) return [.. left, .. right];
        if (binary.Name.ToLowerInvariant() is "and" or "unless") return left;
        if (!binary.Left!.Selectors.Any()) return right;
        if (binary.Group == "GroupRight") return [.. right, .. binary.Include];
        return binary.Group == "GroupLeft" || binary.On is null ? [.. left, .. binary.Include] : [.. binary.On];
    }

    private HashSet<string> Union(IEnumerable<Expression> parts, List<string> faults)
    {
        var labels = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in parts) labels.UnionWith(LabelsOf(part, faults));
        return labels;
    }
}

/// <summary>A metric that Prometheus can be asked for.</summary>
/// <param name="Labels">Labels that its series have.</param>
/// <param name="IsCounter">True where only its growth means something.</param>
internal sealed record KnownMetric(IReadOnlySet<string> Labels, bool IsCounter = false)
{
    /// <summary>True for series that may have any label, such as those of alerts.</summary>
    public bool AnyLabel { get; init; }

    /// <summary>Whether series may have a label.</summary>
    internal bool Has(string label) => AnyLabel || Labels.Contains(label);
}
