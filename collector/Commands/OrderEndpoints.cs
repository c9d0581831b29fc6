using Monitoring.Collector.Captures;
using Monitoring.Collector.Fleet;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Commands;

/// <summary>Serves what people ask of captures: to take some, to take one back, how a group stands.</summary>
internal sealed class OrderEndpoints(CaptureOrders orders, OrderBook book, ICaptureRecords records, CommandHub hub, JobDirectory jobs, CommandSettings settings, TimeProvider time)
{
    /// <summary>Name of the route's value that holds an id.</summary>
    public const string RouteValue = "id";

    private const int BodyBytesAtMost = 256 << 10;
    private const string KeyHeader = "Idempotency-Key";

    /// <summary>Takes a wish: 202 where at least one node takes it, 409 where none does.</summary>
    public async Task PlaceAsync(HttpContext context)
    {
        if (await context.ReadJsonAsync(BodyBytesAtMost, OrderJson.Default.CaptureOrder) is not { } order) return;
        var problems = new List<FieldProblem>();
        var key = context.Request.Headers[KeyHeader].ToString();
        if (CaptureWish.Of(order, key.Length > 0 ? key : null, context.Remote(), settings, hub.Connected, jobs, time, problems) is not { } wish)
        {
            await context.RefuseAsync(StatusCodes.Status400BadRequest, "invalid", string.Join("; ", problems), problems);
            return;
        }

        if (orders.Place(wish, out _) is not { } answer)
        {
            await context.RefuseAsync(StatusCodes.Status422UnprocessableEntity, "key_in_use", $"{KeyHeader} '{ApiAnswer.Shown(key)}' was used for another request within the last day: use a new one");
            return;
        }

        context.Response.Headers.Location = $"/api/v1/captures/groups/{answer.Group}";
        var isTaken = answer.Captures.Any(static capture => capture.Refusal is null);
        await context.AnswerAsync(isTaken ? StatusCodes.Status202Accepted : StatusCodes.Status409Conflict, answer, OrderJson.Readable.CaptureOrderAnswer);
    }

    /// <summary>Takes back a capture; <c>?by=NAME</c> for the audit.</summary>
    public async Task CancelAsync(HttpContext context)
    {
        if (await IdAsync(context) is not { } id) return;
        var by = context.Request.Query["by"].ToString();
        if (orders.Cancel(id, by.Length > 0 ? ApiAnswer.Shown(by) : "anonymous", context.Remote()) is not { } outcome)
            await context.RefuseAsync(StatusCodes.Status404NotFound, "unknown", $"no capture {id} is known");
        else if (!outcome.IsDone)
            await context.RefuseAsync(StatusCodes.Status409Conflict, "not_cancelled", outcome.Words);
        else
            await context.AnswerAsync(StatusCodes.Status202Accepted, new OrderedCapture(records.Find(id)?.Progress?.Node ?? records.Find(id)?.Request?.Target.Node ?? "", id, Words: outcome.Words), OrderJson.Readable.OrderedCapture);
    }

    /// <summary>How a group stands.</summary>
    public async Task GroupAsync(HttpContext context)
    {
        if (await IdAsync(context) is not { } group) return;
        if (book.Find(group) is not { } placed)
        {
            await context.RefuseAsync(StatusCodes.Status404NotFound, "unknown", $"no group {group} is known; it never was or is older than a day, its captures may still be found by themselves");
            return;
        }

        CaptureGroupMember[] members = [.. placed.Answer.Captures.Select(capture => new CaptureGroupMember(
            capture.Node, capture.Id, capture.Refusal, capture.Words, capture.ControlOf, capture.Id.Length > 0 ? ProgressOf(capture.Id) : null))];
        var isOver = Array.TrueForAll(members, static member => member.Refusal is not null || member.Progress is { IsOver: true });
        await context.AnswerAsync(StatusCodes.Status200OK, new CaptureGroup(group, placed.MadeAt, placed.Answer.StartAt, isOver, members), OrderJson.Readable.CaptureGroup);
    }

    /// <summary>Where a capture stands: its node's last word, or what its bundle says, which may be newer.</summary>
    private CaptureProgress? ProgressOf(string id) => records.Find(id) is not { } record ? null
        : record.Manifest is { } manifest && record.Progress is not { IsOver: true }
            ? new CaptureProgress(id, record.Node, record.Progress?.Sequence ?? 0, manifest.FinishedAt, manifest.Result, manifest.Words)
            : record.Progress;

    private static async Task<string?> IdAsync(HttpContext context)
    {
        var id = context.Request.RouteValues[RouteValue] as string ?? "";
        if (EventId.IsValid(id)) return id;
        await context.RefuseAsync(StatusCodes.Status400BadRequest, "id", $"id is '{ApiAnswer.Shown(id)}', expected 32 lower-case hexadecimal digits");
        return null;
    }
}
