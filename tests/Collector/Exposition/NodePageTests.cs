using System.IO.Compression;
using System.Net;
using FluentAssertions;
using Monitoring.Collector.Exposition;
using Monitoring.Tests.Collector.Series;
using Monitoring.Tests.Contracts.Otlp;
using Xunit;

namespace Monitoring.Tests.Collector.Exposition;

public sealed class NodePageTests
{
    [Fact]
    public void A_page_in_text_format_is_golden() => GoldenFile.Check("Collector/node.prometheus.txt", Bench().Page("node-1"));

    [Fact]
    public void A_page_in_openmetrics_is_golden() => GoldenFile.Check("Collector/node.openmetrics.txt", Bench().Page("node-1", PageFormat.OpenMetrics));

    [Fact]
    public async Task A_page_passes_promtool_without_a_word()
    {
        var promtool = Requirement.Program("promtool");
        (await ChildProcess.RunAsync(promtool, ["check", "metrics"], Bench().Page("node-1"))).Should().Be((0, ""));
    }

    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(-0.0, "0")]
    [InlineData(1e17, "1E+17")]
    [InlineData(999999999999999, "999999999999999")]
    [InlineData(-123456, "-123456")]
    [InlineData(1.7976931348623157E+308, "1.7976931348623157E+308")]
    [InlineData(5E-324, "5E-324")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public void A_number_is_written_so_that_it_reads_back_the_same(double value, string expected)
    {
        var bench = new StoreBench();
        var payload = bench.Payload(("host.name", "n1"));
        bench.Push(payload.Gauge("g", "", payload.Point(value)));
        bench.Samples("n1").Should().Equal($$"""g{node="n1"} {{expected}}""");
    }

    [Fact]
    public async Task A_page_is_served_as_the_scraper_asks()
    {
        await using var collector = await RunningCollector.StartAsync();
        var payload = new OtlpPayload().Resource(("host.name", "n1"));
        await collector.PushAsync(payload.Gauge("g", "", payload.Point(1)).ToArray());

        using var text = await collector.AskAsync("/nodes/n1/metrics");
        text.Content.Headers.GetValues("Content-Type").Should().Equal("text/plain; version=0.0.4; charset=utf-8");
        text.Content.Headers.ContentEncoding.Should().BeEmpty();

        using var packed = await collector.AskAsync("/nodes/n1/metrics", ("Accept", "application/openmetrics-text; version=1.0.0"), ("Accept-Encoding", "gzip"));
        packed.Content.Headers.GetValues("Content-Type").Should().Equal("application/openmetrics-text; version=1.0.0; charset=utf-8");
        packed.Content.Headers.ContentEncoding.Should().Equal("gzip");
        await using var gzip = new GZipStream(await packed.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip);
        (await reader.ReadToEndAsync()).Should().EndWith("g{node=\"n1\"} 1\n# EOF\n");
    }

    [Fact]
    public async Task An_unknown_node_is_not_found_and_an_expired_one_unavailable_both_in_words()
    {
        var clock = new ManualTimeProvider();
        await using var collector = await RunningCollector.StartAsync(time: clock);
        using var unknown = await collector.AskAsync("/nodes/n1/metrics");
        unknown.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await unknown.Content.ReadAsStringAsync()).Should().Be("No node 'n1' has pushed within the last 60 minutes. The nodes known are listed at /api/v1/nodes.\n");

        var payload = new OtlpPayload().Resource(("host.name", "n1"));
        await collector.PushAsync(payload.Gauge("g", "", payload.Point(1)).ToArray());
        clock.Advance(TimeSpan.FromSeconds(31));
        using var expired = await collector.AskAsync("/nodes/n1/metrics");
        expired.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await expired.Content.ReadAsStringAsync()).Should().StartWith("Node 'n1' pushed last at 2026-01-01 00:00:00 UTC; its data has expired.");
    }

    [Theory]
    [InlineData("rack 1/node+2")]
    [InlineData("ünï")]
    [InlineData("a%b")]
    [InlineData("q?x#y")]
    public async Task A_node_of_any_name_is_found_by_the_path_in_the_target_list(string name)
    {
        await using var collector = await RunningCollector.StartAsync();
        var payload = new OtlpPayload().Resource(("host.name", name));
        await collector.PushAsync(payload.Gauge("g", "", payload.Point(1)).ToArray());
        var path = collector.Service<ServiceDiscovery>().Pages("x:1").Single().Labels["__metrics_path__"];
        (await collector.AskAsync(path)).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private static StoreBench Bench()
    {
        var bench = new StoreBench();
        var payload = bench.Payload(("host.name", "node-1"), ("cluster", "lab"));
        bench.Push(payload
            .Metric("gpu.temperature", "Cel", "Temperature; \"gpu\" is the core's,\nslowdown \\ shutdown apart.", 5, [payload.Point(41.5, ("gpu", "1"), ("sensor", "gpu")), payload.Point(38, ("gpu", "0"), ("sensor", "gpu"))], null, null)
            .Metric("gpu.energy", "J", "Energy since the driver was loaded.", 7, [payload.Point(123456.789, ("gpu", "0"))], 2, true)
            .Metric("gpu.utilization", "1", "Share of time in which a kernel ran.", 5, [payload.Point(0.25, ("gpu", "0"))], null, null)
            .Metric("gpu.info", "", "Identity of the GPU; always 1.", 5, [payload.IntegerPoint(1, ("gpu", "0"), ("model", "A \"quoted\" \\ model"))], null, null)
            .Metric("gpu.agent.collection.duration", "s", "Time of a collection.", 9, [payload.HistogramPoint([5, 3, 1], [0.001, 0.01], 0.05, 9)], 2, null)
            .Metric("gpu.absent", "", "Never seen.", 5, [payload.AbsentPoint()], null, null));
        return bench;
    }
}
