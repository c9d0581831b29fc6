using OpenTelemetry.Metrics;

namespace OpenTelemetry.Exporter.Prometheus.Naming;

/// <summary>A metric family's type.</summary>
internal enum FamilyKind
{
    Counter,
    Gauge,
    Histogram,

    /// <summary>Exponential histograms: neither text format can carry them.</summary>
    Unsupported,
}

internal static class FamilyKinds
{
    internal static FamilyKind Of(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => FamilyKind.Counter,
        MetricType.LongGauge or MetricType.DoubleGauge => FamilyKind.Gauge,
        // An up-down counter may fall: to Prometheus that is a gauge.
        MetricType.LongSumNonMonotonic or MetricType.DoubleSumNonMonotonic => FamilyKind.Gauge,
        MetricType.Histogram => FamilyKind.Histogram,
        _ => FamilyKind.Unsupported,
    };

    extension(FamilyKind kind)
    {
        internal string TypeName => kind switch
        {
            FamilyKind.Counter => "counter",
            FamilyKind.Gauge => "gauge",
            FamilyKind.Histogram => "histogram",
            _ => "unknown",
        };
    }
}
