namespace Monitoring.Contracts.Otlp;

/// <summary>Which of OTLP's data shapes a metric carries.</summary>
public enum OtlpMetricKind
{
    /// <summary>No data, or a shape this version does not know.</summary>
    None,

    /// <summary>The value of an instant.</summary>
    Gauge,

    /// <summary>A sum; see <see cref="OtlpMetric.IsMonotonic"/>.</summary>
    Sum,

    /// <summary>A histogram with explicit bounds.</summary>
    Histogram,

    /// <summary>A histogram with exponential buckets.</summary>
    ExponentialHistogram,

    /// <summary>Quantiles made by the sender.</summary>
    Summary,
}

/// <summary>Since when a sum or histogram counts; the numbers are those of the wire.</summary>
public enum OtlpTemporality
{
    /// <summary>The sender did not say.</summary>
    Unspecified = 0,

    /// <summary>Since the previous report.</summary>
    Delta = 1,

    /// <summary>Since a fixed start.</summary>
    Cumulative = 2,
}

/// <summary>The head of a metric; its texts lie in the payload.</summary>
public readonly ref struct OtlpMetric
{
    /// <summary>The instrument's name, UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; init; }

    /// <summary>What it measures, UTF-8; may be empty.</summary>
    public ReadOnlySpan<byte> Description { get; init; }

    /// <summary>Its unit in UCUM, UTF-8; may be empty.</summary>
    public ReadOnlySpan<byte> Unit { get; init; }

    /// <summary>Its shape.</summary>
    public OtlpMetricKind Kind { get; init; }

    /// <summary>Since when it counts; only sums and histograms say.</summary>
    public OtlpTemporality Temporality { get; init; }

    /// <summary>Whether a sum only grows.</summary>
    public bool IsMonotonic { get; init; }
}
