using Monitoring.Collector.Series;

namespace Monitoring.Collector.Ingest;

/// <summary>Takes OTLP/HTTP pushes at <c>/v1/metrics</c>: https://opentelemetry.io/docs/specs/otlp/#otlphttp.</summary>
internal sealed class PushEndpoint(
    PushReception reception, SeriesStore store, IngestSettings settings, SeriesSettings seriesSettings, RefusalLog refusals, PushMeasure measure)
{
    /// <summary>The only content type of OTLP/HTTP that is understood.</summary>
    public const string ProtobufType = "application/x-protobuf";

    private const string TypeRemedy = $"send {ProtobufType} (exporter protocol http/protobuf)";

    /// <summary>Answers one push.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var outcome = default(PushOutcome);
        PushOutcome.Refused[] refused = [];
        var reason = await reception.ReceiveAsync(context, ProtobufType, body => outcome = store.Push(body, settings.MaxPointsPerPush, out refused), measure);
        var refusal = reason != PushRejection.None ? PushRefusal.Of(reason, context.Request, TypeRemedy, settings) : PushRefusal.Of(outcome, settings, seriesSettings);
        if (refusal is not null)
        {
            await RefuseAsync(context, refusal);
            return;
        }

        refusals.NotePoints(refused, seriesSettings);
        context.Response.ContentType = ProtobufType;
        var answer = OtlpReply.Success(outcome.Rejected, outcome.Reason.Explain(seriesSettings));
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }

    private async Task RefuseAsync(HttpContext context, PushRefusal refusal)
    {
        store.Tally.Reject(refusal.Reason);
        refusals.Note(refusal, context.Connection.RemoteIpAddress);
        if (context.RequestAborted.IsCancellationRequested) return;

        var response = context.Response;
        refusal.WriteHead(response, seriesSettings.DefaultPushInterval);
        if (refusal.Reason == PushRejection.ContentType)
        {
            // Whoever does not speak protobuf gets words.
            response.ContentType = "text/plain; charset=utf-8";
            await response.WriteAsync(refusal.Message + "\n", context.RequestAborted);
            return;
        }

        response.ContentType = ProtobufType;
        await response.Body.WriteAsync(OtlpReply.Status(refusal.RpcCode, refusal.Message), context.RequestAborted);
    }
}
