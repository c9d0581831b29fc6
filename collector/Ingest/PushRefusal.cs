using System.Globalization;
using Monitoring.Collector.Series;

namespace Monitoring.Collector.Ingest;

/// <summary>A push that is refused: how HTTP and OTLP say it.</summary>
/// <param name="Reason">Why.</param>
/// <param name="HttpStatus">The HTTP status.</param>
/// <param name="RpcCode">The code of google.rpc.Status.</param>
/// <param name="Message">What is wrong with which value, and the remedy.</param>
internal sealed record PushRefusal(PushRejection Reason, int HttpStatus, int RpcCode, string Message)
{
    /// <summary>Whether the same push may be accepted later.</summary>
    public bool CanRetry => HttpStatus is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable;

    /// <summary>The refusal of a request by its head or body.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="request">The request.</param>
    /// <param name="typeRemedy">What to send instead of a content type that is not understood.</param>
    /// <param name="limits">The limits.</param>
    public static PushRefusal Of(PushRejection reason, HttpRequest request, string typeRemedy, IngestSettings limits) => reason switch
    {
        PushRejection.ContentType => Unsupported(reason,
            $"content type '{request.ContentType}' is not supported: {typeRemedy}"),
        PushRejection.ContentEncoding => Unsupported(reason,
            $"content encoding '{request.Headers.ContentEncoding}' is not supported: send gzip or none"),
        PushRejection.CompressedSize => TooLarge(reason,
            $"the body is larger than {limits.MaxCompressedBytes} bytes: push less at once or raise ingest.max_compressed_bytes"),
        PushRejection.DecompressedSize => TooLarge(reason,
            $"the unpacked body is larger than {limits.MaxDecompressedBytes} bytes: push less at once or raise ingest.max_decompressed_bytes"),
        PushRejection.Gzip => Invalid(reason, StatusCodes.Status400BadRequest, "the body is not whole gzip of one member, though content-encoding says gzip"),
        PushRejection.Incomplete => Invalid(reason, StatusCodes.Status400BadRequest, "the body ended before the length that was announced"),
        PushRejection.BodyMemory => new PushRefusal(reason, StatusCodes.Status429TooManyRequests, OtlpReply.ResourceExhausted,
            $"pushes that are being received or wait hold {(long)limits.MaxConcurrentPushes * limits.MaxCompressedBytes} bytes already: retry, or raise ingest.max_concurrent_pushes"),
        PushRejection.Busy => new PushRefusal(reason, StatusCodes.Status429TooManyRequests, OtlpReply.ResourceExhausted,
            $"{limits.MaxConcurrentPushes + limits.MaxQueuedPushes} pushes are in work or waiting already: retry, or raise ingest.max_queued_pushes"),
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };

    /// <summary>The refusal of a push that was read, or null where it was stored, in part at least.</summary>
    public static PushRefusal? Of(PushOutcome outcome, IngestSettings ingest, SeriesSettings series)
    {
        if (outcome.Fault.IsFault)
            return Invalid(PushRejection.Malformed, StatusCodes.Status400BadRequest,
                $"the body is not a valid ExportMetricsServiceRequest: {outcome.Fault.Error} at byte {outcome.Fault.Offset}");
        if (outcome.HasTooManyPoints)
            return Invalid(PushRejection.PointLimit, StatusCodes.Status422UnprocessableEntity,
                $"the push holds {outcome.Points} points, {ingest.MaxPointsPerPush} are allowed: push fewer at once or raise ingest.max_points_per_push");
        // What came late is no mistake of the sender; the answer of partial success tells him.
        if (outcome.Rejected == 0 || outcome.Rejected < outcome.Points || outcome.Reason == PointRejection.OutOfOrder) return null;

        var limit = outcome.Reason switch
        {
            PointRejection.NodeLimit => PushRejection.NodeLimit,
            PointRejection.SourceLimit => PushRejection.SourceLimit,
            PointRejection.SeriesLimit => PushRejection.SeriesLimit,
            _ => PushRejection.AllPointsRefused,
        };
        var message = $"all {outcome.Points} points were refused: {outcome.Reason.Explain(series)}";
        return limit == PushRejection.AllPointsRefused
            ? Invalid(limit, StatusCodes.Status422UnprocessableEntity, message)
            : new PushRefusal(limit, StatusCodes.Status429TooManyRequests, OtlpReply.ResourceExhausted, message);
    }

    /// <summary>The refusal of a push of events that was read.</summary>
    public static PushRefusal OfEvents(int lines, int limit) => Invalid(PushRejection.EventLimit, StatusCodes.Status413PayloadTooLarge,
        $"the push holds more than {limit} events ({lines} lines were read): push fewer at once or raise events.max_events_per_push");

    /// <summary>The refusal of events that could not be made safe.</summary>
    public static PushRefusal OfStore(string fault) => new(PushRejection.EventStore, StatusCodes.Status503ServiceUnavailable, OtlpReply.ResourceExhausted,
        $"{fault}: keep the events and push them again later");

    /// <summary>The refusal of more log lines than a push may hold.</summary>
    public static PushRefusal OfLogs(int limit) => Invalid(PushRejection.LogLimit, StatusCodes.Status413PayloadTooLarge,
        $"the push holds more than {limit} log lines: push fewer at once or raise logs.max_lines_per_push");

    /// <summary>The refusal of a body that is no bulk request.</summary>
    public static PushRefusal OfBulk(string fault) => Invalid(PushRejection.BulkFormat, StatusCodes.Status400BadRequest, fault);

    /// <summary>The refusal of log lines that could not be made safe.</summary>
    public static PushRefusal OfLogStore(string fault, bool isFull) => new(isFull ? PushRejection.LogQueue : PushRejection.LogStore,
        isFull ? StatusCodes.Status429TooManyRequests : StatusCodes.Status503ServiceUnavailable, OtlpReply.ResourceExhausted, $"{fault}: keep the lines and push them again later");

    /// <summary>Writes status and headers.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="retryAfter">When a push may be tried again, where it may.</param>
    public void WriteHead(HttpResponse response, TimeSpan retryAfter)
    {
        response.StatusCode = HttpStatus;
        if (CanRetry) response.Headers.RetryAfter = Math.Ceiling(retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        // What was announced and not read cannot be told from the next request.
        if (HttpStatus == StatusCodes.Status413PayloadTooLarge) response.Headers.Connection = "close";
        if (Reason == PushRejection.ContentEncoding) response.Headers.AcceptEncoding = "gzip, identity";
    }

    private static PushRefusal Invalid(PushRejection reason, int status, string message) => new(reason, status, OtlpReply.InvalidArgument, message);

    private static PushRefusal Unsupported(PushRejection reason, string message) => Invalid(reason, StatusCodes.Status415UnsupportedMediaType, message);

    private static PushRefusal TooLarge(PushRejection reason, string message)
        => new(reason, StatusCodes.Status413PayloadTooLarge, OtlpReply.ResourceExhausted, message);
}
