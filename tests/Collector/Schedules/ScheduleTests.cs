using System.Net;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Collector.Commands;
using Monitoring.Collector.Schedules;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using Monitoring.Tests.Collector.Commands;
using Xunit;

namespace Monitoring.Tests.Collector.Schedules;

public sealed class ScheduleTests : IDisposable
{
    private const string Nightly = """{"cron":"0 3 * * *","time_zone":"Europe/Berlin","selector":"all","duration_seconds":2,"misfire":"run_once","by":"ada"}""";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("schedules-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_schedule_is_made_shown_kept_over_a_restart_and_deleted()
    {
        var clock = new ManualTimeProvider();
        await using (var collector = await StartAsync(clock))
        {
            var (status, text) = await collector.Client.SendAsync(HttpMethod.Put, "/api/v1/schedules/nightly", Nightly);
            status.Should().Be(HttpStatusCode.OK, text);
            var made = JsonSerializer.Deserialize(text, OrderJson.Readable.ScheduleStatus)!;
            made.NextFire.Should().Be(new DateTimeOffset(2026, 1, 1, 2, 0, 0, TimeSpan.Zero), "three o'clock in Berlin is two in UTC in winter");
            made.Source.Should().Be("api");
            made.LastFired.Should().BeNull("it was only made");
        }

        await using var again = await StartAsync(clock);
        (await ListAsync(again)).Should().ContainSingle().Which.Schedule.Cron.Should().Be("0 3 * * *");
        (await again.Client.SendAsync(HttpMethod.Delete, "/api/v1/schedules/nightly?by=bob")).Status.Should().Be(HttpStatusCode.NoContent);
        (await again.Client.SendAsync(HttpMethod.Delete, "/api/v1/schedules/nightly")).Status.Should().Be(HttpStatusCode.NotFound);
        (await ListAsync(again)).Should().BeEmpty();
        (await again.Client.AuditAsync()).Select(static entry => (entry.Action, entry.By)).Should().Equal((AuditActions.ScheduleDelete, "bob"), (AuditActions.SchedulePut, "ada"));
    }

    [Fact]
    public async Task Every_mistake_of_a_schedule_is_named_at_once()
    {
        await using var collector = await StartAsync(new ManualTimeProvider());

        var (status, text) = await collector.Client.SendAsync(HttpMethod.Put, "/api/v1/schedules/bad%20name", """{"cron":"every day","time_zone":"Mars/Base","selector":"nod=1","duration_seconds":0,"profilers":["vtune"]}""");

        status.Should().Be(HttpStatusCode.BadRequest);
        JsonSerializer.Deserialize(text, OrderJson.Readable.CommandError)!.Problems!.Select(static problem => problem.Field).Should().Equal("name", "cron", "time_zone", "selector", "duration_seconds", "profilers");
    }

    [Theory]
    [InlineData("0 0 0 1 1 ? 2020")]
    [InlineData("59 0 L , *")]
    public async Task Times_that_never_come_are_refused(string cron)
    {
        await using var collector = await StartAsync(new ManualTimeProvider());

        var (status, text) = await collector.Client.SendAsync(HttpMethod.Put, "/api/v1/schedules/never", $$"""{"cron":"{{cron}}","selector":"all"}""");

        status.Should().Be(HttpStatusCode.BadRequest);
        text.Should().Contain("at least one is still to come");
    }

    [Fact]
    public void Schedules_of_the_configuration_are_checked_with_the_rest_of_it()
    {
        var settings = new Monitoring.Collector.CollectorSettings();
        settings.Schedules.Add(new ScheduleSettings { Name = "a", Cron = "* * * * * ?", Selector = "all" });
        settings.Schedules.Add(new ScheduleSettings { Name = "a", Cron = "61 * * * *", Selector = "", Duration = TimeSpan.FromMinutes(30) });

        settings.Check().Select(static mistake => mistake.Key).Should().Equal("schedules.1.cron", "schedules.1.selector", "schedules.1.duration", "schedules.1.name");
    }

    [Fact]
    public async Task A_schedule_of_the_configuration_is_changed_there_alone()
    {
        await using var collector = await StartAsync(new ManualTimeProvider(), new ScheduleSettings { Name = "nightly", Cron = "0 3 * * *", Selector = "all" });

        (await ListAsync(collector)).Should().ContainSingle().Which.Source.Should().Be("configuration");
        (await collector.Client.SendAsync(HttpMethod.Put, "/api/v1/schedules/nightly", Nightly)).Status.Should().Be(HttpStatusCode.Conflict);
        (await collector.Client.SendAsync(HttpMethod.Delete, "/api/v1/schedules/nightly")).Status.Should().Be(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Quartz_fires_and_each_firing_becomes_captures()
    {
        await using var collector = await StartAsync(TimeProvider.System, new ScheduleSettings { Name = "often", Cron = "* * * * * ?", Selector = "node=n1,gpu=0", Duration = TimeSpan.FromSeconds(1) });
        await using var agent = await AgentStream.OpenAsync(collector.Client, "n1");

        var request = (await agent.NextAsync()).Capture!;

        request.Trigger.Kind.Should().Be(TriggerKinds.Schedule);
        request.Trigger.Name.Should().Be("often");
        request.Target.Should().BeEquivalentTo(new CaptureTarget("n1", [0]));
        await Eventually.HoldsAsync("an entry in the audit, which follows the command", async () => (await collector.Client.AuditAsync("&action=schedule&outcome=accepted")).Any());
        await Eventually.HoldsAsync("the time of the last firing", async () => (await ListAsync(collector))[0].LastFired is not null);
    }

    [Fact]
    public async Task The_same_firing_twice_is_one()
    {
        await using var collector = await StartAsync(new ManualTimeProvider(), new ScheduleSettings { Name = "nightly", Cron = "0 3 * * *", Selector = "node=n1" });
        await using var agent = await AgentStream.OpenAsync(collector.Client, "n1");
        var runner = collector.Service<ScheduleRunner>();
        runner.Fire("nightly", ManualStart.AddHours(3));
        runner.Fire("nightly", ManualStart.AddHours(3));
        runner.Fire("nightly", ManualStart.AddHours(27));

        collector.Service<CommandQueue>().Count.Should().Be(2);
    }

    [Fact]
    public async Task A_firing_for_a_job_captures_it_on_all_of_its_nodes()
    {
        await using var collector = await StartAsync(new ManualTimeProvider(), new ScheduleSettings { Name = "nightly", Cron = "0 3 * * *", Selector = "job=4711,node=n*" });
        var agents = new List<AgentStream>();
        for (var node = 1; node <= 8; node++) agents.Add(await AgentStream.OpenAsync(collector.Client, $"n{node}"));

        collector.Service<ScheduleRunner>().Fire("nightly", ManualStart.AddHours(3));

        collector.Service<CommandQueue>().Count.Should().Be(8);
        (await collector.Client.AuditAsync("&action=schedule")).Should().OnlyContain(static entry => entry.Outcome == AuditOutcomes.Accepted);
        foreach (var agent in agents) await agent.DisposeAsync();
    }

    [Theory]
    [InlineData("run_once", "accepted", 1)]
    [InlineData("skip", "skipped", 0)]
    public async Task What_was_missed_is_made_up_for_once_or_left_out_and_either_is_said(string misfire, string outcome, int captures)
    {
        var clock = new ManualTimeProvider();
        await using (var collector = await StartAsync(clock)) await collector.Client.SendAsync(HttpMethod.Put, "/api/v1/schedules/nightly", Nightly.Replace("run_once", misfire, StringComparison.Ordinal).Replace("all", "node=n1", StringComparison.Ordinal));
        clock.Advance(TimeSpan.FromDays(3));

        await using (var collector = await StartAsync(clock))
        {
            await using var agent = await AgentStream.OpenAsync(collector.Client, "n1");
            clock.Advance(ScheduleRunner.SettleTime);
            var entry = (await collector.Client.AuditAsync("&action=schedule")).Should().ContainSingle().Subject;
            entry.Outcome.Should().Be(outcome);
            collector.Service<CommandQueue>().Count.Should().Be(captures);
            (await ListAsync(collector))[0].LastFired.Should().Be(new DateTimeOffset(2026, 1, 3, 2, 0, 0, TimeSpan.Zero));
        }

        await using var third = await StartAsync(clock);
        clock.Advance(ScheduleRunner.SettleTime);
        (await third.Client.AuditAsync("&action=schedule")).Should().ContainSingle("it is made up for once");
    }

    [Fact]
    public async Task A_firing_before_the_agents_had_time_to_come_back_does_not_hide_what_was_missed()
    {
        var clock = new ManualTimeProvider();
        await using (var collector = await StartAsync(clock)) await collector.Client.SendAsync(HttpMethod.Put, "/api/v1/schedules/nightly", Nightly.Replace("all", "node=n1", StringComparison.Ordinal));
        clock.Advance(TimeSpan.FromDays(3));
        await using var again = await StartAsync(clock);
        await using var agent = await AgentStream.OpenAsync(again.Client, "n1");
        again.Service<ScheduleRunner>().Fire("nightly", clock.GetUtcNow().AddSeconds(5));

        clock.Advance(ScheduleRunner.SettleTime);

        again.Service<CommandQueue>().Count.Should().Be(2, "the one of this life and the one that was missed");
        (await ListAsync(again))[0].LastFired.Should().Be(ManualStart.AddDays(3).AddSeconds(5));
    }

    [Fact]
    public async Task What_was_changed_after_a_start_has_missed_nothing()
    {
        var clock = new ManualTimeProvider();
        await using (var collector = await StartAsync(clock)) await collector.Client.SendAsync(HttpMethod.Put, "/api/v1/schedules/nightly", Nightly);
        clock.Advance(TimeSpan.FromDays(3));
        await using var again = await StartAsync(clock);
        await again.Client.SendAsync(HttpMethod.Put, "/api/v1/schedules/nightly", Nightly);

        clock.Advance(ScheduleRunner.SettleTime);

        (await again.Client.AuditAsync("&action=schedule")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_set_aside()
    {
        var path = Path.Combine(folder.FullName, "schedules.json");
        await File.WriteAllTextAsync(path, "{");
        await using var collector = await StartAsync(new ManualTimeProvider());

        (await ListAsync(collector)).Should().BeEmpty();
        File.Exists(path + ".unreadable").Should().BeTrue();
    }

    private static DateTimeOffset ManualStart => new ManualTimeProvider().GetUtcNow();

    private static async Task<IReadOnlyList<ScheduleStatus>> ListAsync(RunningCollector collector) => JsonSerializer.Deserialize(await collector.GetAsync("/api/v1/schedules"), OrderJson.Readable.ScheduleList)!.Schedules;

    private Task<RunningCollector> StartAsync(TimeProvider clock, params ScheduleSettings[] schedules) => RunningCollector.StartAsync(
        settings =>
        {
            settings.StateDirectory = folder.FullName;
            settings.Schedules.AddRange(schedules);
        },
        clock);
}
