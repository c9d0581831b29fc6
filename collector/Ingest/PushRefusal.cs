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
    public bool CanRetry => HttpStatus == StatusCodes.Status429TooManyRequests;

    /// <summary>The refusal of a request by its head or body.</summary>
    public static PushRefusal Of(PushRejection reason, HttpRequest request, IngestSettings limits) => reason switch
    {
        PushRejection.ContentType => Unsupported(reason,
            $"content type '{request.ContentType}' is not supported: send {PushBody.ProtobufType} (exporter protocol http/protobuf)"),
        PushRejection.ContentEncoding => Unsupported(reason,
            $"content encoding '{request.Headers.ContentEncoding}' is not supported: send gzip or none"),
        PushRejection.CompressedSize => TooLarge(reason,
            $"the body is larger than {limits.MaxCompressedBytes} bytes: push fewer metrics at once or raise ingest.max_compressed_bytes"),
        PushRejection.DecompressedSize => TooLarge(reason,
            $"the unpacked body is larger than {limits.MaxDecompressedBytes} bytes: push fewer metrics at once or raise ingest.max_decompressed_bytes"),
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

    private static PushRefusal Invalid(PushRejection reason, int status, string message) => new(reason, status, OtlpReply.InvalidArgument, message);

    private static PushRefusal Unsupported(PushRejection reason, string message) => Invalid(reason, StatusCodes.Status415UnsupportedMediaType, message);

    private static PushRefusal TooLarge(PushRejection reason, string message)
        => new(reason, StatusCodes.Status413PayloadTooLarge, OtlpReply.ResourceExhausted, message);
}
