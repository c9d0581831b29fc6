using System.Threading.RateLimiting;
using Monitoring.Collector.Captures;
using Monitoring.Collector.Logs;
using Monitoring.Collector.Storage;

namespace Monitoring.Collector.Query;

/// <summary>Serves <c>/api/v1/logs</c>, newest first: the documents as they are in Elasticsearch, where that is used.</summary>
internal sealed class LogQueryEndpoint(LogStore logs) : IDisposable
{
    // A search for words reads from disk: people must not take the collector from its senders.
    private const int MostAtOnce = 2;
    private const int MostWaiting = 64;

    private readonly ConcurrencyLimiter turns = new(new ConcurrencyLimiterOptions { PermitLimit = MostAtOnce, QueueLimit = MostWaiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });

    /// <summary>Answers one page.</summary>
    public async Task ListAsync(HttpContext context)
    {
        if (LogParameters.Read(context.Request.Query, out var error) is not { } query)
        {
            await CaptureAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, "parameter", error);
            return;
        }

        if (await FindAsync(query, context.RequestAborted) is not { } page)
        {
            context.Response.Headers.RetryAfter = "1";
            await CaptureAnswer.RefuseAsync(context, StatusCodes.Status429TooManyRequests, "busy", $"{MostAtOnce + MostWaiting} queries are in work or waiting already: ask again");
            return;
        }

        await CaptureAnswer.WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("logs"u8);
            foreach (var json in page.Documents) writer.WriteRawValue(json.Span);
            writer.WriteEndArray();
            if (page.Next is { } next) writer.WriteString("next"u8, next.Write());
            else writer.WriteNull("next"u8);
            writer.WriteEndObject();
        });
    }

    /// <summary>A page, when its turn has come; null where too many ask at once.</summary>
    public async Task<RecordPage?> FindAsync(LogQuery query, CancellationToken cancellationToken)
    {
        // After a start the lines on disk are read first.
        await logs.Recovered.WaitAsync(cancellationToken);
        using var turn = await turns.AcquireAsync(1, cancellationToken);
        return turn.IsAcquired ? logs.Query(query) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => turns.Dispose();
}
