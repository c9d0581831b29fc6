namespace OpenTelemetry.Exporter;

/// <summary>How metrics are shown to Prometheus.</summary>
public class PrometheusAspNetCoreOptions
{
    internal const string DefaultScrapeEndpointPath = "/metrics";

    /// <summary>The package's smallest accepted page limit.</summary>
    internal const int SmallestMaxScrapeResponseSizeBytes = 85_000;

    // The package's default too, about 166 MiB: some 900,000 series with six labels.
    private const int DefaultMaxScrapeResponseSizeBytes = SmallestMaxScrapeResponseSizeBytes * 2048;

    /// <summary>Path of the page where neither a path nor a predicate is given; null means <c>/metrics</c>.</summary>
    public string? ScrapeEndpointPath { get; set; } = DefaultScrapeEndpointPath;

    /// <summary>Leaves counters without <c>_total</c> in the text format; OpenMetrics demands it and keeps it.</summary>
    public bool DisableTotalNameSuffixForCounters { get; set; }

    /// <summary>For how long one page serves further scrapes; 0 collects for every scrape that finds none under way.</summary>
    public int ScrapeResponseCacheDurationMilliseconds
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    } = 300;

    /// <summary>A page that grows beyond this is not served at all: a cut page would look like series that ended.</summary>
    public int MaxScrapeResponseSizeBytes
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, SmallestMaxScrapeResponseSizeBytes);
            field = value;
        }
    } = DefaultMaxScrapeResponseSizeBytes;

    /// <summary>Adds <c>otel_scope_*</c> labels (meter name, version, schema, tags) to every series. False here, true upstream.</summary>
    public bool ScopeInfoEnabled { get; set; }

    /// <summary>Adds the series <c>target_info</c> with the resource's attributes. False here, true upstream.</summary>
    public bool TargetInfoEnabled { get; set; }

    /// <summary>Chooses by key the resource attributes that become labels of every series; null chooses none.</summary>
    public Func<string, bool>? ResourceConstantLabels { get; set; }
}
