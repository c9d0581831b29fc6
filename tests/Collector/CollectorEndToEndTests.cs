using FluentAssertions;
using OpenTelemetry.Exporter;
using Xunit;

namespace Monitoring.Tests.Collector;

/// <summary>The OpenTelemetry SDK with its own OTLP exporter pushes into the real server.</summary>
public sealed class CollectorEndToEndTests
{
    [Theory]
    [InlineData(OtlpExportCompression.None)]
    [InlineData(OtlpExportCompression.GZip)]
    public async Task What_the_sdk_sends_is_on_the_page_under_its_prometheus_name(OtlpExportCompression compression)
    {
        await using var collector = await RunningCollector.StartAsync();
        using var sender = new OpenTelemetrySender(collector.Address, "n1", compression, ("gpu.agent.push_interval_seconds", 5L));
        var delay = sender.Meter.CreateHistogram<double>("gpu.agent.collection.duration", "s", "Time of a collection.");
        delay.Record(0.002);
        delay.Record(7);
        sender.Push().Should().BeTrue();
        sender.TemperatureCelsius = 43.5;
        sender.Push().Should().BeTrue();

        var page = await collector.GetAsync("/nodes/n1/metrics");
        page.Should().ContainAll(
            "# TYPE gpu_temperature_celsius gauge\n", "# HELP gpu_temperature_celsius Temperature of the GPU.\n",
            """gpu_temperature_celsius{cluster="lab",gpu="0",node="n1",sensor="gpu",uuid="GPU-n1-0"} 43.5""",
            """gpu_utilization_ratio{cluster="lab",gpu="1",node="n1",uuid="GPU-n1-1"} 0.75""",
            """gpu_memory_used_bytes{cluster="lab",gpu="0",node="n1",uuid="GPU-n1-0"} 45097156608""",
            """gpu_energy_joules_total{cluster="lab",gpu="0",node="n1",uuid="GPU-n1-0"} 1234.5""",
            """gpu_processes{cluster="lab",gpu="0",node="n1",uuid="GPU-n1-0"} 3""",
            """gpu_pcie_transmit_bytes_per_second{cluster="lab",gpu="0",node="n1",uuid="GPU-n1-0"} 1000000000""",
            """gpu_agent_collection_duration_seconds_bucket{node="n1",le="+Inf"} 2""",
            """gpu_agent_collection_duration_seconds_sum{node="n1"} 7.002""");
        page.Should().NotContain("gpu_fan_speed", "what is not supported is absent and not 0");
        collector.Store.Tally.AcceptedPushes.Should().Be(2);

        var promtool = Requirement.Program("promtool");
        (await ChildProcess.RunAsync(promtool, ["check", "metrics"], page)).Should().Be((0, ""));
    }

    [Fact]
    public async Task A_prometheus_scrapes_all_nodes_through_the_target_lists_both_ways()
    {
        var program = Requirement.Program("prometheus");
        await using var collector = await RunningCollector.StartAsync();
        // Any page of metrics stands for the agents' own here: what counts is that their address arrives.
        await using var agent = await RunningCollector.StartAsync();
        var senders = Enumerable.Range(1, 4).Select(node => new OpenTelemetrySender(
            collector.Address, $"node-{node}", resource: ("gpu.agent.address", agent.Address.Authority))).ToList();
        foreach (var sender in senders) sender.Push().Should().BeTrue();

        await using var prometheus = await RunningPrometheus.StartAsync(program, collector.Address);
        // Discovery takes some seconds; the nodes go on pushing meanwhile, as they would.
        var up = await prometheus.WaitForAsync("count(up{job=\"nodes\"} == 1)", "4", () => senders.ForEach(static sender => sender.Push()));
        up.Should().Be("4");
        (await prometheus.QueryAsync("count(gpu_temperature_celsius)")).Should().Be("8");
        (await prometheus.QueryAsync("count(count by (cluster, node, gpu, uuid, sensor, instance, job) (gpu_temperature_celsius{cluster=\"lab\",node=~\"node-[1-4]\"}))")).Should().Be("8");
        (await prometheus.QueryAsync("count({__name__=~\"gpu_.*\",exported_node!=\"\"}) or vector(0)")).Should().Be("0", "the target's labels and the page's agree");
        (await prometheus.QueryAsync("sum(scrape_samples_scraped{job=\"nodes\"})")).Should().Be("48");
        (await prometheus.WaitForAsync($"count(up{{job=\"agents\",instance=\"{agent.Address.Authority}\"}} == 1)", "4", static () => { })).Should().Be("4");
        (await prometheus.WaitForAsync("up{job=\"collector\"}", "1", static () => { })).Should().Be("1");
        senders.ForEach(static sender => sender.Dispose());
    }
}
