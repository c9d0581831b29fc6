namespace OpenTelemetry.Exporter.Prometheus.Scraping;

/// <summary>The two page formats that are written.</summary>
internal enum ExpositionFormat
{
    /// <summary>Prometheus text format 0.0.4.</summary>
    Text,

    /// <summary>OpenMetrics 1.0.0.</summary>
    OpenMetrics,
}

internal static class ExpositionFormats
{
    internal const int Count = 2;

    extension(ExpositionFormat format)
    {
        internal string ContentType => format switch
        {
            ExpositionFormat.OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            _ => "text/plain; version=0.0.4; charset=utf-8",
        };
    }
}
