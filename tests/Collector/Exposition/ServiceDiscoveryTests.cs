using System.Net;
using FluentAssertions;
using Monitoring.Collector;
using Monitoring.Tests.Contracts.Otlp;
using Xunit;

namespace Monitoring.Tests.Collector.Exposition;

public sealed class ServiceDiscoveryTests
{
    private readonly ManualTimeProvider clock = new();

    [Fact]
    public async Task No_list_is_given_before_the_first_push_or_the_end_of_the_warm_up()
    {
        await using var collector = await StartAsync();
        using var early = await collector.AskAsync("/sd/prometheus");
        early.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await early.Content.ReadAsStringAsync()).Should().Be("The list of nodes is not known yet: the collector has just started and waits for the first pushes.\n");

        clock.Advance(TimeSpan.FromSeconds(20));
        using var empty = await collector.AskAsync("/sd/prometheus");
        empty.StatusCode.Should().Be(HttpStatusCode.OK);
        empty.Content.Headers.GetValues("Content-Type").Should().Equal("application/json");
        (await empty.Content.ReadAsStringAsync()).Should().Be("[]");
    }

    [Fact]
    public async Task The_first_push_makes_the_list_known()
    {
        await using var collector = await StartAsync();
        await PushAsync(collector, "n1");
        (await collector.AskAsync("/sd/prometheus")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_settle_time_holds_back_a_partial_list()
    {
        await using var collector = await StartAsync(settings => settings.Discovery.SettleTime = TimeSpan.FromSeconds(10));
        await PushAsync(collector, "n1");
        (await collector.AskAsync("/sd/prometheus")).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        clock.Advance(TimeSpan.FromSeconds(10));
        (await collector.AskAsync("/sd/prometheus")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_refused_push_does_not_make_the_list_known()
    {
        await using var collector = await StartAsync();
        var payload = new OtlpPayload().Resource(("service.name", "nameless"));
        await collector.PushAsync(payload.Gauge("g", "", payload.Point(1)).ToArray());
        (await collector.AskAsync("/sd/prometheus")).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task The_lists_are_sorted_and_say_where_to_scrape_golden()
    {
        await using var collector = await StartAsync(settings => settings.Discovery.AdvertisedAddress = "collector.example:9461");
        await PushAsync(collector, "node-10", ("cluster", "lab"), ("gpu.agent.address", "10.0.0.10:9460"));
        await PushAsync(collector, "node-1", ("gpu.agent.address", "[fd00::1]:9460"));
        await PushAsync(collector, "rack 2/a");
        GoldenFile.Check("Collector/sd.collector.json", await collector.GetAsync("/sd/prometheus?via=collector") + "\n");
        GoldenFile.Check("Collector/sd.agent.json", await collector.GetAsync("/sd/prometheus?via=agent") + "\n");
        (await collector.GetAsync("/metrics")).Should().Contain("gpu_collector_nodes_without_agent_address 1\n");
    }

    [Fact]
    public async Task Without_an_advertised_address_the_host_header_is_taken()
    {
        await using var collector = await StartAsync();
        await PushAsync(collector, "n1");
        (await collector.GetAsync("/sd/prometheus")).Should().Contain($"\"targets\":[\"127.0.0.1:{collector.Address.Port}\"]");
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("http://10.0.0.1:9460")]
    [InlineData("10.0.0.1:9460/metrics")]
    [InlineData("user@host:9460")]
    [InlineData("10.0.0.1:99999")]
    [InlineData("a b:1")]
    [InlineData(":9460")]
    public async Task An_agent_address_that_is_no_host_and_port_is_left_out(string address)
    {
        await using var collector = await StartAsync();
        await PushAsync(collector, "n1", ("gpu.agent.address", address));
        (await collector.GetAsync("/sd/prometheus?via=agent")).Should().Be("[]");
    }

    [Fact]
    public async Task A_silent_node_stays_in_the_list_for_the_retention()
    {
        await using var collector = await StartAsync();
        await PushAsync(collector, "n1");
        clock.Advance(TimeSpan.FromMinutes(59));
        (await collector.GetAsync("/sd/prometheus")).Should().Contain("n1");
        (await collector.GetAsync("/api/v1/nodes")).Should().Contain("\"state\":\"expired\"");
        clock.Advance(TimeSpan.FromMinutes(1));
        (await collector.GetAsync("/sd/prometheus")).Should().Be("[]");
    }

    [Fact]
    public async Task Another_way_than_the_two_is_refused_in_words()
    {
        await using var collector = await StartAsync();
        using var answer = await collector.AskAsync("/sd/prometheus?via=pigeon");
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).Should().Be("via is 'pigeon', expected collector or agent.\n");
    }

    [Fact]
    public async Task The_nodes_are_listed_with_their_state()
    {
        await using var collector = await StartAsync();
        await PushAsync(collector, "n2", ("cluster", "lab"), ("gpu.agent.address", "10.0.0.2:9460"), ("gpu.agent.push_interval_seconds", 5L));
        clock.Advance(TimeSpan.FromSeconds(2));
        GoldenFile.Check("Collector/nodes.json", await collector.GetAsync("/api/v1/nodes") + "\n");
    }

    private Task<RunningCollector> StartAsync(Action<CollectorSettings>? configure = null) => RunningCollector.StartAsync(configure, clock);

    private static async Task PushAsync(RunningCollector collector, string node, params (string, object)[] resource)
    {
        var payload = new OtlpPayload().Resource([("host.name", node), .. resource]);
        (await collector.PushAsync(payload.Gauge("g", "", payload.Point(1)).ToArray())).EnsureSuccessStatusCode();
    }
}
