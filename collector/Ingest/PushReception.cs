using System.Threading.RateLimiting;
using Monitoring.Collector.Series;

namespace Monitoring.Collector.Ingest;

/// <summary>Receives pushes of every kind within one set of limits: the head is checked, the body received, its turn awaited, and unpacked.</summary>
internal sealed class PushReception(IngestSettings settings, ConcurrencyLimiter turns, BodyBudget budget, SeriesStore store)
{
    /// <summary>A limiter that lets as many pushes work and wait as the settings say.</summary>
    public static ConcurrencyLimiter MakeTurns(IngestSettings settings) => new(new ConcurrencyLimiterOptions
    {
        PermitLimit = settings.MaxConcurrentPushes,
        QueueLimit = settings.MaxQueuedPushes,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>Receives one push and lets its reader see the unpacked body, while it has its turn.</summary>
    /// <param name="context">The request.</param>
    /// <param name="mediaType">The content type that is understood.</param>
    /// <param name="read">The reader.</param>
    /// <param name="measure">Measures unpacking and reading; null to measure nothing.</param>
    /// <returns>Why the reader saw nothing.</returns>
    public async Task<PushRejection> ReceiveAsync(HttpContext context, string mediaType, Action<ReadOnlySpan<byte>> read, PushMeasure? measure = null)
    {
        var request = context.Request;
        using var body = new PooledBytes();
        try
        {
            var reason = PushBody.CheckHead(request, mediaType, settings, out var isGzip);
            if (reason == PushRejection.None) reason = await PushBody.ReceiveAsync(request, body, settings.MaxCompressedBytes, budget, context.RequestAborted);
            store.Tally.Receive(body.Length);
            if (reason != PushRejection.None) return reason;

            using var turn = await turns.AcquireAsync(1, context.RequestAborted);
            if (!turn.IsAcquired) return PushRejection.Busy;
            var start = measure?.Start() ?? 0;
            reason = Read(body, isGzip, read);
            measure?.Stop(start);
            return reason;
        }
        finally
        {
            budget.GiveBack(body.Length);
        }
    }

    private PushRejection Read(PooledBytes body, bool isGzip, Action<ReadOnlySpan<byte>> read)
    {
        if (!isGzip)
        {
            if (body.Length > settings.MaxDecompressedBytes) return PushRejection.DecompressedSize;
            read(body.Written);
            return PushRejection.None;
        }

        using var unpacked = new PooledBytes();
        var reason = PushBody.Unpack(body, unpacked, settings.MaxDecompressedBytes);
        if (reason == PushRejection.None) read(unpacked.Written);
        return reason;
    }
}
