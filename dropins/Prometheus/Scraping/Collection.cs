namespace OpenTelemetry.Exporter.Prometheus.Scraping;

/// <summary>
/// One run of the SDK's collection and the scrapes that wait for it. Joining, leaving, closing and ending happen under the
/// coordinator's lock.
/// </summary>
internal sealed class Collection(long startedAt)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int[] _waiting = new int[ExpositionFormats.Count];
    private readonly bool[] _isWanted = new bool[ExpositionFormats.Count];
    private readonly ScrapePage?[] _pages = new ScrapePage?[ExpositionFormats.Count];
    private bool _isClosed;
    private bool _hasEnded;
    private string _failure = "The collection gave no page: the meter provider is shut down.";

    internal long StartedAt => startedAt;

    internal Task Ended => _ended.Task;

    /// <summary>False once the pages are being written without this format.</summary>
    internal bool TryJoin(ExpositionFormat format)
    {
        if (_isClosed && !_isWanted[(int)format])
            return false;
        _isWanted[(int)format] = true;
        _waiting[(int)format]++;
        return true;
    }

    internal void Leave(ExpositionFormat format)
    {
        if (_hasEnded)
            _pages[(int)format]?.Release();
        else
            _waiting[(int)format]--;
    }

    internal void Close() => _isClosed = true;

    internal void Write(Func<ExpositionFormat, long, ScrapePage> write)
    {
        for (int i = 0; i < _pages.Length; i++)
        {
            if (_isWanted[i])
                _pages[i] = write((ExpositionFormat)i, startedAt);
        }
    }

    /// <summary>Hands every waiting scrape its own reference; a failure leaves no page at all.</summary>
    internal void End(Exception? failure)
    {
        _hasEnded = true;
        _isClosed = true;
        if (failure is not null)
            _failure = $"The metrics could not be collected: {failure.Message}";
        for (int i = 0; i < _pages.Length; i++)
        {
            if (failure is not null)
            {
                _pages[i]?.Release();
                _pages[i] = null;
            }
            for (int waiting = 0; waiting < _waiting[i]; waiting++)
                _pages[i]?.AddReference();
        }
    }

    /// <summary>A reference for the cache.</summary>
    internal ScrapePage? Share(int format)
    {
        _pages[format]?.AddReference();
        return _pages[format];
    }

    /// <summary>Gives up the reference that each page was born with.</summary>
    internal void ReleaseOwn()
    {
        foreach (ScrapePage? page in _pages)
            page?.Release();
    }

    /// <summary>Wakes the waiting scrapes.</summary>
    internal void Publish() => _ended.SetResult();

    internal ScrapeResult Take(ExpositionFormat format)
        => _pages[(int)format] is { } page ? ScrapeResult.Of(page) : ScrapeResult.Failed(_failure);
}
