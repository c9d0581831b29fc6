namespace OpenTelemetry.Exporter.Prometheus.Scraping;

/// <summary>A page, which the receiver must release, or the reason in words why there is none.</summary>
internal readonly record struct ScrapeResult(ScrapePage? Page, bool TimedOut, string Reason)
{
    internal static ScrapeResult Of(ScrapePage page) => new(page, TimedOut: false, Reason: "");

    internal static ScrapeResult Failed(string reason) => new(null, TimedOut: false, reason);

    internal static ScrapeResult Late(string reason) => new(null, TimedOut: true, reason);
}
