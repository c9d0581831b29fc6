using System.Globalization;
using System.Threading.RateLimiting;
using Monitoring.Collector.Series;

namespace Monitoring.Collector.Ingest;

/// <summary>Takes OTLP/HTTP pushes at <c>/v1/metrics</c>: https://opentelemetry.io/docs/specs/otlp/#otlphttp.</summary>
internal sealed class PushEndpoint(
    SeriesStore store, IngestSettings settings, SeriesSettings seriesSettings, ConcurrencyLimiter turns, RefusalLog refusals, PushMeasure measure)
{
    private readonly BodyBudget budget = new(settings);

    /// <summary>A limiter that lets as many pushes work and wait as the settings say.</summary>
    public static ConcurrencyLimiter MakeTurns(IngestSettings settings) => new(new ConcurrencyLimiterOptions
    {
        PermitLimit = settings.MaxConcurrentPushes,
        QueueLimit = settings.MaxQueuedPushes,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>Answers one push.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        using var body = new PooledBytes();
        try
        {
            await HandleAsync(context, body);
        }
        finally
        {
            budget.GiveBack(body.Length);
        }
    }

    private async Task HandleAsync(HttpContext context, PooledBytes body)
    {
        var request = context.Request;
        var reason = PushBody.CheckHead(request, settings, out var isGzip);
        if (reason == PushRejection.None) reason = await PushBody.ReceiveAsync(request, body, settings.MaxCompressedBytes, budget, context.RequestAborted);
        store.Tally.Receive(body.Length);
        if (reason != PushRejection.None)
        {
            await RefuseAsync(context, PushRefusal.Of(reason, request, settings));
            return;
        }

        using var turn = await turns.AcquireAsync(1, context.RequestAborted);
        if (!turn.IsAcquired)
        {
            await RefuseAsync(context, PushRefusal.Of(PushRejection.Busy, request, settings));
            return;
        }

        var start = measure.Start();
        reason = Store(body, isGzip, out var outcome);
        measure.Stop(start);
        var refusal = reason != PushRejection.None ? PushRefusal.Of(reason, request, settings) : PushRefusal.Of(outcome, settings, seriesSettings);
        if (refusal is not null)
        {
            await RefuseAsync(context, refusal);
            return;
        }

        context.Response.ContentType = PushBody.ProtobufType;
        var answer = OtlpReply.Success(outcome.Rejected, outcome.Reason.Explain(seriesSettings));
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }

    private PushRejection Store(PooledBytes body, bool isGzip, out PushOutcome outcome)
    {
        outcome = default;
        if (!isGzip)
        {
            if (body.Length > settings.MaxDecompressedBytes) return PushRejection.DecompressedSize;
            outcome = store.Push(body.Written, settings.MaxPointsPerPush);
            return PushRejection.None;
        }

        using var unpacked = new PooledBytes();
        var reason = PushBody.Unpack(body, unpacked, settings.MaxDecompressedBytes);
        if (reason == PushRejection.None) outcome = store.Push(unpacked.Written, settings.MaxPointsPerPush);
        return reason;
    }

    private async Task RefuseAsync(HttpContext context, PushRefusal refusal)
    {
        store.Tally.Reject(refusal.Reason);
        refusals.Note(refusal, context.Connection.RemoteIpAddress);
        if (context.RequestAborted.IsCancellationRequested) return;

        var response = context.Response;
        response.StatusCode = refusal.HttpStatus;
        if (refusal.CanRetry) response.Headers.RetryAfter = Math.Ceiling(seriesSettings.DefaultPushInterval.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        if (refusal.Reason == PushRejection.ContentEncoding) response.Headers.AcceptEncoding = "gzip, identity";
        if (refusal.Reason == PushRejection.ContentType)
        {
            // Whoever does not speak protobuf gets words.
            response.ContentType = "text/plain; charset=utf-8";
            await response.WriteAsync(refusal.Message + "\n", context.RequestAborted);
            return;
        }

        response.ContentType = PushBody.ProtobufType;
        await response.Body.WriteAsync(OtlpReply.Status(refusal.RpcCode, refusal.Message), context.RequestAborted);
    }
}
