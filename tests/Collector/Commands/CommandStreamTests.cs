using System.Net;
using FluentAssertions;
using Monitoring.Collector.Commands;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Collector.Commands;

public sealed class CommandStreamTests
{
    private const string Wish = """{"node":"n1","gpus":[3],"duration_seconds":2,"by":"ada","reason":"slow step","profilers":["kineto"]}""";

    [Fact]
    public async Task A_wish_reaches_the_agent_over_the_stream_that_it_holds_open()
    {
        await using var collector = await RunningCollector.StartAsync();
        await using var agent = await AgentStream.OpenAsync(collector.Client, "n1");

        var (status, answer) = await collector.Client.OrderAsync(Wish);

        status.Should().Be(HttpStatusCode.Accepted);
        var command = await agent.NextAsync();
        var request = command.Capture!;
        request.Id.Should().Be(answer.Captures.Should().ContainSingle().Subject.Id);
        request.Group.Should().Be(answer.Group);
        request.Trigger.Should().Be(new CaptureTrigger(TriggerKinds.Person, "ada", "slow step"));
        request.Target.Should().BeEquivalentTo(new CaptureTarget("n1", [3]));
        request.DurationSeconds.Should().Be(2);
        request.Profilers.Should().Equal("kineto");
        request.StartAt.Should().BeNull("one node alone begins at once");
    }

    [Fact]
    public async Task A_command_is_told_to_each_new_stream_until_the_agent_speaks_of_it()
    {
        await using var collector = await RunningCollector.StartAsync();
        await using (var first = await AgentStream.OpenAsync(collector.Client, "n1"))
        {
            await collector.Client.OrderAsync(Wish);
            await first.NextAsync();
        }

        await using var second = await AgentStream.OpenAsync(collector.Client, "n1");
        var capture = (await second.NextAsync()).Capture!.Id;
        await second.SayAsync(capture, CaptureStage.Queued, 1);

        collector.Service<CommandQueue>().Count.Should().Be(0);
        await collector.Client.OrderAsync("""{"node":"n1"}""");
        await using var third = await AgentStream.OpenAsync(collector.Client, "n1");
        (await third.NextAsync()).Capture!.Id.Should().NotBe(capture, "what the agent spoke of is told no more");
    }

    [Fact]
    public async Task A_stream_goes_on_after_the_last_command_that_the_agent_has_and_tells_it_again_only_after_a_while()
    {
        var clock = new ManualTimeProvider();
        await using var collector = await RunningCollector.StartAsync(time: clock);
        await using var first = await AgentStream.OpenAsync(collector.Client, "n1");
        await collector.Client.OrderAsync(Wish);
        var old = await first.NextAsync();
        await using var second = await AgentStream.OpenAsync(collector.Client, "n1", old.Sequence);
        await collector.Client.OrderAsync("""{"node":"n1"}""");

        var next = await second.NextAsync();
        next.Sequence.Should().BeGreaterThan(old.Sequence);
        clock.Advance(TimeSpan.FromSeconds(31));

        (await second.NextAsync()).Capture!.Id.Should().Be(old.Capture!.Id, "the agent has said nothing of it, so it may be lost");
    }

    [Fact]
    public async Task A_newer_stream_of_a_node_replaces_the_older_one()
    {
        await using var collector = await RunningCollector.StartAsync();
        await using var first = await AgentStream.OpenAsync(collector.Client, "n1");
        await using var second = await AgentStream.OpenAsync(collector.Client, "n1");

        (await first.EndsAsync()).Should().BeTrue();
        var hub = collector.Service<CommandHub>();
        (hub.Count, hub.Replaced).Should().Be((1, 1));
        (await collector.GetAsync("/metrics")).Should().Contain("gpu_collector_agents_connected 1").And.Contain("gpu_collector_command_streams_replaced_total 1");
    }

    [Fact]
    public async Task A_stream_without_commands_gives_a_sign_of_life()
    {
        var clock = new ManualTimeProvider();
        await using var collector = await RunningCollector.StartAsync(time: clock);
        await using var agent = await AgentStream.OpenAsync(collector.Client, "n1");
        // The first bytes come before its timer is set: one step need not be enough.
        var reading = agent.ReadUntilAsync("\n:\n\n");
        await Eventually.HoldsAsync("a sign of life comes", () =>
        {
            if (!reading.IsCompleted) clock.Advance(TimeSpan.FromSeconds(15));
            return reading.IsCompleted;
        });
        await reading;
        agent.Raw.ToString().Should().StartWith("retry: 2000\n\n:\n\n");
    }

    [Fact]
    public async Task A_command_in_between_costs_no_sign_of_life()
    {
        var clock = new ManualTimeProvider();
        await using var collector = await RunningCollector.StartAsync(time: clock);
        await using var agent = await AgentStream.OpenAsync(collector.Client, "n1");
        // The first bytes come before its timer is set, the first command after.
        await TakeAsync(collector, agent);
        clock.Advance(TimeSpan.FromSeconds(1));
        await TakeAsync(collector, agent);

        clock.Advance(TimeSpan.FromSeconds(14));
        await agent.ReadUntilAsync("\n:\n\n");

        agent.Raw.ToString().Should().EndWith("\n:\n\n");
    }

    [Fact]
    public async Task More_agents_than_allowed_are_refused_and_a_node_must_have_a_name()
    {
        await using var collector = await RunningCollector.StartAsync(static settings => settings.Commands.MaxNodes = 1);
        await using var agent = await AgentStream.OpenAsync(collector.Client, "n1");

        (await collector.Client.SendAsync(HttpMethod.Get, "/v1/commands?node=n2")).Should().Match<(HttpStatusCode Status, string Text)>(static answer =>
            answer.Status == HttpStatusCode.ServiceUnavailable && answer.Text.Contains("commands.max_nodes"));
        (await collector.Client.SendAsync(HttpMethod.Get, "/v1/commands")).Status.Should().Be(HttpStatusCode.BadRequest);
        (await collector.Client.SendAsync(HttpMethod.Get, "/v1/commands?node=" + new string('x', 200))).Status.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_node_counts_as_connected_for_a_moment_after_its_stream_broke()
    {
        var clock = new ManualTimeProvider();
        var hub = new CommandHub(new CommandSettings(), clock);
        hub.Detach(hub.Attach("n1")!);

        hub.IsConnected("n1").Should().BeTrue();
        clock.Advance(CommandHub.Grace);
        hub.IsConnected("n1").Should().BeFalse();
        hub.Connected.Should().BeEmpty();
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_command_that_no_agent_takes_expires_and_gives_its_place_in_the_budget_back()
    {
        var clock = new ManualTimeProvider();
        await using var collector = await RunningCollector.StartAsync(time: clock);
        await using (await AgentStream.OpenAsync(collector.Client, "n1"))
        {
        }

        var (_, answer) = await collector.Client.OrderAsync(Wish);
        collector.Service<FleetBudget>().Active.Should().Be(1);
        clock.Advance(TimeSpan.FromMinutes(5));
        // The collector's own timer may sweep as well, and be in the middle of it.
        await Eventually.HoldsAsync("the place in the budget is free again", () =>
        {
            collector.Service<CaptureOrders>().Sweep();
            return collector.Service<FleetBudget>().Active == 0;
        });

        var member = (await collector.Client.GroupAsync(answer.Group)).Captures.Should().ContainSingle().Subject;
        (member.Progress!.Stage, member.Progress.Refusal).Should().Be((CaptureStage.Refused, CaptureRefusal.Expired));
        (await collector.Client.AuditAsync("&outcome=refused")).Should().ContainSingle().Which.Should().Match<Monitoring.Contracts.Commands.AuditEntry>(static entry => entry.Action == "request" && entry.Refusal == CaptureRefusal.Expired);
        collector.Service<CommandQueue>().Expired.Should().Be(1);
    }

    [Fact]
    public async Task Newer_words_hold_and_older_ones_are_counted()
    {
        await using var collector = await RunningCollector.StartAsync();
        await using var agent = await AgentStream.OpenAsync(collector.Client, "n1");
        var (_, answer) = await collector.Client.OrderAsync(Wish);
        var id = answer.Captures[0].Id;
        await agent.SayAsync(id, CaptureStage.Recording, 5, "recording 1/2 s");
        await agent.SayAsync(id, CaptureStage.Armed, 4, "armed");

        (await collector.Client.GroupAsync(answer.Group)).Captures[0].Progress!.Words.Should().Be("recording 1/2 s");
        (await collector.Client.SendAsync(HttpMethod.Post, "/v1/captures/progress", "{}\nnull\n[1]\n\n{\"id\":\"x\",\"node\":\"n\",\"sequence\":1,\"time\":\"2026-01-01T00:00:00Z\",\"stage\":\"done\"}"))
            .Text.Should().StartWith("""{"accepted":0,"stale":0,"rejected":4,"reasons":["line 1: """);
        (await collector.GetAsync("/metrics")).Should().Contain("""gpu_collector_capture_progress_total{outcome="stale"} 1""");
    }

    /// <summary>A wish that the agent hears of and speaks of.</summary>
    private static async Task TakeAsync(RunningCollector collector, AgentStream agent)
    {
        await collector.Client.OrderAsync(Wish);
        await agent.SayAsync((await agent.NextAsync()).Capture!.Id, CaptureStage.Queued, 1);
    }
}
