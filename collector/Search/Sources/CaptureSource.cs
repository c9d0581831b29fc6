using Monitoring.Collector.Captures;
using Monitoring.Collector.Search.Documents;
using Monitoring.Collector.Search.Privacy;
using Monitoring.Contracts.Captures;
using Monitoring.Elasticsearch.Delivery;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Collector.Search.Sources;

/// <summary>The captures of the catalogue as documents, each when its bundle is here, read from the bundle while the reader waits.</summary>
internal sealed class CaptureSource : IRestartableSource, IDropCounts
{
    private const string SettledFile = "capture.settled";

    // A document has some tens of kilobytes; a store of captures may be a server that takes its time.
    private const int MostReady = 8;
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(5);

    // Captures that were removed are forgotten by the file of settled ones when so many deliveries went by.
    private const int CommitsBetweenKeeping = 256;

    private readonly Lock gate = new(); // guards what follows
    private readonly Queue<SourceDocument> ready = new();
    private readonly Dictionary<ulong, string> open = []; // given out or ready, by place
    private readonly HashSet<string> taken = new(StringComparer.Ordinal); // the same, and those that cannot be read
    private readonly HashSet<string> waiting = new(StringComparer.Ordinal); // those that the last look found
    private readonly SemaphoreSlim changed = new(0, 1);
    private readonly CaptureCatalogue catalogue;
    private readonly ICaptureFiles files;
    private readonly CaptureRecovery recovery;
    private readonly DocumentPlaces places;
    private readonly Func<DocumentPrivacy> privacy;
    private readonly TimeProvider time;
    private readonly SettledCaptures settled;
    private ulong lastPlace;
    private long gone;
    private long unreadable;
    private int commits;

    /// <param name="directory">Where the settled ids lie.</param>
    /// <exception cref="IOException">They cannot be read.</exception>
    public CaptureSource(CaptureCatalogue catalogue, ICaptureFiles files, CaptureRecovery recovery, string directory, DocumentPlaces places, Func<DocumentPrivacy> privacy, TimeProvider time)
    {
        (this.catalogue, this.files, this.recovery, this.places, this.privacy, this.time) = (catalogue, files, recovery, places, privacy, time);
        settled = SettledCaptures.Open(Path.Combine(directory, SettledFile));
        catalogue.BundleKept += Wake;
    }

    /// <inheritdoc/>
    public string Name => SearchStream.Capture.Name;

    /// <inheritdoc/>
    public long Waiting
    {
        get
        {
            lock (gate) return Undelivered().Count + open.Count;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, long>> Dropped
    {
        get
        {
            lock (gate) return [new("left_store", gone), new("unreadable", unreadable)];
        }
    }

    /// <inheritdoc/>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        await recovery.Completed.WaitAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            lock (gate)
                if (ready.Count > 0) return;
            var loaded = 0;
            foreach (var record in Next())
                if (await LoadAsync(record, cancellationToken).ConfigureAwait(false)) loaded++;
            if (loaded == 0) await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public bool Read(List<SourceDocument> into, int limit, long bytes)
    {
        ArgumentNullException.ThrowIfNull(into);
        long given = 0;
        lock (gate)
        {
            for (var count = 0; count < limit && given < bytes; count++)
            {
                if (!ready.TryDequeue(out var document)) return false;
                into.Add(document);
                given += document.Json.Length;
            }
        }
        return true;
    }

    /// <inheritdoc/>
    public void Settle(SourceDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        lock (gate)
        {
            if (!open.Remove(document.Place, out var id)) return;
            settled.Add(id);
            taken.Remove(id);
        }
    }

    /// <inheritdoc/>
    public void Commit()
    {
        settled.Commit();
        if (++commits % CommitsBetweenKeeping != 0 || !recovery.Completed.IsCompletedSuccessfully) return;
        settled.Keep(catalogue.Kept().Select(static record => record.Id).ToHashSet(StringComparer.Ordinal));
    }

    /// <inheritdoc/>
    public void Restart()
    {
        lock (gate)
        {
            settled.Clear();
            ready.Clear();
            open.Clear();
            taken.Clear();
            waiting.Clear();
        }
        Wake();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        catalogue.BundleKept -= Wake;
        try
        {
            settled.Commit();
        }
        catch (IOException)
        {
            // Then what was settled comes again, which its ids make harmless.
        }
        settled.Dispose();
        changed.Dispose();
    }

    /// <summary>The captures that are to be loaded next, the one that came first at first.</summary>
    private List<CaptureRecord> Next()
    {
        lock (gate)
        {
            return [.. Undelivered().OrderBy(static record => record.KeptAt).ThenBy(static record => record.Id, StringComparer.Ordinal).Take(MostReady)];
        }
    }

    /// <summary>The captures that nobody has read yet; those that were among them and were removed meanwhile are counted.</summary>
    private List<CaptureRecord> Undelivered()
    {
        var kept = catalogue.Kept();
        var found = kept.FindAll(record => !settled.Has(record.Id) && !taken.Contains(record.Id));
        waiting.ExceptWith(kept.Select(static record => record.Id));
        gone += waiting.Count(id => !settled.Has(id) && !taken.Contains(id));
        waiting.Clear();
        waiting.UnionWith(found.Select(static record => record.Id));
        return found;
    }

    /// <summary>Makes the document of a capture; false where there is none.</summary>
    private async Task<bool> LoadAsync(CaptureRecord record, CancellationToken cancellationToken)
    {
        var (manifest, summaries) = await ReadAsync(record.Id, cancellationToken).ConfigureAwait(false);
        lock (gate)
        {
            if (manifest is null)
            {
                // One that was removed meanwhile is counted by the next look.
                if (catalogue.Find(record.Id) is null) return false;
                taken.Add(record.Id);
                unreadable++;
                return false;
            }
            ready.Enqueue(CaptureDocument.Of(lastPlace + 1, manifest, summaries, record.KeptAt ?? manifest.FinishedAt, places, privacy()));
            open[++lastPlace] = record.Id;
            taken.Add(record.Id);
            return true;
        }
    }

    private async Task<(CaptureManifest? Manifest, IReadOnlyList<ProfilerSummary> Summaries)> ReadAsync(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var json = await files.ReadAsync(id, CaptureManifest.FileName, BundleManifest.MostBytes, cancellationToken).ConfigureAwait(false);
                var manifest = json is null ? null : BundleManifest.Read(json, out _);
                var summary = manifest is null ? null : await files.ReadAsync(id, CaptureManifest.SummaryFileName, BundleManifest.MostSummaryBytes, cancellationToken).ConfigureAwait(false);
                return (manifest, SummaryFields.Read(summary));
            }
            catch (Exception fault) when (fault is CaptureStoreException or IOException or UnauthorizedAccessException)
            {
                // The store says by itself what is wrong; the capture waits.
                await Task.Delay(RetryPause, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void Wake()
    {
        try
        {
            changed.Release();
        }
        catch (Exception fault) when (fault is SemaphoreFullException or ObjectDisposedException)
        {
            // It is to look anyway, or nobody reads any more.
        }
    }
}
