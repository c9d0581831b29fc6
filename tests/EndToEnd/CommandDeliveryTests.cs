using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Shipping;
using Monitoring.Agent.Shipping.Commands;
using Monitoring.Tests.Agent.Shipping.Commands;
using Monitoring.Tests.Collector.Commands;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>The agent's own stream against a collector process that is killed in the middle.</summary>
public sealed class CommandDeliveryTests
{
    private const string Node = "n1";

    [Fact]
    public async Task A_command_outlives_the_collector_and_is_taken_once()
    {
        await using var collector = new KillableCollector();
        await collector.StartAsync();
        using var client = new HttpClient { BaseAddress = collector.Address };
        await using (await AgentStream.OpenAsync(client, Node))
        {
        }

        // Within the moment in which the node still counts as connected; nobody hears of it before the collector dies.
        var (_, answer) = await client.OrderAsync("""{"node":"n1","by":"ada"}""", "key");
        await collector.KillAsync();
        await collector.StartAsync();

        var desk = new MemoryDesk(Node);
        using var running = new RunningStream(collector.Address, desk);
        (await desk.NextAsync()).Id.Should().Be(answer.Captures[0].Id);
        (await client.OrderAsync("""{"node":"n1","by":"ada"}""", "key")).Answer.Should().BeEquivalentTo(answer, "the wish is known over the restart");
        await running.StopAsync();
    }

    [Fact]
    public async Task However_often_the_collector_is_killed_each_capture_is_taken_exactly_once()
    {
        const int Rounds = 5;
        await using var collector = new KillableCollector();
        var desk = new MemoryDesk(Node);
        await collector.StartAsync();
        using var running = new RunningStream(collector.Address, desk);
        var wanted = new List<string>();
        for (var round = 0; round < Rounds; round++)
        {
            using var asking = new HttpClient { BaseAddress = collector.Address };
            wanted.Add(await OrderAsync(asking));
            await collector.KillAsync();
            await collector.StartAsync();
        }

        for (var round = 0; round < Rounds; round++) await desk.NextAsync();

        desk.Taken.Should().BeEquivalentTo(wanted);
        await running.StopAsync();
    }

    /// <summary>Asks until the agent has come back to the collector.</summary>
    private static async Task<string> OrderAsync(HttpClient client)
    {
        var id = "";
        await Eventually.HoldsAsync("the collector takes the order", async () =>
        {
            var (_, answer) = await client.OrderAsync("""{"node":"n1","force":true}""");
            id = answer.Captures[0].Id;
            return answer.Captures[0].Refusal is null;
        });
        return id;
    }

    /// <summary>The agent's parts that speak with the collector about captures.</summary>
    private sealed class RunningStream : IDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly ProgressReporter reporter;
        private readonly CommandStream stream;
        private readonly Task work;

        internal RunningStream(Uri collector, MemoryDesk desk)
        {
            var settings = new CollectorSettings { Endpoint = collector };
            reporter = new ProgressReporter(settings, desk.All, new ToldCaptures(""), TimeProvider.System, NullLogger<ProgressReporter>.Instance);
            stream = new CommandStream(settings, Node, new CommandCursor(""), new CommandDesk(desk, reporter, Node, TimeProvider.System), TimeProvider.System, NullLogger<CommandStream>.Instance);
            work = Task.WhenAll(reporter.RunAsync(stop.Token), stream.RunAsync(stop.Token));
        }

        internal async Task StopAsync()
        {
            await stop.CancelAsync();
            await work;
        }

        public void Dispose()
        {
            stop.Cancel();
            reporter.Dispose();
            stream.Dispose();
            stop.Dispose();
        }
    }
}
