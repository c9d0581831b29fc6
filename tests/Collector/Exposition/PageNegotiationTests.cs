using FluentAssertions;
using Monitoring.Collector.Exposition;
using Xunit;

namespace Monitoring.Tests.Collector.Exposition;

public sealed class PageNegotiationTests
{
    [Theory]
    [InlineData("", "Text")]
    [InlineData("*/*", "Text")]
    [InlineData("text/plain", "Text")]
    [InlineData("text/html", "Text")]
    [InlineData("application/openmetrics-text", "OpenMetrics")]
    [InlineData("application/openmetrics-text; version=1.0.0", "OpenMetrics")]
    [InlineData("application/openmetrics-text; version=\"1.0.0\"; charset=utf-8", "OpenMetrics")]
    [InlineData("application/openmetrics-text; version=0.0.1", "Text")]
    [InlineData("text/plain;q=0.5, application/openmetrics-text;q=0.4", "Text")]
    [InlineData("text/plain;q=0.4, application/openmetrics-text;q=0.5", "OpenMetrics")]
    [InlineData("application/openmetrics-text;q=0, */*;q=0.1", "Text")]
    [InlineData("nonsense;;;", "Text")]
    // Prometheus 2.42, then 3.
    [InlineData("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "OpenMetrics")]
    [InlineData("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,/;q=0.1", "OpenMetrics")]
    public void The_format_follows_the_accept_header(string accept, string expected) => PageNegotiation.Choose([accept]).ToString().Should().Be(expected);

    [Theory]
    [InlineData("", false)]
    [InlineData("gzip", true)]
    [InlineData("deflate, gzip;q=0.5", true)]
    [InlineData("gzip;q=0", false)]
    [InlineData("*", true)]
    [InlineData("*, gzip;q=0", false)]
    [InlineData("identity", false)]
    [InlineData("x-gzip-like", false)]
    public void Gzip_follows_the_accept_encoding_header(string acceptEncoding, bool expected) => PageNegotiation.AllowsGzip([acceptEncoding]).Should().Be(expected);

    [Fact]
    public void The_content_types_are_exact()
    {
        PageFormat.Text.ContentType().Should().Be("text/plain; version=0.0.4; charset=utf-8");
        PageFormat.OpenMetrics.ContentType().Should().Be("application/openmetrics-text; version=1.0.0; charset=utf-8");
    }
}
