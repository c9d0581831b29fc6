namespace Monitoring.Contracts.Otlp;

/// <summary>
/// Field numbers of OTLP metrics, each joined with its wire type as on the wire. Facts of
/// https://github.com/open-telemetry/opentelemetry-proto (metrics, common, resource: v1) and of google.rpc.Status.
/// </summary>
public static class OtlpTags
{
    private const uint Varint = ProtobufReader.Varint;
    private const uint Fixed64 = ProtobufReader.Fixed64;
    private const uint Length = ProtobufReader.LengthDelimited;

    /// <summary>ExportMetricsServiceRequest.resource_metrics.</summary>
    public const uint RequestResourceMetrics = (1 << 3) | Length;

    /// <summary>ResourceMetrics.resource.</summary>
    public const uint ResourceMetricsResource = (1 << 3) | Length;

    /// <summary>ResourceMetrics.scope_metrics.</summary>
    public const uint ResourceMetricsScopeMetrics = (2 << 3) | Length;

    /// <summary>Resource.attributes.</summary>
    public const uint ResourceAttributes = (1 << 3) | Length;

    /// <summary>ScopeMetrics.scope.</summary>
    public const uint ScopeMetricsScope = (1 << 3) | Length;

    /// <summary>ScopeMetrics.metrics.</summary>
    public const uint ScopeMetricsMetrics = (2 << 3) | Length;

    /// <summary>InstrumentationScope.name.</summary>
    public const uint ScopeName = (1 << 3) | Length;

    /// <summary>InstrumentationScope.version.</summary>
    public const uint ScopeVersion = (2 << 3) | Length;

    /// <summary>InstrumentationScope.attributes.</summary>
    public const uint ScopeAttributes = (3 << 3) | Length;

    /// <summary>Metric.name.</summary>
    public const uint MetricName = (1 << 3) | Length;

    /// <summary>Metric.description.</summary>
    public const uint MetricDescription = (2 << 3) | Length;

    /// <summary>Metric.unit.</summary>
    public const uint MetricUnit = (3 << 3) | Length;

    /// <summary>Metric.gauge.</summary>
    public const uint MetricGauge = (5 << 3) | Length;

    /// <summary>Metric.sum.</summary>
    public const uint MetricSum = (7 << 3) | Length;

    /// <summary>Metric.histogram.</summary>
    public const uint MetricHistogram = (9 << 3) | Length;

    /// <summary>Metric.exponential_histogram.</summary>
    public const uint MetricExponentialHistogram = (10 << 3) | Length;

    /// <summary>Metric.summary.</summary>
    public const uint MetricSummary = (11 << 3) | Length;

    /// <summary>data_points of Gauge, Sum, Histogram, ExponentialHistogram and Summary alike.</summary>
    public const uint DataPoints = (1 << 3) | Length;

    /// <summary>aggregation_temporality of Sum and Histogram.</summary>
    public const uint Temporality = (2 << 3) | Varint;

    /// <summary>Sum.is_monotonic.</summary>
    public const uint SumIsMonotonic = (3 << 3) | Varint;

    /// <summary>time_unix_nano of every point.</summary>
    public const uint PointTime = (3 << 3) | Fixed64;

    /// <summary>NumberDataPoint.as_double.</summary>
    public const uint NumberAsDouble = (4 << 3) | Fixed64;

    /// <summary>NumberDataPoint.as_int, sfixed64.</summary>
    public const uint NumberAsInt = (6 << 3) | Fixed64;

    /// <summary>NumberDataPoint.attributes.</summary>
    public const uint NumberAttributes = (7 << 3) | Length;

    /// <summary>NumberDataPoint.flags.</summary>
    public const uint NumberFlags = (8 << 3) | Varint;

    /// <summary>HistogramDataPoint.count.</summary>
    public const uint HistogramCount = (4 << 3) | Fixed64;

    /// <summary>HistogramDataPoint.sum.</summary>
    public const uint HistogramSum = (5 << 3) | Fixed64;

    /// <summary>HistogramDataPoint.bucket_counts, packed; one at a time with <see cref="HistogramBucketCount"/>.</summary>
    public const uint HistogramBucketCounts = (6 << 3) | Length;

    /// <summary>HistogramDataPoint.bucket_counts, not packed.</summary>
    public const uint HistogramBucketCount = (6 << 3) | Fixed64;

    /// <summary>HistogramDataPoint.explicit_bounds, packed; one at a time with <see cref="HistogramBound"/>.</summary>
    public const uint HistogramBounds = (7 << 3) | Length;

    /// <summary>HistogramDataPoint.explicit_bounds, not packed.</summary>
    public const uint HistogramBound = (7 << 3) | Fixed64;

    /// <summary>HistogramDataPoint.attributes.</summary>
    public const uint HistogramAttributes = (9 << 3) | Length;

    /// <summary>HistogramDataPoint.flags.</summary>
    public const uint HistogramFlags = (10 << 3) | Varint;

    /// <summary>KeyValue.key and KeyValueList.values and ArrayValue.values: field 1, length-delimited.</summary>
    public const uint KeyValueKey = (1 << 3) | Length;

    /// <summary>KeyValue.value.</summary>
    public const uint KeyValueValue = (2 << 3) | Length;

    /// <summary>ArrayValue.values and KeyValueList.values.</summary>
    public const uint ListValues = (1 << 3) | Length;

    /// <summary>AnyValue.string_value.</summary>
    public const uint ValueString = (1 << 3) | Length;

    /// <summary>AnyValue.bool_value.</summary>
    public const uint ValueBool = (2 << 3) | Varint;

    /// <summary>AnyValue.int_value.</summary>
    public const uint ValueInt = (3 << 3) | Varint;

    /// <summary>AnyValue.double_value.</summary>
    public const uint ValueDouble = (4 << 3) | Fixed64;

    /// <summary>AnyValue.array_value.</summary>
    public const uint ValueArray = (5 << 3) | Length;

    /// <summary>AnyValue.kvlist_value.</summary>
    public const uint ValueKeyValueList = (6 << 3) | Length;

    /// <summary>AnyValue.bytes_value.</summary>
    public const uint ValueBytes = (7 << 3) | Length;

    /// <summary>ExportMetricsServiceResponse.partial_success.</summary>
    public const uint ResponsePartialSuccess = (1 << 3) | Length;

    /// <summary>ExportMetricsPartialSuccess.rejected_data_points.</summary>
    public const uint PartialSuccessRejected = (1 << 3) | Varint;

    /// <summary>ExportMetricsPartialSuccess.error_message.</summary>
    public const uint PartialSuccessMessage = (2 << 3) | Length;

    /// <summary>google.rpc.Status.code.</summary>
    public const uint StatusCode = (1 << 3) | Varint;

    /// <summary>google.rpc.Status.message.</summary>
    public const uint StatusMessage = (2 << 3) | Length;
}
