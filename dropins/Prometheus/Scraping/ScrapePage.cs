using System.IO.Compression;
using OpenTelemetry.Exporter.Prometheus.Writing;

namespace OpenTelemetry.Exporter.Prometheus.Scraping;

/// <summary>One finished page in pooled memory, shared by every scrape that it serves; the last to release it returns the memory.</summary>
internal sealed class ScrapePage(PageBuffer plain, long collectedAt)
{
    // A compressed page is never much larger than a plain one: deflate adds a few bytes per 64 KiB to what it cannot shrink.
    private const int GzipSlackBytes = 64 * 1024;

    private readonly Lock _gzipGate = new();
    private PageBuffer? _gzip;
    private int _references = 1;

    internal ReadOnlyMemory<byte> Plain => plain.Written;

    /// <summary>Timestamp of the collection, of the clock that the exporter was given.</summary>
    internal long CollectedAt => collectedAt;

    internal void AddReference() => Interlocked.Increment(ref _references);

    internal void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0)
            return;
        plain.Dispose();
        _gzip?.Dispose();
    }

    /// <summary>The page compressed, once for all scrapes that it serves.</summary>
    internal ReadOnlyMemory<byte> Gzip()
    {
        // Scrapes that arrive together wait here for a few milliseconds of work rather than doing it twice.
        lock (_gzipGate)
        {
            if (_gzip is null)
            {
                PageBuffer compressed = new(plain.Written.Length + GzipSlackBytes, plain.Written.Length / 8);
                using (GZipStream stream = new(compressed.AsStream(), CompressionLevel.Fastest))
                    stream.Write(plain.Written.Span);
                _gzip = compressed;
            }
            return _gzip.Written;
        }
    }
}
