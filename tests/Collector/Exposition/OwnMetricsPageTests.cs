using FluentAssertions;
using Monitoring.Tests.Contracts.Otlp;
using Xunit;

namespace Monitoring.Tests.Collector.Exposition;

public sealed class OwnMetricsPageTests
{
    [Fact]
    public async Task What_is_said_of_a_node_leaves_the_own_page_with_the_node()
    {
        var clock = new ManualTimeProvider();
        await using var collector = await RunningCollector.StartAsync(time: clock);
        await PushAsync(collector, "n1");
        (await collector.GetAsync("/metrics")).Should().Contain("gpu_collector_node_clock_skew_seconds{node=\"n1\"}").And.Contain("gpu_collector_node_last_push_timestamp_seconds{node=\"n1\"}");

        clock.Advance(TimeSpan.FromHours(2));
        (await FreshPageAsync(collector, 1)).Should().NotContain("node=\"n1\"");
    }

    [Fact]
    public async Task Nodes_that_come_and_go_never_use_up_the_room_for_nodes()
    {
        var clock = new ManualTimeProvider();
        await using var collector = await RunningCollector.StartAsync(settings => settings.Series.MaxNodes = 3, clock);
        for (var node = 0; node < 10; node++)
        {
            await PushAsync(collector, $"n{node}");
            (await FreshPageAsync(collector, node)).Should().Contain($"gpu_collector_node_last_push_timestamp_seconds{{node=\"n{node}\"}}").And.NotContain("overflow");
            clock.Advance(TimeSpan.FromHours(2));
            collector.Store.Sweep();
        }
    }

    // A page serves for a moment of real time; one in the other format is collected anew.
    private static async Task<string> FreshPageAsync(RunningCollector collector, int round)
    {
        using var answer = await collector.AskAsync("/metrics", ("Accept", round % 2 == 0 ? "text/plain" : "application/openmetrics-text"));
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task PushAsync(RunningCollector collector, string node)
    {
        var payload = new OtlpPayload().Resource(("host.name", node));
        (await collector.PushAsync(payload.Gauge("g", "", payload.Point(1)).ToArray())).EnsureSuccessStatusCode();
    }
}
