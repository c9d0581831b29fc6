namespace Monitoring.Collector.Series;

/// <summary>Why a point was not stored.</summary>
internal enum PointRejection
{
    /// <summary>It was stored.</summary>
    None,
    NoNode,
    NodeLimit,
    SourceLimit,
    SeriesLimit,
    AttributeLimit,
    LabelNameTooLong,
    LabelValueTooLong,
    MetricName,
    DeltaTemporality,
    UnspecifiedTemporality,
    ExponentialHistogram,
    Summary,
    BadHistogram,
    BucketLimit,
    OutOfOrder,
}

/// <summary>Why a whole push was refused.</summary>
internal enum PushRejection
{
    /// <summary>It was accepted.</summary>
    None,
    ContentType,
    ContentEncoding,
    CompressedSize,
    DecompressedSize,
    Gzip,
    Malformed,
    PointLimit,
    NodeLimit,
    SourceLimit,
    SeriesLimit,
    AllPointsRefused,
    Busy,
    Incomplete,
    BodyMemory,
    EventLimit,
    EventStore,
    BulkFormat,
    LogLimit,
    LogQueue,
    LogStore,
}

/// <summary>The reasons' names on the collector's own metrics, and their meaning for whoever runs the sender.</summary>
internal static class Rejections
{
    /// <summary>The value of label <c>reason</c>.</summary>
    public static string Label(this PointRejection reason) => Snake(reason.ToString());

    /// <summary>The value of label <c>reason</c>.</summary>
    public static string Label(this PushRejection reason) => Snake(reason.ToString());

    /// <summary>What is wrong and what helps, for the sender's log.</summary>
    public static string Explain(this PointRejection reason, SeriesSettings limits) => reason switch
    {
        PointRejection.NoNode => "no node is named: put attribute 'node' on the points or 'host.name' on the resource",
        PointRejection.NodeLimit => $"the collector holds {limits.MaxNodes} nodes already: raise series.max_nodes",
        PointRejection.SourceLimit => $"the node has {limits.MaxSourcesPerNode} sources already: keep service.instance.id stable or raise series.max_sources_per_node",
        PointRejection.SeriesLimit => $"the node has {limits.MaxSeriesPerNode} series already: send fewer label values or raise series.max_series_per_node",
        PointRejection.AttributeLimit => $"a point has more than {limits.MaxAttributesPerPoint} attributes: send fewer or raise series.max_attributes_per_point",
        PointRejection.LabelNameTooLong => $"a metric or attribute name is longer than {limits.MaxLabelNameLength} characters: shorten it or raise series.max_label_name_length",
        PointRejection.LabelValueTooLong => $"an attribute value is longer than {limits.MaxLabelValueLength} characters: shorten it or raise series.max_label_value_length",
        PointRejection.MetricName => "a metric's name holds no letter or digit",
        PointRejection.DeltaTemporality => "a sum or histogram is a delta: set the exporter's temporality to cumulative",
        PointRejection.UnspecifiedTemporality => "a sum or histogram does not say its temporality: set the exporter's temporality to cumulative",
        PointRejection.ExponentialHistogram => "exponential histograms are not supported: give the instrument explicit bounds",
        PointRejection.Summary => "summaries are not supported: send a histogram with explicit bounds",
        PointRejection.BadHistogram => "a histogram's bounds do not rise, or its buckets are not one more than its bounds",
        PointRejection.BucketLimit => $"a histogram has more than {StoredHistogram.MaximumBuckets} buckets: give the instrument fewer bounds",
        PointRejection.OutOfOrder => "the points are older than what is stored already",
        _ => "",
    };

    private static string Snake(string name)
    {
        var snake = new System.Text.StringBuilder(name.Length + 4);
        foreach (var character in name)
        {
            if (char.IsAsciiLetterUpper(character) && snake.Length > 0) snake.Append('_');
            snake.Append(char.ToLowerInvariant(character));
        }

        return snake.ToString();
    }
}
