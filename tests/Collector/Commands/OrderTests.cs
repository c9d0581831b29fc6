using System.Net;
using System.Text;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Collector.Commands;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Collector.Commands;

public sealed class OrderTests
{
    [Fact]
    public async Task Several_nodes_begin_at_the_same_instant_and_each_that_cannot_says_why()
    {
        var clock = new ManualTimeProvider();
        await using var collector = await RunningCollector.StartAsync(time: clock);
        await using var first = await AgentStream.OpenAsync(collector.Client, "n1");
        await using var second = await AgentStream.OpenAsync(collector.Client, "n2");

        var (status, answer) = await collector.Client.OrderAsync("""{"selector":"node=n1,node=n2,node=n3,gpu=0","by":"ada"}""");

        status.Should().Be(HttpStatusCode.Accepted);
        answer.StartAt.Should().Be(clock.GetUtcNow().AddSeconds(5));
        (await first.NextAsync()).Capture!.StartAt.Should().Be(answer.StartAt);
        (await second.NextAsync()).Capture!.StartAt.Should().Be(answer.StartAt);
        var refused = answer.Captures.Should().ContainSingle(static capture => capture.Refusal != null).Subject;
        (refused.Node, refused.Refusal, refused.Id).Should().Be(("n3", CaptureRefusal.NodeNotConnected, ""));
        (await collector.Client.AuditAsync("&action=request&outcome=refused")).Should().ContainSingle().Which.Should().Match<AuditEntry>(static entry =>
            entry.By == "ada" && entry.Node == "n3" && entry.Remote.Contains("127.0.0.1") && entry.Refusal == CaptureRefusal.NodeNotConnected);
    }

    [Theory]
    [InlineData("""{"all":true}""", "a1,a2,b1")]
    [InlineData("""{"selector":"all"}""", "a1,a2,b1")]
    [InlineData("""{"selector":"node=a*"}""", "a1,a2")]
    [InlineData("""{"selector":"node=?1"}""", "a1,b1")]
    [InlineData("""{"nodes":["a2","a2","b1"]}""", "a2,b1")]
    [InlineData("""{"node":"a1","selector":"node=b*"}""", "a1,b1")]
    public async Task Selectors_mean_connected_nodes(string wish, string nodes)
    {
        await using var collector = await RunningCollector.StartAsync();
        await using var first = await AgentStream.OpenAsync(collector.Client, "a1");
        await using var second = await AgentStream.OpenAsync(collector.Client, "a2");
        await using var third = await AgentStream.OpenAsync(collector.Client, "b1");

        var (_, answer) = await collector.Client.OrderAsync(wish);

        answer.Captures.Select(static capture => capture.Node).Should().Equal(nodes.Split(','));
        answer.Captures.Should().OnlyContain(static capture => capture.Refusal == null);
    }

    [Fact]
    public async Task Every_mistake_is_named_with_the_field_the_value_and_the_remedy()
    {
        await using var collector = await RunningCollector.StartAsync(time: new ManualTimeProvider());

        var (status, error) = await collector.Client.WrongOrderAsync(
            """{"selector":"nod=x,gpu=-1","duration_seconds":900,"profilers":["vtune"],"pid":0,"gpus":[5000],"start_at":"2020-01-01T00:00:00Z"}""");

        status.Should().Be(HttpStatusCode.BadRequest);
        error.Problems!.Select(static problem => problem.Field).Should().Equal("selector", "selector", "gpus", "duration_seconds", "profilers", "pid", "start_at");
        error.Error.Should().Contain("duration_seconds is '900', expected 0.1 to 120 seconds (commands.max_duration)").And.Contain("profilers is 'vtune', expected one of counters, nsys_system");
        (await collector.Client.WrongOrderAsync("""{"by":"ada"}""")).Error.Error.Should().Contain("one of node, nodes, job, all or selector");
        (await collector.Client.WrongOrderAsync("""{"nodee":"n1"}""")).Error.Error.Should().Contain("nodee");
        (await collector.Client.WrongOrderAsync("""{"selector":"node=x*"}""")).Error.Error.Should().Contain("0 nodes are connected");
    }

    [Fact]
    public async Task The_same_key_is_the_same_wish_and_another_wish_under_it_is_refused()
    {
        await using var collector = await RunningCollector.StartAsync();
        await using var agent = await AgentStream.OpenAsync(collector.Client, "n1");
        var (_, once) = await collector.Client.OrderAsync("""{"node":"n1"}""", "key-1");
        var (status, again) = await collector.Client.OrderAsync("""{"node":"n1"}""", "key-1");

        status.Should().Be(HttpStatusCode.Accepted);
        again.Should().BeEquivalentTo(once);
        collector.Service<CommandQueue>().Count.Should().Be(1);
        (await collector.Client.WrongOrderAsync("""{"node":"n1","pin":true}""", "key-1")).Should().Match<(HttpStatusCode Status, CommandError Error)>(static answer =>
            answer.Status == HttpStatusCode.UnprocessableEntity && answer.Error.Reason == "key_in_use");
        (await collector.Client.OrderAsync("""{"node":"n1"}""")).Answer.Group.Should().NotBe(once.Group, "without a key each wish is a new one");
    }

    [Fact]
    public async Task A_capture_is_taken_back_before_the_node_knows_of_it_or_by_a_command()
    {
        await using var collector = await RunningCollector.StartAsync();
        await using (await AgentStream.OpenAsync(collector.Client, "n1"))
        {
        }

        await Eventually.HoldsAsync("the collector sees that the agent is gone", () => collector.Service<CommandHub>().Count == 0);
        var (_, early) = await collector.Client.OrderAsync("""{"node":"n1"}""");
        var (status, text) = await collector.Client.SendAsync(HttpMethod.Post, $"/api/v1/captures/{early.Captures[0].Id}/cancel?by=ada");
        status.Should().Be(HttpStatusCode.Accepted);
        text.Should().Contain("before n1 knew of it");
        collector.Service<CommandQueue>().Count.Should().Be(0);
        (await collector.Client.GroupAsync(early.Group)).Captures[0].Progress!.Stage.Should().Be(CaptureStage.Cancelled);

        await using var agent = await AgentStream.OpenAsync(collector.Client, "n1");
        var (_, late) = await collector.Client.OrderAsync("""{"node":"n1"}""");
        var id = (await agent.NextAsync()).Capture!.Id;
        await agent.SayAsync(id, CaptureStage.Recording, 3);
        (await collector.Client.SendAsync(HttpMethod.Post, $"/api/v1/captures/{id}/cancel?by=ada")).Status.Should().Be(HttpStatusCode.Accepted);
        (await agent.NextAsync()).Cancel.Should().Be(id);
        await agent.SayAsync(id, CaptureStage.Cancelled, 4);

        collector.Service<CommandQueue>().Count.Should().Be(0);
        (await collector.Client.GroupAsync(late.Group)).IsOver.Should().BeTrue();
        (await collector.Client.SendAsync(HttpMethod.Post, $"/api/v1/captures/{id}/cancel")).Should().Match<(HttpStatusCode Status, string Text)>(static answer =>
            answer.Status == HttpStatusCode.Conflict && answer.Text.Contains("over already"));
        (await collector.Client.SendAsync(HttpMethod.Post, $"/api/v1/captures/{EventId.Of("none")}/cancel")).Status.Should().Be(HttpStatusCode.NotFound);
        (await collector.Client.SendAsync(HttpMethod.Post, "/api/v1/captures/xyz/cancel")).Status.Should().Be(HttpStatusCode.BadRequest);
        (await collector.Client.AuditAsync("&action=cancel&by=ada")).Should().HaveCount(2);
    }

    [Fact]
    public async Task People_are_held_to_the_budget_and_may_force_it()
    {
        await using var collector = await RunningCollector.StartAsync(static settings => settings.Commands.Budget.MaxConcurrent = 1);
        await using var first = await AgentStream.OpenAsync(collector.Client, "n1");
        await using var second = await AgentStream.OpenAsync(collector.Client, "n2");
        await collector.Client.OrderAsync("""{"node":"n1"}""");

        var (status, refused) = await collector.Client.OrderAsync("""{"node":"n2"}""");

        status.Should().Be(HttpStatusCode.Conflict);
        refused.Captures[0].Should().Be(new OrderedCapture("n2", "", CaptureRefusal.Budget, "1 captures are under way in the cluster, commands.budget.max_concurrent allows 1"));
        (await collector.Client.OrderAsync("""{"node":"n2","force":true}""")).Status.Should().Be(HttpStatusCode.Accepted);
        collector.Service<FleetBudget>().Active.Should().Be(2);
    }

    [Fact]
    public async Task A_job_on_eight_nodes_is_captured_on_all_of_them_and_counts_as_one()
    {
        await using var collector = await RunningCollector.StartAsync();
        var agents = new List<AgentStream>();
        for (var node = 1; node <= 8; node++) agents.Add(await AgentStream.OpenAsync(collector.Client, $"n{node}"));

        var (status, answer) = await collector.Client.OrderAsync("""{"selector":"job=4711,node=n*"}""");

        status.Should().Be(HttpStatusCode.Accepted);
        answer.Captures.Should().HaveCount(8).And.OnlyContain(static capture => capture.Refusal == null);
        foreach (var agent in agents) (await agent.NextAsync()).Capture.Should().Match<CaptureRequest>(request => request.StartAt == answer.StartAt && request.Target.Job == "4711");
        (await collector.Client.OrderAsync("""{"selector":"job=4711,node=n1"}""")).Status.Should().Be(HttpStatusCode.Accepted, "two orders of a job are let in");
        (await collector.Client.OrderAsync("""{"selector":"job=4711,node=n2"}""")).Answer.Captures[0].Words.Should().Be("2 captures of job 4711 are under way, commands.budget.max_concurrent_per_job allows 2");
        foreach (var agent in agents) await agent.DisposeAsync();
    }

    [Fact]
    public async Task A_job_on_more_nodes_than_the_cluster_takes_is_captured_on_as_many()
    {
        await using var collector = await RunningCollector.StartAsync(static settings => settings.Commands.Budget.MaxConcurrent = 3);
        var agents = new List<AgentStream>();
        for (var node = 1; node <= 4; node++) agents.Add(await AgentStream.OpenAsync(collector.Client, $"n{node}"));

        var (_, answer) = await collector.Client.OrderAsync("""{"selector":"job=4711,node=n*"}""");

        answer.Captures.Where(static capture => capture.Refusal is not null).Should().ContainSingle().Which.Words.Should().Contain("commands.budget.max_concurrent allows 3");
        foreach (var agent in agents) await agent.DisposeAsync();
    }

    [Fact]
    public async Task What_the_collector_refuses_is_counted_by_reason_and_an_event_of_the_node()
    {
        await using var collector = await RunningCollector.StartAsync(static settings =>
        {
            settings.Commands.Budget.MaxConcurrent = 1;
            settings.Commands.MaxCommandsPerNode = 1;
            settings.Series.DefaultCluster = "lab";
        });
        await using var agent = await AgentStream.OpenAsync(collector.Client, "n1");
        await collector.Client.OrderAsync("""{"selector":"node=n1,node=n2,gpu=3","by":"ada"}""");
        await collector.Client.OrderAsync("""{"node":"n1"}""");
        await collector.Client.OrderAsync("""{"node":"n1","force":true}""");

        var page = await collector.GetAsync("/metrics");
        foreach (var reason in new[] { "node_not_connected", "budget", "queue_full" })
            page.Should().Contain($$"""gpu_collector_capture_refusals_total{reason="{{reason}}",trigger="person"} 1""");
        page.Should().Contain("""gpu_collector_capture_refusals_total{reason="expired",trigger="schedule"} 0""");
        await Eventually.HoldsAsync("the events are kept", async () => (await EventsAsync(collector)).Count == 3);
        var told = (await EventsAsync(collector)).Single(static record => record.Node == "n2");
        told.Should().BeEquivalentTo(new { Kind = EventKinds.Capture, Cluster = "lab", Gpu = new GpuReference(3), Severity = EventSeverity.Info });
        told.Title.Should().MatchRegex("^Capture [0-9a-f]{8} on n2 for person ada: refused: node_not_connected: no agent of n2 is connected");
        told.Evidence.Details.Should().Contain(CaptureEventDetails.Stage, "refused").And.Contain(CaptureEventDetails.Refusal, "node_not_connected").And.Contain(CaptureEventDetails.AskedBy, "ada");
    }

    [Fact]
    public async Task A_node_with_too_much_waiting_refuses_more()
    {
        await using var collector = await RunningCollector.StartAsync(static settings => settings.Commands.MaxCommandsPerNode = 2);
        await using (await AgentStream.OpenAsync(collector.Client, "n1"))
        {
        }

        await collector.Client.OrderAsync("""{"node":"n1"}""");
        await collector.Client.OrderAsync("""{"node":"n1"}""");

        (await collector.Client.OrderAsync("""{"node":"n1"}""")).Answer.Captures[0].Refusal.Should().Be(CaptureRefusal.QueueFull);
        collector.Service<FleetBudget>().Active.Should().Be(2, "what is refused gives its place back");
    }

    private static async Task<IReadOnlyList<EventRecord>> EventsAsync(RunningCollector collector)
    {
        using var json = JsonDocument.Parse(await collector.GetAsync("/api/v1/events"));
        return [.. json.RootElement.GetProperty("events").EnumerateArray().Select(static one => EventJson.Read(Encoding.UTF8.GetBytes(one.GetRawText())))];
    }
}
