using System.Net;
using System.Text.Json;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Collector.Commands;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using Xunit;

namespace Monitoring.Tests.Collector.Commands;

public sealed class AuditTests : IDisposable
{
    private readonly ManualTimeProvider clock = new();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("audit-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Entries_outlive_a_restart_and_come_newest_first_page_by_page()
    {
        using (var audit = Open())
            for (var number = 0; number < 5000; number++) audit.Append(Entry(number));
        using var again = Open();

        var first = again.Query(null, 700, static _ => true, CancellationToken.None);
        var second = again.Query(ulong.Parse(first.Next!, System.Globalization.CultureInfo.InvariantCulture), 700, static _ => true, CancellationToken.None);
        first.Entries.Concat(second.Entries).Select(static entry => entry.By).Should().Equal(Enumerable.Range(0, 1400).Select(static number => $"p{4999 - number}"));
        again.Query(null, 10, static entry => entry.By == "p3", CancellationToken.None).Should().BeEquivalentTo(new AuditPage([Entry(3)], null));
    }

    [Fact]
    public void The_oldest_go_by_bytes_and_by_age()
    {
        var settings = new CommandSettings { MaxAuditBytes = 1 << 20 };
        using var audit = AuditLog.Open(folder.FullName, settings, clock, NullLogger<AuditLog>.Instance);
        for (var number = 0; number < 20_000; number++) audit.Append(Entry(number));
        var kept = audit.Query(null, int.MaxValue, static _ => true, CancellationToken.None).Entries;
        kept.Count.Should().BeInRange(2000, 15_000);
        kept[0].By.Should().Be("p19999");

        // A file goes once the one behind it is too old as well.
        for (var number = 1; number <= 2; number++)
        {
            clock.Advance(settings.MaxAuditAge * 2);
            audit.Append(Entry(number));
            audit.Sweep();
        }

        audit.Query(null, int.MaxValue, static _ => true, CancellationToken.None).Entries.Select(static entry => entry.By).Should().Equal("p2", "p1");
    }

    [Fact]
    public async Task Filters_are_checked_and_every_mistake_is_named()
    {
        await using var collector = await RunningCollector.StartAsync();
        var (status, text) = await collector.Client.SendAsync(HttpMethod.Get, "/api/v1/captures/audit?action=dance&limit=0&since=yesterday&colour=red");

        status.Should().Be(HttpStatusCode.BadRequest);
        text.Should().Contain("action is 'dance', expected one of request").And.Contain("limit is '0', expected 1 to 1000").And.Contain("since is 'yesterday'").And.Contain("colour is 'red', expected no such parameter");
    }

    [Fact]
    public async Task What_a_node_refuses_after_it_was_accepted_here_is_told_once_more()
    {
        await using var collector = await RunningCollector.StartAsync();
        await using var agent = await AgentStream.OpenAsync(collector.Client, "n1");
        var (_, answer) = await collector.Client.OrderAsync("""{"node":"n1","by":"ada"}""");
        var id = answer.Captures[0].Id;
        var no = new CaptureProgress(id, "n1", 5, DateTimeOffset.UnixEpoch, CaptureStage.Refused, "refused: disk_floor: 1 GiB is free", Refusal: CaptureRefusal.DiskFloor);

        await AgentStream.SayAsync(collector.Client, no);
        await AgentStream.SayAsync(collector.Client, no with { Sequence = 6 });

        (await collector.Client.AuditAsync($"&capture={id}")).Should().SatisfyRespectively(
            refused => refused.Should().Match<AuditEntry>(entry => entry.Outcome == "refused" && entry.Refusal == CaptureRefusal.DiskFloor && entry.By == "ada" && entry.Node == "n1" && entry.Words == no.Words),
            static accepted => accepted.Outcome.Should().Be("accepted"));
    }

    [Theory]
    [InlineData(TriggerKinds.Alert, AuditActions.Alert)]
    [InlineData(TriggerKinds.Schedule, AuditActions.Schedule)]
    [InlineData(TriggerKinds.Person, AuditActions.Request)]
    public async Task What_a_node_refuses_is_audited_as_the_wish_was(string trigger, string action)
    {
        await using var collector = await RunningCollector.StartAsync();
        await using var agent = await AgentStream.OpenAsync(collector.Client, "n1");
        var wish = new CaptureWish("1", "", new CaptureTrigger(trigger, "GpuHot", "too hot"), [new CaptureTarget("n1")], 5, "GpuHot", "");
        var id = collector.Service<CaptureOrders>().Place(wish, out _)!.Captures.Single().Id;

        await AgentStream.SayAsync(collector.Client, new CaptureProgress(id, "n1", 5, DateTimeOffset.UnixEpoch, CaptureStage.Refused, "refused: cooldown", Refusal: CaptureRefusal.Cooldown));

        (await collector.Client.AuditAsync($"&action={action}")).Select(static entry => (entry.Outcome, entry.By, entry.Trigger)).Should().Equal(("refused", "GpuHot", trigger), ("accepted", "GpuHot", trigger));
        (await collector.Client.AuditAsync()).Should().HaveCount(2);
    }

    [Fact]
    public void Entries_of_older_versions_do_not_say_what_asked()
    {
        var entry = JsonSerializer.Deserialize("""{"time":"2026-01-01T00:00:00+00:00","action":"control","outcome":"accepted","by":"berta","remote":"","capture":"","group":"","node":"n1","words":"control of 1"}""", OrderJson.Readable.AuditEntry)!;

        entry.Trigger.Should().BeNull();
        JsonSerializer.Serialize(entry, OrderJson.Default.AuditEntry).Should().NotContain("trigger");
    }

    private static AuditEntry Entry(int number) => new(DateTimeOffset.UnixEpoch, AuditActions.Request, AuditOutcomes.Accepted, $"p{number}", "127.0.0.1", Words: "why");

    private AuditLog Open() => AuditLog.Open(folder.FullName, new CommandSettings(), clock, NullLogger<AuditLog>.Instance);
}
