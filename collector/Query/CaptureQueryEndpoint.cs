using System.Text.Json;
using System.Threading.RateLimiting;
using Monitoring.Collector.Captures;
using Monitoring.Collector.Commands;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Query;

/// <summary>Serves <c>/api/v1/captures</c>, newest first, and one capture with all that is known of it; pins, unpins and removes.</summary>
internal sealed class CaptureQueryEndpoint(CaptureCatalogue catalogue, ICaptureFiles files, CaptureKeeper keeper, CaptureRecovery recovery, AuditLog audit, TimeProvider time) : IDisposable
{
    /// <summary>Name of the route's value that holds the id.</summary>
    public const string RouteValue = "id";

    // A search goes through the words of every capture: people and dashboards must not take the collector from its senders.
    private const int MostAtOnce = 2;
    private const int MostWaiting = 64;

    private readonly ConcurrencyLimiter turns = new(new ConcurrencyLimiterOptions { PermitLimit = MostAtOnce, QueueLimit = MostWaiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });

    /// <summary>Answers one page.</summary>
    public async Task ListAsync(HttpContext context)
    {
        if (CaptureParameters.Read(context.Request.Query, out var error) is not { } query)
        {
            await CaptureAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, "parameter", error);
            return;
        }

        await recovery.Completed.WaitAsync(context.RequestAborted);
        using var turn = await turns.AcquireAsync(1, context.RequestAborted);
        if (!turn.IsAcquired)
        {
            context.Response.Headers.RetryAfter = "1";
            await CaptureAnswer.RefuseAsync(context, StatusCodes.Status429TooManyRequests, "busy", $"{MostAtOnce + MostWaiting} queries are in work or waiting already: ask again");
            return;
        }
        var page = catalogue.Query(query);
        await CaptureAnswer.WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("captures"u8);
            foreach (var entry in page.Captures) WriteRow(writer, entry);
            writer.WriteEndArray();
            if (page.Next is { } next) writer.WriteString("next"u8, CaptureParameters.Write(next));
            else writer.WriteNull("next"u8);
            writer.WriteEndObject();
        });
    }

    /// <summary>Answers one capture: the request, where it stands, the manifest as the node wrote it, and the summaries.</summary>
    public async Task FindAsync(HttpContext context)
    {
        if (await FindRecordAsync(context, catalogue, recovery) is not { } record) return;
        byte[]? manifest = null, summary = null;
        if (record.Manifest is not null)
        {
            try
            {
                manifest = await files.ReadAsync(record.Id, CaptureManifest.FileName, BundleManifest.MostBytes, context.RequestAborted);
                summary = await files.ReadAsync(record.Id, CaptureManifest.SummaryFileName, BundleManifest.MostSummaryBytes, context.RequestAborted);
            }
            catch (CaptureStoreException fault)
            {
                await CaptureAnswer.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, fault.Reason, fault.Message);
                return;
            }
        }
        await CaptureAnswer.WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject();
            WriteStanding(writer, record);
            WriteValue(writer, "request"u8, record.Request, CaptureJson.Default.CaptureRequest);
            WriteValue(writer, "progress"u8, record.Progress, CaptureJson.Default.CaptureProgress);
            WriteJson(writer, "manifest"u8, manifest);
            WriteJson(writer, "summary"u8, summary);
            writer.WriteEndObject();
        });
    }

    /// <summary>A page, when its turn has come; null where too many ask at once.</summary>
    public async Task<CapturePage?> FindPageAsync(CaptureQuery query, CancellationToken cancellationToken)
    {
        await recovery.Completed.WaitAsync(cancellationToken);
        using var turn = await turns.AcquireAsync(1, cancellationToken);
        return turn.IsAcquired ? catalogue.Query(query) : null;
    }

    /// <summary>Pins a capture (POST) or lets it go (DELETE).</summary>
    public async Task PinAsync(HttpContext context)
    {
        if (await FindRecordAsync(context, catalogue, recovery) is not { } record) return;
        try
        {
            var isPin = HttpMethods.IsPost(context.Request.Method);
            catalogue.Pin(record.Id, isPin);
            Audit(context, record, isPin ? AuditActions.Pin : AuditActions.Unpin);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (IOException fault)
        {
            await CaptureAnswer.RefuseAsync(context, StatusCodes.Status507InsufficientStorage, "disk", $"the pin of capture {record.Id} could not be written: {fault.Message}");
        }
    }

    /// <summary>Removes a capture that is over.</summary>
    public async Task RemoveAsync(HttpContext context)
    {
        if (await FindRecordAsync(context, catalogue, recovery) is not { } record) return;
        if (!record.IsOver)
        {
            await CaptureAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, "under_way", $"capture {record.Id} is {CaptureParameters.Name(record.Stage)}: cancel it first, or remove it when it is over");
            return;
        }
        if (record.IsPinned)
        {
            await CaptureAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, "pinned", $"capture {record.Id} is pinned: unpin it first");
            return;
        }
        try
        {
            await keeper.RemoveAsync(record.Id, context.RequestAborted);
            Audit(context, record, AuditActions.Delete);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (CaptureStoreException fault)
        {
            await CaptureAnswer.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, fault.Reason, fault.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turns.Dispose();

    private void Audit(HttpContext context, CaptureRecord record, string action)
    {
        const int LongestName = 200;
        var by = context.Request.Query["by"].ToString();
        audit.Append(new AuditEntry(time.GetUtcNow(), action, AuditOutcomes.Accepted, by.Length <= LongestName ? by : by[..LongestName], context.Remote(), record.Id,
            record.Request?.Group ?? "", record.Manifest?.Node ?? record.Request?.Target.Node ?? ""));
    }

    /// <summary>The capture that the route names; where there is none, the request is answered.</summary>
    internal static async Task<CaptureRecord?> FindRecordAsync(HttpContext context, CaptureCatalogue catalogue, CaptureRecovery recovery)
    {
        var id = context.Request.RouteValues[RouteValue] as string ?? "";
        if (!EventId.IsValid(id))
        {
            await CaptureAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, "id", $"id is '{(id.Length <= 100 ? id : id[..100] + "...")}', expected 32 lower-case hexadecimal digits, as a capture's id says");
            return null;
        }
        await recovery.Completed.WaitAsync(context.RequestAborted);
        if (catalogue.Find(id) is { } record) return record;
        await CaptureAnswer.RefuseAsync(context, StatusCodes.Status404NotFound, "unknown", $"no capture {id} is known; it was never asked for here, or was removed");
        return null;
    }

    private static void WriteRow(Utf8JsonWriter writer, CaptureEntry entry)
    {
        var record = entry.Record;
        writer.WriteStartObject();
        WriteStanding(writer, record);
        writer.WriteString("time"u8, entry.At);
        if ((record.Manifest?.Request ?? record.Request) is { } request)
        {
            writer.WriteString("trigger"u8, request.Trigger.Kind);
            writer.WriteString("trigger_name"u8, request.Trigger.Name);
            writer.WriteString("reason"u8, request.Trigger.Reason);
            writer.WriteNumber("duration_seconds"u8, request.DurationSeconds);
            if (request.ControlOf is { } victim) writer.WriteString("control_of"u8, victim);
        }
        if ((record.Manifest?.Job?.Id ?? record.Request?.Target.Job) is { Length: > 0 } job) writer.WriteString("job"u8, job);
        if (record.Manifest is not { } manifest)
        {
            writer.WriteEndObject();
            return;
        }
        writer.WriteStartArray("gpus"u8);
        foreach (var gpu in manifest.Gpus) writer.WriteNumberValue(gpu.Index);
        writer.WriteEndArray();
        writer.WriteStartArray("profilers"u8);
        foreach (var run in manifest.Runs.Where(static run => run.Succeeded)) writer.WriteStringValue(run.Profiler);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteStanding(Utf8JsonWriter writer, CaptureRecord record)
    {
        writer.WriteString("id"u8, record.Id);
        writer.WriteString("node"u8, record.Node);
        writer.WriteString("stage"u8, CaptureParameters.Name(record.Stage));
        writer.WriteString("words"u8, record.Manifest?.Words ?? record.Progress?.Words ?? "");
        if (record is { Manifest: null, Progress.Fraction: { } fraction }) writer.WriteNumber("fraction"u8, fraction);
        if (record is { Manifest: null, Progress.Refusal: { } refusal }) writer.WriteString("refusal"u8, JsonNamingPolicy.SnakeCaseLower.ConvertName(refusal.ToString()));
        writer.WriteBoolean("is_pinned"u8, record.IsPinned);
        if (record.KeptAt is not { } keptAt) return;
        writer.WriteNumber("size_bytes"u8, record.SizeBytes);
        writer.WriteString("kept_at"u8, keptAt);
    }

    private static void WriteValue<T>(Utf8JsonWriter writer, ReadOnlySpan<byte> name, T? value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        writer.WritePropertyName(name);
        if (value is null) writer.WriteNullValue();
        else JsonSerializer.Serialize(writer, value, type);
    }

    private static void WriteJson(Utf8JsonWriter writer, ReadOnlySpan<byte> name, byte[]? json)
    {
        writer.WritePropertyName(name);
        // The hash says that it is as the node made it; where that is no JSON the file itself can be had.
        if (json is not null && Copied(json) is { } copy) writer.WriteRawValue(copy, skipInputValidation: true);
        else writer.WriteNullValue();
    }

    /// <summary>JSON without its white space; null for what is none, or has a text that is no Unicode, which shows only while it is written.</summary>
    private static byte[]? Copied(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            using var copy = new MemoryStream();
            using (var writer = new Utf8JsonWriter(copy, CaptureAnswer.Readable)) document.WriteTo(writer);
            return copy.ToArray();
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}
