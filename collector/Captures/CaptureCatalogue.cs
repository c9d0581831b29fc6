using Monitoring.Contracts.Captures;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Captures;

/// <summary>
/// Every capture that the collector knows of, in memory. What bundles say is read from them at the start (<see cref="CaptureRecovery"/>),
/// everything else is in a journal.
/// </summary>
internal sealed partial class CaptureCatalogue : ICaptureRecords, IDisposable
{
    /// <summary>Captures without a bundle that are remembered: those under way, refused and failed. Beyond it the oldest go, those that are over first.</summary>
    public const int MostOpen = 2048;

    private readonly Lock gate = new(); // guards what follows
    private readonly Dictionary<string, CaptureEntry> entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> pins = new(StringComparer.Ordinal); // as people set them; else the wish says
    private readonly CaptureJournal? journal;
    private readonly TimeProvider time;
    private readonly ILogger<CaptureCatalogue> logger;
    private bool isJournalFailing;
    private int open;

    /// <param name="directory">Where the journal lies; null keeps none.</param>
    /// <exception cref="IOException">The journal cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The journal may not be opened.</exception>
    public CaptureCatalogue(string? directory, TimeProvider time, ILogger<CaptureCatalogue> logger)
    {
        this.time = time;
        this.logger = logger;
        if (directory is null) return;
        var opened = new CaptureJournal(directory, time, damage => LogDamaged(damage.Path, damage.Offset, damage.Reason));
        opened.Replay(request => Apply(request), progress => Apply(progress), SetPin, id => Drop(id));
        journal = opened;
        journal.Snapshot = () => (entries.Values.Select(static entry => entry.Record), pins);
    }

    /// <summary>Number and bytes of the bundles that are kept, and how many of them are pinned.</summary>
    public (int Count, long Bytes, int Pinned, long PinnedBytes) Totals
    {
        get
        {
            var (count, bytes, pinned, pinnedBytes) = (0, 0L, 0, 0L);
            lock (gate)
            {
                foreach (var entry in entries.Values)
                {
                    if (entry.Record.Manifest is null) continue;
                    count++;
                    bytes += entry.Record.SizeBytes;
                    if (!entry.Record.IsPinned) continue;
                    pinned++;
                    pinnedBytes += entry.Record.SizeBytes;
                }
            }
            return (count, bytes, pinned, pinnedBytes);
        }
    }

    /// <summary>Called when a bundle is kept, for those who read along; it must be quick and not throw.</summary>
    public event Action? BundleKept;

    /// <inheritdoc/>
    public void Requested(CaptureRequest request)
    {
        lock (gate)
            if (Apply(request)) Write(known => known.Request(request), request.Id);
    }

    /// <inheritdoc/>
    public void Progressed(CaptureProgress progress)
    {
        lock (gate)
        {
            var before = entries.GetValueOrDefault(progress.Id)?.Record;
            // A node is done with a capture when its bundle is here: of one that nothing is known of it was removed, or is read in a moment.
            if (before is null && progress.Stage == CaptureStage.Done) return;
            if (Apply(progress) && before?.Manifest is null) Write(known => known.Progress(progress, isFlushed: before?.Stage != progress.Stage), progress.Id);
        }
    }

    /// <inheritdoc/>
    public CaptureRecord? Find(string id)
    {
        lock (gate) return entries.GetValueOrDefault(id)?.Record;
    }

    /// <summary>A bundle is kept.</summary>
    public void Kept(CaptureManifest manifest, ReadOnlyMemory<byte> summary, DateTimeOffset keptAt)
    {
        var (text, triage) = (CaptureText.Of(manifest, summary), CaptureText.TriageOf(summary));
        var forMemory = BundleManifest.ForMemory(manifest);
        lock (gate)
        {
            var id = manifest.Request.Id;
            var before = entries.GetValueOrDefault(id);
            Put(id, new CaptureEntry(
                new CaptureRecord(forMemory.Request, before?.Record.Progress, forMemory, pins.GetValueOrDefault(id, manifest.Request.Pinned), BundleManifest.SizeBytes(manifest), keptAt),
                before?.FirstSeen ?? keptAt, text, triage));
        }
        BundleKept?.Invoke();
    }

    /// <summary>Every capture whose bundle is kept.</summary>
    public List<CaptureRecord> Kept()
    {
        lock (gate) return [.. entries.Values.Select(static entry => entry.Record).Where(static record => record.Manifest is not null)];
    }

    /// <summary>Nothing is to be known of a capture any more.</summary>
    /// <returns>False where nothing was.</returns>
    public bool Forget(string id)
    {
        lock (gate)
        {
            if (!Drop(id)) return false;
            Write(known => known.Forget(id), id);
            return true;
        }
    }

    /// <summary>Pins a capture, or lets it go.</summary>
    /// <returns>False where it is not known.</returns>
    /// <exception cref="IOException">It could not be written; it is as before.</exception>
    public bool Pin(string id, bool isPinned)
    {
        lock (gate)
        {
            if (!entries.ContainsKey(id)) return false;
            journal?.Pin(id, isPinned);
            SetPin(id, isPinned);
            return true;
        }
    }

    /// <summary>One page of captures, newest first.</summary>
    public CapturePage Query(CaptureQuery query)
    {
        // Entries never change: they are looked through while nodes go on reporting.
        CaptureEntry[] all;
        lock (gate) all = [.. entries.Values];
        List<(CaptureCursor Place, CaptureEntry Entry)> found = [];
        foreach (var entry in all)
        {
            var place = CaptureCursor.Of(entry);
            if ((query.After is not { } after || place.CompareTo(after) < 0) && query.Matches(entry)) found.Add((place, entry));
        }
        found.Sort(static (left, right) => right.Place.CompareTo(left.Place));
        var isMore = found.Count > query.Limit;
        var page = found.Take(query.Limit).ToList();
        return new CapturePage(page.ConvertAll(static one => one.Entry), isMore ? page[^1].Place : null);
    }

    /// <summary>The bundles that may be removed, the one that came first at first.</summary>
    public List<CaptureRecord> Removable()
    {
        lock (gate)
        {
            return [.. entries.Values.Select(static entry => entry.Record)
                .Where(static record => record is { Manifest: not null, IsPinned: false }).OrderBy(static record => record.KeptAt).ThenBy(static record => record.Id, StringComparer.Ordinal)];
        }
    }

    /// <summary>Forgets captures without a bundle of which nothing was heard for so long.</summary>
    public void Expire(TimeSpan age)
    {
        lock (gate)
        {
            var last = time.GetUtcNow() - age;
            foreach (var id in entries.Where(entry => entry.Value.Record.Manifest is null && entry.Value.FirstSeen < last && entry.Value.At < last).Select(static entry => entry.Key).ToList()) Forget(id);
        }
    }

    /// <summary>Every bundle was read: what people said of others is of no use any more.</summary>
    public void AllKept()
    {
        lock (gate)
            foreach (var id in pins.Keys.Where(id => !entries.ContainsKey(id)).ToList()) pins.Remove(id);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate) journal?.Dispose();
    }

    private bool Apply(CaptureRequest request)
    {
        if (!EventId.IsValid(request.Id)) return false;
        var before = entries.GetValueOrDefault(request.Id);
        if (before?.Record.Request is not null) return false;
        var record = (before?.Record ?? new CaptureRecord(null, null, null, false)) with { Request = request, IsPinned = pins.GetValueOrDefault(request.Id, request.Pinned) };
        Put(request.Id, new CaptureEntry(record, before?.FirstSeen ?? request.RequestedAt, CaptureText.Of(request)));
        return true;
    }

    private bool Apply(CaptureProgress progress)
    {
        if (!EventId.IsValid(progress.Id)) return false;
        var before = entries.GetValueOrDefault(progress.Id);
        if (before?.Record.Progress is { } last && last.Sequence >= progress.Sequence) return false;
        var record = (before?.Record ?? new CaptureRecord(null, null, null, pins.GetValueOrDefault(progress.Id))) with { Progress = progress };
        Put(progress.Id, before is null ? new CaptureEntry(record, progress.Time, progress.Node.ToLowerInvariant()) : before with { Record = record });
        return true;
    }

    private void Put(string id, CaptureEntry entry)
    {
        if (entries.TryGetValue(id, out var before) && before.Record.Manifest is null) open--;
        entries[id] = entry;
        if (entry.Record.Manifest is not null || ++open <= MostOpen) return;
        var oldest = entries.Where(static one => one.Value.Record.Manifest is null).OrderBy(static one => !one.Value.Record.IsOver).ThenBy(static one => one.Value.At).First().Key;
        if (Drop(oldest)) Write(known => known.Forget(oldest), oldest);
    }

    private void SetPin(string id, bool isPinned)
    {
        pins[id] = isPinned;
        if (entries.TryGetValue(id, out var entry)) entries[id] = entry with { Record = entry.Record with { IsPinned = isPinned } };
    }

    private bool Drop(string id)
    {
        pins.Remove(id);
        if (!entries.Remove(id, out var entry)) return false;
        if (entry.Record.Manifest is null) open--;
        return true;
    }

    private void Write(Action<CaptureJournal> write, string id)
    {
        if (journal is null) return;
        try
        {
            write(journal);
            isJournalFailing = false;
        }
        catch (ArgumentException fault)
        {
            LogTooLong(id, fault.Message);
        }
        catch (IOException fault)
        {
            if (!isJournalFailing) LogJournalFailing(fault.Message);
            isJournalFailing = true;
        }
    }

    [LoggerMessage(EventId = 5100, Level = LogLevel.Error, Message = "The journal of captures cannot be written: {Reason}. What it lacks is written as soon as it can be; until then a restart forgets wishes and progress.")]
    private partial void LogJournalFailing(string reason);

    [LoggerMessage(EventId = 5101, Level = LogLevel.Warning, Message = "What was told of capture {Id} is not kept over a restart: {Reason}")]
    private partial void LogTooLong(string id, string reason);

    [LoggerMessage(EventId = 5102, Level = LogLevel.Error, Message = "The segment {Path} of the captures' journal is damaged at byte {Offset}: {Reason}. What stands behind it in this file is lost.")]
    private partial void LogDamaged(string path, long offset, string reason);
}
