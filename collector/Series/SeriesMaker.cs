using System.Text;
using Monitoring.Contracts.Otlp;

namespace Monitoring.Collector.Series;

/// <summary>Makes a series that was not seen before, and its node and feed where those are new too, within the limits.</summary>
internal sealed class SeriesMaker(SeriesSettings settings, NodeDirectory nodes)
{
    /// <summary>Makes a series and adds it to its metric; where only the order of the attributes is new, finds it.</summary>
    /// <param name="origin">Who sends it.</param>
    /// <param name="metric">Its metric.</param>
    /// <param name="family">The metric's family.</param>
    /// <param name="attributes">Its attributes as on the wire.</param>
    /// <param name="attributesTag">Their tag.</param>
    /// <param name="bounds">A histogram's bounds; empty otherwise.</param>
    /// <param name="series">The series; null where a limit forbids it.</param>
    /// <returns>Why there is none.</returns>
    public PointRejection TryMake(
        Origin origin, MetricEntry metric, Family family, ReadOnlySpan<byte> attributes, uint attributesTag, ReadOnlySpan<byte> bounds, out StoredSeries? series)
    {
        series = null;
        var labels = new LabelSet();
        var refusal = ReadLabels(attributes, attributesTag, labels);
        if (refusal != PointRejection.None) return refusal;

        var facts = origin.Resource.Facts;
        labels.AddMissing("node", facts.Node);
        labels.AddMissing("cluster", facts.Cluster ?? settings.DefaultCluster);
        if (labels["node"] is not { } nodeName) return PointRejection.NoNode;
        // The resource's were not looked at with the point's own.
        if (nodeName.Length > settings.MaxLabelValueLength || labels["cluster"]?.Length > settings.MaxLabelValueLength) return PointRejection.LabelValueTooLong;

        var isHistogram = family.Kind == SeriesKind.Histogram;
        if (isHistogram) labels.Reserve("le");
        var lines = isHistogram ? StoredHistogram.RenderLines(family.Name, labels, bounds) : [labels.RenderLine(family.Name)];
        series = metric.FindTwin(lines[^1], bounds);
        if (series is not null)
        {
            metric.AddSpelling(attributes, series);
            return PointRejection.None;
        }

        refusal = nodes.TryReserve(origin, nodeName, lines.Length, out var feed);
        if (feed is null) return refusal;
        feed.Node.Cluster = labels["cluster"] ?? feed.Node.Cluster;
        series = new StoredSeries(feed, family, [.. attributes, .. bounds], attributes.Length, lines);
        feed.Add(series);
        metric.Add(series);
        return PointRejection.None;
    }

    private PointRejection ReadLabels(ReadOnlySpan<byte> attributes, uint attributesTag, LabelSet labels)
    {
        var pairs = new List<(string Key, string Value)>();
        foreach (var attribute in new OtlpAttributes(attributes, attributesTag))
        {
            if (pairs.Count == settings.MaxAttributesPerPoint) return PointRejection.AttributeLimit;
            if (attribute.Key.Length > settings.MaxLabelNameLength) return PointRejection.LabelNameTooLong;
            var value = attribute.Value.ToString();
            if (value.Length > settings.MaxLabelValueLength) return PointRejection.LabelValueTooLong;
            pairs.Add((Encoding.UTF8.GetString(attribute.Key), value));
        }

        // Keys that become one label join their values in the order of the keys, whatever order they came in.
        pairs.Sort(static (left, right) => string.CompareOrdinal(left.Key, right.Key));
        foreach (var (key, value) in pairs) labels.Add(PrometheusName.Label(key), value);
        return PointRejection.None;
    }
}
