using System.CommandLine;
using System.Globalization;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;

namespace Monitoring.Cli;

/// <summary><c>gpuctl schedules</c>: captures at certain times.</summary>
internal static class SchedulesCommand
{
    internal static Command Create(Session session) => new("schedules", "Captures at certain times: list, set, delete.") { List(session), Set(session), Delete(session) };

    private static Command List(Session session)
    {
        var command = new Command("list", "Lists the schedules.");
        command.SetAction((parsed, cancellationToken) => session.RunAsync(parsed, async client =>
        {
            var list = await client.GetAsync("api/v1/schedules", OrderJson.Readable.ScheduleList, cancellationToken);
            await session.World.Out.WriteLineAsync($"{"NAME",-24}  {"CRON",-24}  {"ZONE",-16}  {"NEXT",-20}  {"LAST",-20}  {"FROM",-13}  SELECTOR");
            foreach (var one in list.Schedules) await session.World.Out.WriteLineAsync(Line(one));
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command Set(Session session)
    {
        var name = new Argument<string>("NAME") { Description = "Name of the schedule." };
        var cron = new Option<string>("--cron") { Description = "When: five fields as of crontab (\"0 3 * * 1\"), or six with seconds in front (\"0 0 3 ? * MON\").", HelpName = "TIMES", Required = true };
        var zone = new Option<string?>("--time-zone") { Description = "IANA name of the time zone; UTC otherwise.", HelpName = "ZONE" };
        var selector = new Option<string>("--selector") { Description = "What to capture: all, or node=NAME, gpu=INDEX, job=ID with commas between them.", HelpName = "TEXT", Required = true };
        var duration = new Option<TimeSpan?>("--duration") { Description = "How long to record; 5s where nothing is said.", HelpName = "TIME", CustomParser = CommandLine.Duration };
        var profilers = new Option<string[]>("--profiler") { Description = $"Profiler, the preferred first; may be repeated: {string.Join(", ", ProfilerNames.All)}.", HelpName = "NAME" };
        var runOnce = new Option<bool>("--run-once") { Description = "Make up for firings that were missed while the collector did not run, with one; without it they are left out." };
        var command = new Command("set", "Makes or changes a schedule.") { name, cron, zone, selector, duration, profilers, runOnce };
        command.SetAction((parsed, cancellationToken) => session.RunAsync(parsed, async client =>
        {
            var definition = new ScheduleDefinition
            {
                Name = parsed.GetRequiredValue(name), Cron = parsed.GetRequiredValue(cron), TimeZone = parsed.GetValue(zone), Selector = parsed.GetRequiredValue(selector), DurationSeconds = parsed.GetValue(duration)?.TotalSeconds,
                Profilers = parsed.GetValue(profilers), Misfire = parsed.GetValue(runOnce) ? ScheduleMisfire.RunOnce : ScheduleMisfire.Skip, By = session.By(parsed),
            };
            var path = $"api/v1/schedules/{Uri.EscapeDataString(definition.Name)}";
            await session.World.Out.WriteLineAsync(Line(await client.SendAsync(HttpMethod.Put, path, definition, OrderJson.Default.ScheduleDefinition, OrderJson.Readable.ScheduleStatus, cancellationToken)));
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command Delete(Session session)
    {
        var name = new Argument<string>("NAME") { Description = "Name of the schedule." };
        var command = new Command("delete", "Deletes a schedule that was made here or over the API.") { name };
        command.SetAction((parsed, cancellationToken) => session.RunAsync(parsed, async client =>
        {
            var schedule = parsed.GetRequiredValue(name);
            await client.SendAsync(HttpMethod.Delete, $"api/v1/schedules/{Uri.EscapeDataString(schedule)}?by={Uri.EscapeDataString(session.By(parsed))}", cancellationToken);
            await session.World.Out.WriteLineAsync($"{schedule}: deleted");
            return ExitCodes.Done;
        }));
        return command;
    }

    private static string Line(ScheduleStatus one) => Words.Plain(
        $"{one.Schedule.Name,-24}  {one.Schedule.Cron,-24}  {one.Schedule.TimeZone ?? "UTC",-16}  {Time(one.NextFire),-20}  {Time(one.LastFired),-20}  {one.Source,-13}  {one.Schedule.Selector}");

    private static string Time(DateTimeOffset? time) => time?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "-";
}
