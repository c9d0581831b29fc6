using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading.RateLimiting;
using Monitoring.Collector.Events;
using Monitoring.Collector.Storage;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Query;

/// <summary>Serves <c>/api/v1/events</c>, newest first, and <c>/api/v1/events/{id}</c>.</summary>
internal sealed class EventQueryEndpoint(EventStore events) : IDisposable
{
    /// <summary>Name of the route's value that holds the id.</summary>
    public const string RouteValue = "id";

    // A query looks through memory and reads from disk: people and dashboards must not take the collector from its senders.
    private const int MostAtOnce = 2;
    private const int MostWaiting = 64;

    // The answer is JSON and never part of a page, so quotes in words need no escapes.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ConcurrencyLimiter turns = new(new ConcurrencyLimiterOptions { PermitLimit = MostAtOnce, QueueLimit = MostWaiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });

    /// <summary>Answers one page.</summary>
    public async Task ListAsync(HttpContext context)
    {
        if (EventParameters.Read(context.Request.Query, out var error) is not { } query)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "parameter", error);
            return;
        }

        using var turn = await EnterAsync(context);
        if (turn is null) return;
        var page = events.Query(query);
        await WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("events"u8);
            foreach (var json in page.Documents) writer.WriteRawValue(json.Span);
            writer.WriteEndArray();
            if (page.Next is { } next) writer.WriteString("next"u8, next.Write());
            else writer.WriteNull("next"u8);
            writer.WriteEndObject();
        });
    }

    /// <summary>Answers one event.</summary>
    public async Task FindAsync(HttpContext context)
    {
        var id = context.Request.RouteValues[RouteValue] as string ?? "";
        if (!EventId.IsValid(id))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "id", $"id is '{(id.Length <= 100 ? id : id[..100] + "...")}', expected 32 lower-case hexadecimal digits, as an event's id says");
            return;
        }

        using var turn = await EnterAsync(context);
        if (turn is null) return;
        if (events.Find(id) is not { } json)
            await RefuseAsync(context, StatusCodes.Status404NotFound, "unknown", $"no event {id} is kept; it never came or is older than events are kept");
        else
            await WriteAsync(context, StatusCodes.Status200OK, writer => writer.WriteRawValue(json.Span));
    }

    /// <summary>A page, when its turn has come; null where too many ask at once.</summary>
    public async Task<RecordPage?> FindPageAsync(EventQuery query, CancellationToken cancellationToken)
    {
        await events.Recovered.WaitAsync(cancellationToken);
        using var turn = await turns.AcquireAsync(1, cancellationToken);
        return turn.IsAcquired ? events.Query(query) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => turns.Dispose();

    private async Task<RateLimitLease?> EnterAsync(HttpContext context)
    {
        // After a start the events on disk are read first.
        await events.Recovered.WaitAsync(context.RequestAborted);
        var turn = await turns.AcquireAsync(1, context.RequestAborted);
        if (turn.IsAcquired) return turn;
        turn.Dispose();
        context.Response.Headers.RetryAfter = "1";
        await RefuseAsync(context, StatusCodes.Status429TooManyRequests, "busy", $"{MostAtOnce + MostWaiting} queries are in work or waiting already: ask again");
        return null;
    }

    private static Task RefuseAsync(HttpContext context, int status, string reason, string error) => WriteAsync(context, status, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("reason"u8, reason);
        writer.WriteString("error"u8, error);
        writer.WriteEndObject();
    });

    private static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter, Readable);
        write(writer);
        await writer.FlushAsync(context.RequestAborted);
    }
}
