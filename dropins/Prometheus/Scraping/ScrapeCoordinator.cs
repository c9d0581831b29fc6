using System.Globalization;

namespace OpenTelemetry.Exporter.Prometheus.Scraping;

/// <summary>
/// Lets scrapes share collections: one runs at a time, scrapes that arrive meanwhile wait for it, and its pages serve for the
/// cache duration. A collection that hangs (a metric callback that never returns) holds one thread and makes scrapes end in
/// time with a reason; nothing piles up behind it.
/// </summary>
/// <param name="collect">Collects on the calling thread and calls <see cref="Render"/> on the way.</param>
/// <param name="cacheDuration">Zero keeps no page.</param>
internal sealed class ScrapeCoordinator(Action collect, TimeSpan cacheDuration, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly ScrapePage?[] _cached = new ScrapePage?[ExpositionFormats.Count];
    private Collection? _running;
    private bool _isDisposed;

    /// <summary>A page of the format, or the reason why there is none within the timeout.</summary>
    internal async ValueTask<ScrapeResult> GetAsync(ExpositionFormat format, TimeSpan timeout, CancellationToken cancellationToken)
    {
        long askedAt = time.GetTimestamp();
        while (true)
        {
            Collection collection;
            bool hasJoined;
            lock (_gate)
            {
                if (FindCached(format) is { } cached)
                    return ScrapeResult.Of(cached);
                if (_running is null)
                {
                    _running = new(time.GetTimestamp());
                    ThreadPool.UnsafeQueueUserWorkItem(Run, _running, preferLocal: false);
                }
                collection = _running;
                hasJoined = collection.TryJoin(format);
            }
            try
            {
                TimeSpan left = timeout - time.GetElapsedTime(askedAt);
                await collection.Ended.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellationToken);
            }
            catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
            {
                if (hasJoined)
                {
                    lock (_gate)
                        collection.Leave(format);
                }
                return ScrapeResult.Late(string.Create(CultureInfo.InvariantCulture,
                    $"The metrics were not collected within {timeout.TotalSeconds:0.###} s: a collection has been running for {time.GetElapsedTime(collection.StartedAt).TotalSeconds:0.###} s."));
            }
            // Otherwise the other format was already being written: the next round starts or joins a collection for this one.
            if (hasJoined)
                return collection.Take(format);
        }
    }

    /// <summary>Called within <c>collect</c>, on its thread, while the values hold still: writes the formats that were asked for.</summary>
    internal void Render(Func<ExpositionFormat, long, ScrapePage> write)
    {
        Collection? collection;
        lock (_gate)
        {
            collection = _running;
            collection?.Close();
        }
        // The SDK also collects once when it shuts down; nobody waits for that.
        collection?.Write(write);
    }

    /// <summary>Gives the kept pages back.</summary>
    internal void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            DropCached();
        }
    }

    private ScrapePage? FindCached(ExpositionFormat format)
    {
        if (_cached[(int)format] is not { } page || time.GetElapsedTime(page.CollectedAt) >= cacheDuration)
            return null;
        page.AddReference();
        return page;
    }

    private void Run(Collection collection)
    {
        Exception? failure = null;
        try
        {
            collect();
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        lock (_gate)
        {
            _running = null;
            DropCached();
            collection.End(failure);
            for (int i = 0; i < _cached.Length; i++)
                _cached[i] = cacheDuration > TimeSpan.Zero && !_isDisposed ? collection.Share(i) : null;
            collection.ReleaseOwn();
        }
        collection.Publish();
    }

    private void DropCached()
    {
        for (int i = 0; i < _cached.Length; i++)
        {
            _cached[i]?.Release();
            _cached[i] = null;
        }
    }
}
