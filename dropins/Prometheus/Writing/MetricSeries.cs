using OpenTelemetry.Exporter.Prometheus.Naming;
using OpenTelemetry.Metrics;

namespace OpenTelemetry.Exporter.Prometheus.Writing;

/// <summary>One metric of the SDK with its Prometheus names and the labels of its series as last rendered.</summary>
internal sealed class MetricSeries(Metric metric, MetricNames names, FamilyKind kind, LabelRenderer renderer, LabelCacheBudget budget)
{
    // By position: the SDK enumerates a metric's points in the order in which they first appeared. Where a point is missing
    // the following ones move up and are rendered again, once.
    private readonly List<SeriesLabels?> _labels = [];

    internal Metric Metric => metric;

    internal MetricNames Names => names;

    internal FamilyKind Kind => kind;

    /// <summary>See <see cref="MetricNames.Claims"/>.</summary>
    internal string[] Claims { get; } = names.Claims(kind);

    /// <summary>The last arrangement that this metric was part of.</summary>
    internal int Generation { get; set; }

    /// <summary>Whether two tag sets may ever have had the same labels, see <see cref="SeriesLabels"/>.</summary>
    internal bool HasAmbiguousLabels { get; private set; }

    internal byte[] LabelsAt(int index, in ReadOnlyTagCollection tags)
    {
        if (index < _labels.Count && _labels[index] is { } cached && cached.IsOf(tags))
            return cached.Utf8;

        SeriesLabels rendered = renderer.Render(tags);
        HasAmbiguousLabels |= rendered.IsAmbiguous;
        while (_labels.Count <= index)
            _labels.Add(null);
        Forget(index);
        if (budget.TryTake(rendered.CachedBytes))
            _labels[index] = rendered;
        return rendered.Utf8;
    }

    /// <summary>Forgets the labels of points that are gone.</summary>
    internal void Trim(int count)
    {
        for (int i = count; i < _labels.Count; i++)
            Forget(i);
        if (_labels.Count > count)
            _labels.RemoveRange(count, _labels.Count - count);
    }

    private void Forget(int index)
    {
        if (_labels[index] is { } old)
            budget.GiveBack(old.CachedBytes);
        _labels[index] = null;
    }
}
