using Monitoring.Collector.Captures;
using Monitoring.Collector.Search.Documents;
using Monitoring.Collector.Search.Privacy;
using Monitoring.Contracts.Captures;
using Monitoring.Elasticsearch.Delivery;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Collector.Search.Sources;

/// <summary>
/// The captures of the catalogue as documents, each when its bundle is here, read from the bundle while the reader waits. One that cannot be
/// read holds up no other: it is tried again later.
/// </summary>
internal sealed partial class CaptureSource : IRestartableSource, IDropCounts, ISourceTrouble
{
    private const string SettledFile = "capture.settled";

    // A document has some tens of kilobytes; a store of captures may be a server that takes its time.
    private const int MostReady = 8;

    // After a round that brought nothing but failures: whatever holds captures may be down for all of them.
    private static readonly TimeSpan RoundPause = TimeSpan.FromSeconds(5);

    // Captures that were removed are forgotten by the file of settled ones when so many deliveries went by.
    private const int CommitsBetweenKeeping = 256;

    private readonly Lock gate = new(); // guards what follows
    private readonly Queue<SourceDocument> ready = new();
    private readonly Dictionary<ulong, string> open = []; // given out or ready, by place
    private readonly HashSet<string> taken = new(StringComparer.Ordinal); // the same, and those that cannot be read
    private readonly HashSet<string> waiting = new(StringComparer.Ordinal); // those that the last look found
    private readonly FailingCaptures failing;
    private readonly SemaphoreSlim changed = new(0, 1);
    private readonly CaptureCatalogue catalogue;
    private readonly ICaptureFiles files;
    private readonly CaptureRecovery recovery;
    private readonly DocumentPlaces places;
    private readonly Func<DocumentPrivacy> privacy;
    private readonly TimeProvider time;
    private readonly ILogger<CaptureSource> logger;
    private readonly SettledCaptures settled;
    private ulong lastPlace;
    private long gone;
    private long unreadable;
    private int commits;

    /// <param name="directory">Where the settled ids lie.</param>
    /// <exception cref="IOException">They cannot be read.</exception>
    public CaptureSource(CaptureCatalogue catalogue, ICaptureFiles files, CaptureRecovery recovery, string directory, DocumentPlaces places, Func<DocumentPrivacy> privacy, TimeProvider time, ILogger<CaptureSource> logger)
    {
        (this.catalogue, this.files, this.recovery, this.places, this.privacy, this.time, this.logger) = (catalogue, files, recovery, places, privacy, time, logger);
        failing = new FailingCaptures(time);
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
    public string? Trouble
    {
        get
        {
            lock (gate) return failing.Trouble;
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
            var (captures, untilNext) = Next();
            if (captures.Count == 0) await WaitForMoreAsync(untilNext, cancellationToken).ConfigureAwait(false);
            else if (!await LoadAsync(captures, cancellationToken).ConfigureAwait(false)) await Task.Delay(RoundPause, time, cancellationToken).ConfigureAwait(false);
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
            failing.Clear();
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

    /// <summary>The captures that are to be loaded next: those that never failed, then those that failed least, of each the one that came first at first. Where there are none, how long until one is due.</summary>
    private (List<CaptureRecord> Captures, TimeSpan? UntilNext) Next()
    {
        lock (gate)
        {
            var due = Undelivered().Where(record => failing.IsDue(record.Id)).OrderBy(record => failing.FailuresOf(record.Id))
                .ThenBy(static record => record.KeptAt).ThenBy(static record => record.Id, StringComparer.Ordinal).Take(MostReady).ToList();
            return (due, failing.UntilNext);
        }
    }

    /// <summary>Waits for a capture to come, or for one that failed to be due.</summary>
    private async Task WaitForMoreAsync(TimeSpan? untilNext, CancellationToken cancellationToken)
    {
        // Timers count whole milliseconds, and one that fires too early would be set again and again.
        await using var timer = untilNext is { } pause ? time.CreateTimer(_ => Wake(), null, TimeSpan.FromMilliseconds(Math.Ceiling(pause.TotalMilliseconds)), Timeout.InfiniteTimeSpan) : null;
        await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The captures that nobody has read yet; those that were among them and were removed meanwhile are counted.</summary>
    private List<CaptureRecord> Undelivered()
    {
        var kept = catalogue.Kept();
        var found = kept.FindAll(record => !settled.Has(record.Id) && !taken.Contains(record.Id));
        var ids = kept.Select(static record => record.Id).ToHashSet(StringComparer.Ordinal);
        failing.Keep(ids);
        waiting.ExceptWith(ids);
        gone += waiting.Count(id => !settled.Has(id) && !taken.Contains(id));
        waiting.Clear();
        waiting.UnionWith(found.Select(static record => record.Id));
        return found;
    }

    /// <summary>Makes the documents of captures; one that cannot be read is passed over, and what is ready does not wait for those behind it.</summary>
    /// <returns>False where nothing but failures came of it.</returns>
    private async Task<bool> LoadAsync(List<CaptureRecord> captures, CancellationToken cancellationToken)
    {
        var read = 0;
        foreach (var record in captures)
        {
            CaptureManifest? manifest;
            IReadOnlyList<ProfilerSummary> summaries;
            try
            {
                (manifest, summaries) = await ReadAsync(record.Id, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is CaptureStoreException or IOException or UnauthorizedAccessException)
            {
                Fails(record.Id, fault.Message);
                // A store that says no says it to all, as a rule: asking once is enough.
                if (read > 0 || fault is CaptureStoreException) break;
                continue;
            }
            Take(record, manifest, summaries);
            read++;
        }
        return read > 0;
    }

    /// <summary>Makes the document of a capture, where there is one.</summary>
    private void Take(CaptureRecord record, CaptureManifest? manifest, IReadOnlyList<ProfilerSummary> summaries)
    {
        var isWhole = false;
        lock (gate)
        {
            if (manifest is null)
            {
                // One that was removed meanwhile is counted by the next look.
                if (catalogue.Find(record.Id) is null) return;
                unreadable++;
            }
            else
            {
                ready.Enqueue(CaptureDocument.Of(lastPlace + 1, manifest, summaries, record.KeptAt ?? manifest.FinishedAt, places, privacy()));
                open[++lastPlace] = record.Id;
            }
            taken.Add(record.Id);
            isWhole = failing.Remove(record.Id);
        }
        if (isWhole) LogReadable();
    }

    private async Task<(CaptureManifest? Manifest, IReadOnlyList<ProfilerSummary> Summaries)> ReadAsync(string id, CancellationToken cancellationToken)
    {
        var json = await files.ReadAsync(id, CaptureManifest.FileName, BundleManifest.MostBytes, cancellationToken).ConfigureAwait(false);
        var manifest = json is null ? null : BundleManifest.Read(json, out _);
        var summary = manifest is null ? null : await files.ReadAsync(id, CaptureManifest.SummaryFileName, BundleManifest.MostSummaryBytes, cancellationToken).ConfigureAwait(false);
        return (manifest, SummaryFields.Read(summary));
    }

    private void Fails(string id, string reason)
    {
        bool isFirst;
        lock (gate) isFirst = failing.Add(id, reason);
        if (isFirst) LogUnreadable(id, reason);
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

    [LoggerMessage(EventId = 5307, Level = LogLevel.Warning, Message = "Capture {Id} cannot be read for Elasticsearch: {Reason}. It and others like it are tried again with growing pauses, up to 10 minutes; the rest goes on.")]
    private partial void LogUnreadable(string id, string reason);

    [LoggerMessage(EventId = 5308, Level = LogLevel.Information, Message = "Every capture can be read for Elasticsearch again.")]
    private partial void LogReadable();
}
