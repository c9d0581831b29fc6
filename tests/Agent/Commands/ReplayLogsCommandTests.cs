using FluentAssertions;
using Monitoring.Agent.Hosting;
using Monitoring.Tests.Elasticsearch.Servers;
using Serilog;
using Xunit;
using Program = Monitoring.Agent.Program;

namespace Monitoring.Tests.Agent.Commands;

public sealed class ReplayLogsCommandTests : IDisposable
{
    private readonly string state = Directory.CreateTempSubdirectory("agent-state-").FullName;

    public void Dispose() => Directory.Delete(state, recursive: true);

    [Fact]
    public async Task Lines_that_a_server_refused_are_stored_in_their_namespace_once_it_takes_them()
    {
        await using var server = await SearchServer.FakeAsync(ServerFlavour.Elasticsearch8);
        server.Front.Plan = new RefusesAll();
        var settings = new AgentSettings { StateDirectory = state, Node = "node-1" };
        (settings.Log.Ship, settings.Log.Namespace, settings.Log.Elasticsearch.Urls) = (LogShipTo.Elasticsearch, "prod", [server.Address]);
        var configuration = new LoggerConfiguration();
        new LogShipping(settings, TimeProvider.System).AddTo(configuration);
        await using (var logger = configuration.CreateLogger())
        {
            logger.Information("A line");
            Eventually.Holds("the line is a dead letter", () => Directory.GetFiles(state, "*.ndjson", SearchOption.AllDirectories).Length == 1);
        }

        Replay(server.Address).Should().Be(1, "it is refused again");
        server.Front.Plan = new NoFaults();
        Replay(server.Address).Should().Be(0);

        (await server.AskAsync("POST", "/logs-gpu.agent-prod-*/_count")).Body!["count"]!.GetValue<int>().Should().Be(1);
        Directory.GetFiles(state, "*.ndjson", SearchOption.AllDirectories).Should().BeEmpty();
    }

    [Fact]
    public async Task Root_leaves_no_files_that_the_agent_could_not_write()
    {
        Requirement.That(Environment.IsPrivilegedProcess, "only root can give a directory to somebody else");
        await using var server = await SearchServer.FakeAsync(ServerFlavour.Elasticsearch8);
        var letters = Directory.CreateDirectory(Path.Combine(state, "logs-dead-letters")).FullName;
        using (var given = System.Diagnostics.Process.Start("chown", ["65534", letters])) await given.WaitForExitAsync();

        Replay(server.Address).Should().Be(1);

        Directory.GetFileSystemEntries(letters).Should().BeEmpty();
        server.Front.Seen.Should().BeEmpty();
    }

    [Fact]
    public void Where_nothing_is_sent_there_is_nothing_to_replay() => Program.Main(["replay-logs", "--set", $"state_directory={state}", "--set", "log.ship=none"]).Should().Be(1);

    [Fact]
    public void A_namespace_that_no_index_can_have_is_refused() => Program.Main(["replay-logs", "--set", "log.namespace=Prod-1"]).Should().Be(78);

    private int Replay(Uri server) =>
        Program.Main(["replay-logs", "--patience", "30", "--set", $"state_directory={state}", "--set", "log.ship=elasticsearch", "--set", "log.namespace=prod", "--set", $"log.elasticsearch.urls={server}"]);

    private sealed class RefusesAll : IFaultPlan
    {
        public RequestFault? OfRequest(ServerRequest request, IReadOnlyList<ReceivedAction> actions) => null;

        public ItemFault? OfItem(ReceivedAction action) => ItemFault.WrongType;
    }
}
