using Monitoring.Collector.Commands;
using Monitoring.Contracts.Commands;

namespace Monitoring.Collector.Schedules;

/// <summary>Serves <c>/api/v1/schedules</c> and <c>/api/v1/schedules/{name}</c>.</summary>
internal sealed class ScheduleEndpoints(ScheduleRunner runner, AuditLog audit, CommandSettings settings, TimeProvider time)
{
    /// <summary>Name of the route's value that holds the schedule's name.</summary>
    public const string RouteValue = "name";

    private const int BodyBytesAtMost = 64 << 10;

    /// <summary>Every schedule.</summary>
    public Task ListAsync(HttpContext context) => context.AnswerAsync(StatusCodes.Status200OK, runner.List(), OrderJson.Readable.ScheduleList);

    /// <summary>One schedule.</summary>
    public Task GetAsync(HttpContext context) => runner.Find(NameOf(context)) is { } found
        ? context.AnswerAsync(StatusCodes.Status200OK, found.Status, OrderJson.Readable.ScheduleStatus)
        : UnknownAsync(context);

    /// <summary>Makes or changes one.</summary>
    public async Task PutAsync(HttpContext context)
    {
        if (await context.ReadJsonAsync(BodyBytesAtMost, OrderJson.Default.ScheduleDefinition) is not { } definition) return;
        var name = NameOf(context);
        var problems = new List<FieldProblem>();
        if (definition.Name is { Length: > 0 } said && said != name) problems.Add(new FieldProblem("name", ApiAnswer.Shown(said), $"the name of the address ({ApiAnswer.Shown(name)}), or none"));
        definition = definition with { Name = name, By = definition.By is { Length: > 0 } ? definition.By : "anonymous" };
        if (CaptureSchedule.Of(definition, settings, time, problems) is not { } schedule)
        {
            await context.RefuseAsync(StatusCodes.Status400BadRequest, "invalid", string.Join("; ", problems), problems);
            return;
        }

        if (runner.Find(name) is { IsConfigured: true })
        {
            await ConfiguredAsync(context, name);
            return;
        }

        if (await runner.PutAsync(schedule, context.RequestAborted) is { } fault)
        {
            await context.RefuseAsync(StatusCodes.Status503ServiceUnavailable, "not_kept", fault);
            return;
        }

        Audit(AuditActions.SchedulePut, definition.By ?? "", context, $"{name}: {definition.Cron} {definition.TimeZone ?? "UTC"}, {definition.Selector}");
        await GetAsync(context);
    }

    /// <summary>Deletes one; <c>?by=NAME</c> for the audit.</summary>
    public async Task DeleteAsync(HttpContext context)
    {
        var name = NameOf(context);
        if (runner.Find(name) is { IsConfigured: true })
        {
            await ConfiguredAsync(context, name);
            return;
        }

        var outcome = await runner.DeleteAsync(name, context.RequestAborted);
        if (outcome.Fault is { } fault)
        {
            await context.RefuseAsync(StatusCodes.Status503ServiceUnavailable, "not_kept", fault);
        }
        else if (!outcome.IsThere)
        {
            await UnknownAsync(context);
        }
        else
        {
            var by = context.Request.Query["by"].ToString();
            Audit(AuditActions.ScheduleDelete, by.Length > 0 ? ApiAnswer.Shown(by) : "anonymous", context, name);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    private static string NameOf(HttpContext context) => context.Request.RouteValues[RouteValue] as string ?? "";

    private static Task UnknownAsync(HttpContext context) => context.RefuseAsync(StatusCodes.Status404NotFound, "unknown", $"no schedule is called '{ApiAnswer.Shown(NameOf(context))}'");

    private static Task ConfiguredAsync(HttpContext context, string name) =>
        context.RefuseAsync(StatusCodes.Status409Conflict, "configured", $"schedule '{name}' is from the configuration file: change it there and restart the collector");

    private void Audit(string action, string by, HttpContext context, string words)
    {
        audit.Append(new AuditEntry(time.GetUtcNow(), action, AuditOutcomes.Accepted, by, context.Remote(), Words: words));
        audit.Flush();
    }
}
