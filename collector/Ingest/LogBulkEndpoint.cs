using System.Text.Json;
using Monitoring.Collector.Captures;
using Monitoring.Collector.Logs;
using Monitoring.Collector.Series;
using Monitoring.Collector.Storage;

namespace Monitoring.Collector.Ingest;

/// <summary>
/// Takes log lines at <c>/v1/logs/_bulk</c> and answers as Elasticsearch does, so that whatever ships logs there ships them here: each
/// action has an answer of its own, and anything but 200 means that the sender keeps them all.
/// </summary>
internal sealed class LogBulkEndpoint(
    PushReception reception, LogStore logs, LogStoreSettings settings, IngestSettings ingest, SeriesStore store, RefusalLog refusals, TimeProvider time)
{
    /// <summary>Where it is, as the address of a node of Elasticsearch.</summary>
    public const string Root = "/v1/logs";

    private const string TypeRemedy = "send application/x-ndjson, a line with the action and a line with the document";

    // Clients look at the first number to know what they may ask for; of all that, a bulk request is taken here.
    private const string SpokenVersion = "8.17.0";

    // A full disk is not emptied in a second, and an agent should not wait for longer than a person who repairs it.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    /// <summary>Maps the address and what clients ask first.</summary>
    public static void Map(WebApplication app)
    {
        var endpoint = app.Services.GetRequiredService<LogBulkEndpoint>();
        app.MapMethods(Root, [HttpMethods.Get, HttpMethods.Head], (RequestDelegate)DescribeAsync);
        app.MapMethods(Root + "/_bulk", [HttpMethods.Post, HttpMethods.Put], (RequestDelegate)endpoint.HandleAsync);
    }

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var start = time.GetTimestamp();
        var lines = new BulkLines(settings, time);
        var reason = await reception.ReceiveAsync(context, EventEndpoint.LinesType, lines.Read);
        var refusal = reason != PushRejection.None ? PushRefusal.Of(reason, context.Request, TypeRemedy, ingest)
            : lines.HasTooMany ? PushRefusal.OfLogs(settings.MaxLinesPerPush)
            : lines.Fault is { } fault ? PushRefusal.OfBulk(fault)
            : null;
        if (refusal is not null)
        {
            await RefuseAsync(context, refusal);
            return;
        }

        var kept = lines.Items.Where(static item => item.Line is not null).Select(static item => item.Line!).ToList();
        var commit = kept.Count > 0 ? await logs.AppendAsync(kept) : new RecordCommit([]);
        if (commit.Fault is { } full)
        {
            await RefuseAsync(context, PushRefusal.OfLogStore(full, commit.IsFull));
            return;
        }

        lines.CountLost(logs.Tally);
        if (lines.Items.FirstOrDefault(static item => item.Line is null) is { } first)
            refusals.NoteLogs(lines.Items.Count - kept.Count, first.Reason, context.Connection.RemoteIpAddress);
        await AnswerAsync(context, lines, commit, time.GetElapsedTime(start));
    }

    private static Task DescribeAsync(HttpContext context)
    {
        Mark(context);
        return CaptureAnswer.WriteAsync(context, StatusCodes.Status200OK, static writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, "gpu-collector");
            writer.WriteString("cluster_name"u8, "gpu-collector");
            writer.WriteString("cluster_uuid"u8, "_na_");
            writer.WriteStartObject("version"u8);
            writer.WriteString("number"u8, SpokenVersion);
            writer.WriteString("build_flavor"u8, "gpu-collector");
            writer.WriteEndObject();
            writer.WriteString("tagline"u8, "Log lines of agents are taken at _bulk, and nothing else");
            writer.WriteEndObject();
        });
    }

    private static Task AnswerAsync(HttpContext context, BulkLines lines, RecordCommit commit, TimeSpan took)
    {
        Mark(context);
        return CaptureAnswer.WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("took"u8, (long)took.TotalMilliseconds);
            writer.WriteBoolean("errors"u8, commit.Fates.Any(static fate => fate != RecordFate.Stored) || lines.Items.Any(static item => item.Line is null));
            writer.WriteStartArray("items"u8);
            var place = 0;
            foreach (var item in lines.Items) Write(writer, item, item.Line is null || commit.Fates[place++] == RecordFate.Stored);
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter writer, BulkItem item, bool isStored)
    {
        writer.WriteStartObject();
        writer.WriteStartObject(item.Action);
        writer.WriteString("_index"u8, item.Index);
        writer.WriteString("_id"u8, item.Id);
        var (status, type, reason) = item.Line is null ? (StatusCodes.Status400BadRequest, item.ErrorType, item.Reason)
            : isStored ? (StatusCodes.Status201Created, "", "")
            : (StatusCodes.Status409Conflict, "version_conflict_engine_exception", $"[{item.Id}]: version conflict, document already exists");
        writer.WriteNumber("status"u8, status);
        if (type.Length == 0) writer.WriteString("result"u8, "created");
        else WriteError(writer, type, reason);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private async Task RefuseAsync(HttpContext context, PushRefusal refusal)
    {
        store.Tally.Reject(refusal.Reason);
        refusals.Note(refusal, context.Connection.RemoteIpAddress);
        if (context.RequestAborted.IsCancellationRequested) return;
        Mark(context);
        refusal.WriteHead(context.Response, RetryAfter);
        await CaptureAnswer.WriteAsync(context, refusal.HttpStatus, writer =>
        {
            writer.WriteStartObject();
            WriteError(writer, TypeOf(refusal.HttpStatus), refusal.Message);
            writer.WriteNumber("status"u8, refusal.HttpStatus);
            writer.WriteEndObject();
        });
    }

    private static void WriteError(Utf8JsonWriter writer, string type, string reason)
    {
        writer.WriteStartObject("error"u8);
        writer.WriteString("type"u8, type);
        writer.WriteString("reason"u8, reason);
        writer.WriteEndObject();
    }

    /// <summary>What Elasticsearch would call the refusal of a whole request.</summary>
    private static string TypeOf(int status) => status switch
    {
        StatusCodes.Status429TooManyRequests => "es_rejected_execution_exception",
        StatusCodes.Status413PayloadTooLarge => "content_too_long_exception",
        StatusCodes.Status415UnsupportedMediaType => "media_type_header_exception",
        StatusCodes.Status503ServiceUnavailable => "unavailable_shards_exception",
        _ => "illegal_argument_exception",
    };

    /// <summary>Clients of Elastic's own talk to nobody who does not say this.</summary>
    private static void Mark(HttpContext context) => context.Response.Headers["X-Elastic-Product"] = "Elasticsearch";
}
