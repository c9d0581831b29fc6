using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Collector.Events;
using Monitoring.Collector.Series;
using Monitoring.Collector.Storage;

namespace Monitoring.Collector.Ingest;

/// <summary>
/// Takes events at <c>/v1/events</c>: JSON lines, one event a line, answered with 200 when every event that is good is safe. A line
/// that is no event is refused alone; anything but 200 means that the sender keeps them all.
/// </summary>
internal sealed class EventEndpoint(
    PushReception reception, EventStore events, EventSettings settings, IngestSettings ingest, SeriesStore store, RefusalLog refusals, TimeProvider time)
{
    /// <summary>The content type of JSON lines.</summary>
    public const string LinesType = "application/x-ndjson";

    private const string TypeRemedy = $"send {LinesType}, one event a line";

    // A full disk is not emptied in a second, and an agent should not wait for longer than a person who repairs it.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    /// <summary>Answers one push.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var lines = new EventLines(settings, time);
        var reason = await reception.ReceiveAsync(context, LinesType, lines.Read);
        if (reason != PushRejection.None)
        {
            await RefuseAsync(context, PushRefusal.Of(reason, context.Request, TypeRemedy, ingest));
            return;
        }

        if (lines.HasTooMany)
        {
            await RefuseAsync(context, PushRefusal.OfEvents(lines.Lines, settings.MaxEventsPerPush));
            return;
        }

        var commit = await events.AppendAsync(lines.Events);
        if (commit.Fault is { } fault)
        {
            await RefuseAsync(context, PushRefusal.OfStore(fault));
            return;
        }

        lines.CountRejected(events.Tally);
        if (lines.Rejected is [var first, ..]) refusals.NoteEvents(lines.Rejected.Count, first.Reason, context.Connection.RemoteIpAddress);
        var expired = commit.Count(RecordFate.Late);
        await AnswerAsync(context, new EventAnswer(commit.Count(RecordFate.Stored) + expired, commit.Count(RecordFate.Duplicate), expired, lines.Rejected), EventAnswerJson.Readable.EventAnswer);
    }

    private async Task RefuseAsync(HttpContext context, PushRefusal refusal)
    {
        store.Tally.Reject(refusal.Reason);
        refusals.Note(refusal, context.Connection.RemoteIpAddress);
        if (context.RequestAborted.IsCancellationRequested) return;
        refusal.WriteHead(context.Response, RetryAfter);
        await AnswerAsync(context, new EventRefusal(refusal.Reason.Label(), refusal.Message), EventAnswerJson.Readable.EventRefusal);
    }

    private static Task AnswerAsync<T>(HttpContext context, T answer, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, answer, type, context.RequestAborted);
    }
}

/// <summary>The answer to a push of events.</summary>
/// <param name="Accepted">Events that were taken and had not been before, the expired ones included.</param>
/// <param name="Duplicates">Events that were there already.</param>
/// <param name="Expired">Of the accepted, those that are older than events are kept.</param>
/// <param name="Rejected">Lines that are no events; they will not be taken however often they come.</param>
internal sealed record EventAnswer(int Accepted, int Duplicates, int Expired, IReadOnlyList<RejectedLine> Rejected);

/// <summary>The answer to a push of events that is refused as a whole.</summary>
/// <param name="Reason">Why, as label <c>reason</c> of the collector's metrics says it.</param>
/// <param name="Error">What is wrong with which value, and the remedy.</param>
internal sealed record EventRefusal(string Reason, string Error);

/// <summary>The answers as JSON.</summary>
[JsonSerializable(typeof(EventAnswer))]
[JsonSerializable(typeof(EventRefusal))]
internal sealed partial class EventAnswerJson : JsonSerializerContext
{
    /// <summary>Quotes in words without escapes: the answer is JSON and never part of a page.</summary>
    public static EventAnswerJson Readable { get; } = new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
