using System.Text.Json;
using FluentAssertions;
using Monitoring.Collector.Logs;
using Monitoring.Tests.Collector;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>The agent's own lines at the collector, and over the agent's death while there is no collector.</summary>
public sealed class LogDeliveryTests
{
    [Fact]
    public async Task Lines_of_an_agent_are_found_at_the_collector_each_once_also_those_of_a_life_that_was_killed()
    {
        await using var collector = await RunningCollector.StartAsync();
        await using var agent = new KillableAgent("node-9", gpus: 1, seed: 1, collector.Address);
        await agent.StartAsync();
        await Eventually.HoldsAsync("a line comes", () => Messages(collector).Exists(static line => line.Node == "node-9"));
        await agent.KillAsync();
        await agent.StartAsync();
        var lives = () => collector.Service<LogStore>().Read(0).Select(static one => one.Line.Id.Split('-')[0]).Distinct().Count();
        await Eventually.HoldsAsync("lines of both lives come", () => lives() == 2);
        var ids = collector.Service<LogStore>().Read(0).Select(static one => one.Line.Id).ToList();
        ids.Should().OnlyHaveUniqueItems();
        Messages(collector).Should().OnlyContain(static line => line.Node == "node-9");
        using var page = JsonDocument.Parse(await collector.GetAsync("/api/v1/logs?node=node-9&limit=1"));
        page.RootElement.GetProperty("logs")[0].GetProperty("service").GetProperty("name").GetString().Should().Be("gpu-agent");
        await Eventually.HoldsAsync("the agent counts what it sent", async () => (await agent.ReadAsync())?.Any(static sample => sample.Name == "gpu_sink_sent_total" && sample.Labels["sink"] == "logs" && sample.Value > 0) == true);
    }

    private static List<(string Node, string Message)> Messages(RunningCollector collector) =>
    [
        .. collector.Service<LogStore>().Read(0).Select(static one =>
        {
            using var json = JsonDocument.Parse(one.Line.Json);
            return (json.RootElement.GetProperty("host").GetProperty("name").GetString()!, json.RootElement.GetProperty("message").GetString()!);
        }),
    ];
}
