using FluentAssertions;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using Monitoring.Contracts.Events;
using Monitoring.Tests.Contracts.Otlp;
using Xunit;

namespace Monitoring.Tests.Collector.Commands;

public sealed class ControlTests
{
    [Fact]
    public async Task A_rule_that_asks_for_a_control_gets_a_healthy_gpu_of_the_same_job_on_another_node()
    {
        await using var collector = await RunningCollector.StartAsync(static settings => settings.Commands.Budget.MaxConcurrentPerJob = 3);
        await using var sick = await AgentStream.OpenAsync(collector.Client, "n1");
        await using var alsoSick = await AgentStream.OpenAsync(collector.Client, "n2");
        await using var healthy = await AgentStream.OpenAsync(collector.Client, "n3");
        foreach (var node in new[] { "n1", "n2", "n3", "n4" }) await PushJobAsync(collector, node, "4711");
        await collector.Client.LeaseAsync(Question("other", "n2"));

        var answer = await collector.Client.LeaseAsync(Question("victim", "n1") with { WantsControl = true, Profilers = ["kineto"] });
        await collector.Client.LeaseAsync(Question("victim", "n1") with { WantsControl = true, Profilers = ["kineto"] });

        answer.Granted.Should().BeTrue();
        var control = (await healthy.NextAsync()).Capture!;
        control.ControlOf.Should().Be(EventId.Of("victim"));
        control.Trigger.Kind.Should().Be(TriggerKinds.Control);
        control.Target.Should().BeEquivalentTo(new CaptureTarget("n3", [], ["GPU-n3"], "4711"));
        control.Profilers.Should().Equal("kineto");
        collector.Service<Monitoring.Collector.Commands.CommandQueue>().Count.Should().Be(1, "one capture has one control, however often the lease is asked for");
        (await collector.Client.AuditAsync("&action=control")).Should().ContainSingle().Which.Should().Match<AuditEntry>(static entry => entry.Node == "n3" && entry.Outcome == "accepted" && entry.By == "slow" && entry.Trigger == TriggerKinds.Rule);
    }

    [Fact]
    public async Task A_control_that_its_node_refuses_is_audited_as_the_control_of_what_asked()
    {
        await using var collector = await RunningCollector.StartAsync(static settings => settings.Commands.Budget.MaxConcurrentPerJob = 3);
        await using var sick = await AgentStream.OpenAsync(collector.Client, "n1");
        await using var healthy = await AgentStream.OpenAsync(collector.Client, "n2");
        foreach (var node in new[] { "n1", "n2" }) await PushJobAsync(collector, node, "4711");

        await collector.Client.LeaseAsync(Question("victim", "n1") with { WantsControl = true });
        await RefuseAsync();
        await collector.Client.OrderAsync("""{"node":"n1","by":"ada","control":true}""");
        await RefuseAsync();

        (await collector.Client.AuditAsync("&action=control&outcome=refused")).Select(static entry => (entry.By, entry.Trigger)).Should().Equal(("ada", TriggerKinds.Person), ("slow", TriggerKinds.Rule));
        (await collector.Client.AuditAsync("&action=request&outcome=refused")).Should().BeEmpty();

        async Task RefuseAsync() => await healthy.SayAsync((await healthy.NextAsync()).Capture!.Id, CaptureStage.Refused, 5, "refused: cooldown", CaptureRefusal.Cooldown);
    }

    [Fact]
    public async Task Where_no_healthy_peer_is_known_the_capture_is_taken_without_a_control()
    {
        await using var collector = await RunningCollector.StartAsync();
        await using var agent = await AgentStream.OpenAsync(collector.Client, "n1");
        await PushJobAsync(collector, "n1", "4711");

        (await collector.Client.LeaseAsync(Question("victim", "n1") with { WantsControl = true })).Granted.Should().BeTrue();
        (await collector.Client.LeaseAsync(Question("jobless", "n1") with { Job = "", WantsControl = true })).Granted.Should().BeTrue();
        (await collector.Client.AuditAsync("&action=control")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_job_is_captured_wherever_it_runs()
    {
        await using var collector = await RunningCollector.StartAsync();
        await using var first = await AgentStream.OpenAsync(collector.Client, "n1");
        await using var second = await AgentStream.OpenAsync(collector.Client, "n2");
        await PushJobAsync(collector, "n1", "4711");
        await PushJobAsync(collector, "n2", "5000");

        var (_, answer) = await collector.Client.OrderAsync("""{"job":"4711"}""");

        answer.Captures.Should().ContainSingle().Which.Node.Should().Be("n1");
        (await first.NextAsync()).Capture!.Target.Job.Should().Be("4711");
    }

    private static CaptureLeaseRequest Question(string capture, string node) => new(EventId.Of(capture), "c", node, "slow", $"GPU-{node}", "4711", 5);

    private static async Task PushJobAsync(RunningCollector collector, string node, string job)
    {
        var payload = new OtlpPayload { TimeUnixNano = (ulong)(TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100 }.Resource(("host.name", node));
        using var answer = await collector.PushAsync(payload.Gauge("gpu.job.info", "", payload.Point(1, ("node", node), ("gpu", "0"), ("uuid", $"GPU-{node}"), ("job_id", job))).ToArray());
        answer.EnsureSuccessStatusCode();
    }
}
