using FluentAssertions;
using Monitoring.Agent.Shipping;
using Xunit;

namespace Monitoring.Tests.Agent.Shipping;

public sealed class MetricPushTests
{
    [Theory]
    [InlineData("http://collector:9461", "http://collector:9461/v1/metrics")]
    [InlineData("http://collector:9461/", "http://collector:9461/v1/metrics")]
    [InlineData("https://gateway.example/otlp", "https://gateway.example/otlp/v1/metrics")]
    [InlineData("https://gateway.example/otlp/v1/metrics", "https://gateway.example/otlp/v1/metrics")]
    public void The_path_of_the_protocol_is_added_once(string endpoint, string expected) =>
        MetricPush.MetricsUrl(new Uri(endpoint)).Should().Be(new Uri(expected));
}
