using FluentAssertions;
using Microsoft.AspNetCore.Http;
using OpenTelemetry.Exporter.Prometheus.Scraping;
using Xunit;

namespace Monitoring.Tests.Dropins.Prometheus;

public sealed class ScrapeRequestTests
{
    [Theory]
    [InlineData(null, "Text")]
    [InlineData("", "Text")]
    [InlineData("*/*", "Text")]
    [InlineData("text/*", "Text")]
    [InlineData("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "Text")]
    [InlineData("text/plain", "Text")]
    [InlineData("application/openmetrics-text", "OpenMetrics")]
    [InlineData("application/openmetrics-text; version=1.0.0; charset=utf-8", "OpenMetrics")]
    [InlineData("application/openmetrics-text; version=\"1.0.0\"", "OpenMetrics")]
    [InlineData("APPLICATION/OpenMetrics-Text; Version=1.0.0", "OpenMetrics")]
    // The older draft is not written here.
    [InlineData("application/openmetrics-text; version=0.0.1", "Text")]
    [InlineData("application/openmetrics-text; version=2.0.0", "Text")]
    [InlineData("application/openmetrics-text;q=0", "Text")]
    [InlineData("application/openmetrics-text;q=0.4,text/plain;q=0.5", "Text")]
    [InlineData("application/openmetrics-text;q=0.5,text/plain;q=0.4", "OpenMetrics")]
    [InlineData("text/plain,application/openmetrics-text", "Text")]
    [InlineData("application/openmetrics-text,text/plain", "OpenMetrics")]
    [InlineData("application/json", "Text")]
    [InlineData("not a media range", "Text")]
    // Prometheus 2.42, 2.53 and 3.x.
    [InlineData("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "OpenMetrics")]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", "OpenMetrics")]
    [InlineData("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", "OpenMetrics")]
    // VictoriaMetrics' vmagent.
    [InlineData("text/plain;version=0.0.4;q=1,*/*;q=0.1", "Text")]
    public void The_best_rated_known_format_is_chosen(string? accept, string expected)
        => Parse("Accept", accept).Format.ToString().Should().Be(expected);

    [Theory]
    [InlineData(null, false)]
    [InlineData("gzip", true)]
    [InlineData("GZip", true)]
    [InlineData("deflate, gzip;q=0.5", true)]
    [InlineData("gzip;q=0", false)]
    [InlineData("br", false)]
    [InlineData("identity", false)]
    public void A_page_is_compressed_when_the_scraper_takes_gzip(string? acceptEncoding, bool expected)
        => Parse("Accept-Encoding", acceptEncoding).AcceptsGzip.Should().Be(expected);

    [Theory]
    [InlineData(null, 10.0)]
    [InlineData("10", 9.5)]
    [InlineData("0.5", 0.475)]
    [InlineData("1e9", 10.0)]
    [InlineData("100000", 300.0)]
    [InlineData("-1", 10.0)]
    [InlineData("0", 10.0)]
    [InlineData("soon", 10.0)]
    public void The_scrapers_patience_is_kept_with_a_margin_and_within_bounds(string? header, double expectedSeconds)
        => Parse("X-Prometheus-Scrape-Timeout-Seconds", header).Timeout.TotalSeconds.Should().BeApproximately(expectedSeconds, 1e-9);

    private static ScrapeRequest Parse(string header, string? value)
    {
        DefaultHttpContext context = new();
        if (value is not null)
            context.Request.Headers[header] = value;
        return ScrapeRequest.Parse(context.Request);
    }
}
