using Monitoring.Elasticsearch.Delivery;
using Monitoring.Elasticsearch.Documents;
using Monitoring.Elasticsearch.Spool;
using Monitoring.Segments;

namespace Monitoring.Collector.Search.Sources;

/// <summary>
/// A store of the collector that keeps things in numbered order, as a source: the store is the spool, and a ledger says how far it was
/// delivered. What the store gives up before it was sent is counted.
/// </summary>
/// <typeparam name="T">What the store keeps.</typeparam>
internal abstract class LogSource<T> : IRestartableSource, IDropCounts
{
    private readonly Lock gate = new(); // guards the ledger and the place up to which was read
    private readonly SemaphoreSlim added = new(0, 1);
    private readonly string ledgerPath;
    private PlaceLedger? ledger;
    private IEnumerator<(ulong Place, T Item)>? reading;
    private ulong nextRead = 1; // everything below was read or is gone
    private long gone;
    private long unreadable;

    /// <param name="name">Name of the stream.</param>
    /// <param name="directory">Where the ledger lies.</param>
    protected LogSource(string name, string directory)
    {
        Name = name;
        ledgerPath = Path.Combine(directory, name + ".place");
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public long Waiting
    {
        get
        {
            if (!Ready.IsCompletedSuccessfully) return 0;
            lock (gate)
            {
                var known = Opened();
                return CountFrom(nextRead) + known.Open;
            }
        }
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, long>> Dropped => [new("left_store", Interlocked.Read(ref gone)), new("unreadable", Interlocked.Read(ref unreadable))];

    /// <summary>Completes when the store knows what it keeps; nothing is read before.</summary>
    protected virtual Task Ready => Task.CompletedTask;

    /// <summary>Number of the oldest thing that is kept.</summary>
    protected abstract ulong First { get; }

    /// <summary>The number that everything kept is before.</summary>
    protected abstract ulong End { get; }

    /// <summary>How many things are at a place or behind it.</summary>
    protected abstract long CountFrom(ulong place);

    /// <summary>The things from a place on, in order, as they are now.</summary>
    protected abstract IEnumerable<(ulong Place, T Item)> ReadFrom(ulong place);

    /// <summary>Whether a thing is one that this source gives; others of the same store are passed over.</summary>
    protected virtual bool IsOfStream(T item) => true;

    /// <summary>The document of a thing; null where this version cannot read it.</summary>
    protected abstract SourceDocument? Document(ulong place, T item);

    /// <summary>Makes safe what was read of the store, before the ledger says that it is delivered.</summary>
    protected virtual void FlushStore()
    {
    }

    /// <summary>There may be more to read.</summary>
    protected void Wake()
    {
        try
        {
            added.Release();
        }
        catch (Exception fault) when (fault is SemaphoreFullException or ObjectDisposedException)
        {
            // It is to look anyway, or nobody reads any more.
        }
    }

    /// <inheritdoc/>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        await Ready.WaitAsync(cancellationToken).ConfigureAwait(false);
        while (!HasMore()) await added.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public bool Read(List<SourceDocument> into, int limit, long bytes)
    {
        ArgumentNullException.ThrowIfNull(into);
        if (!Ready.IsCompletedSuccessfully) return false;
        long taken = 0;
        for (var count = 0; count < limit && taken < bytes;)
        {
            if (Next() is not var (place, item)) return false;
            var isOther = !IsOfStream(item);
            var document = isOther ? null : Document(place, item);
            lock (gate)
            {
                var known = Opened();
                nextRead = place + 1;
                if (document is null)
                {
                    if (!isOther) Interlocked.Increment(ref unreadable);
                    known.Pass(place);
                    continue;
                }
                known.GiveOut(place);
            }
            into.Add(document);
            taken += document.Json.Length;
            count++;
        }
        return true;
    }

    /// <inheritdoc/>
    public void Settle(SourceDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        lock (gate) ledger?.Settle(document.Place);
    }

    /// <inheritdoc/>
    public void Commit()
    {
        FlushStore();
        PlaceLedger? known;
        lock (gate) known = ledger;
        known?.Commit();
    }

    /// <inheritdoc/>
    public void Restart()
    {
        lock (gate)
        {
            File.Delete(ledgerPath);
            ledger = null;
            EndReading();
        }
        Wake();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Commit();
        }
        catch (IOException)
        {
            // Then what was settled comes again, which its ids make harmless.
        }
        EndReading();
        Leave();
        added.Dispose();
    }

    /// <summary>Listens to the store no more.</summary>
    protected abstract void Leave();

    private bool HasMore()
    {
        lock (gate)
        {
            Opened();
            return CountFrom(nextRead) > 0;
        }
    }

    /// <summary>The ledger, which is opened when the store knows what it keeps.</summary>
    private PlaceLedger Opened()
    {
        if (ledger is not null) return ledger;
        var isNew = !File.Exists(ledgerPath);
        var opened = PlaceLedger.OpenFile(ledgerPath);
        // A store that was emptied, or lost its end, counts anew: what it has may be new, and what is not is found to be there.
        if (opened.Settled >= End) opened.Rewind(0);
        if (isNew)
        {
            // It is there from now on, so that what the store gives up later is known to be lost; what it gave up before nobody had asked for.
            DurableFile.Replace(ledgerPath, "0\n"u8);
            if (First > 1) opened.Pass(First - 1);
        }
        nextRead = opened.Settled + 1;
        return ledger = opened;
    }

    private (ulong Place, T Item)? Next()
    {
        lock (gate) Opened();
        PassOverGone();
        // An enumeration sees the store as it was when it began; at its end a new one sees what was added since.
        for (var isFresh = false; !isFresh;)
        {
            isFresh = reading is null;
            reading ??= ReadFrom(nextRead).GetEnumerator();
            while (reading.MoveNext())
                if (reading.Current.Place >= nextRead) return reading.Current;
            EndReading();
        }
        return null;
    }

    private void PassOverGone()
    {
        lock (gate)
        {
            var first = First;
            if (first <= nextRead) return;
            Interlocked.Add(ref gone, (long)(first - nextRead));
            nextRead = first;
            Opened().Pass(first - 1);
        }
    }

    private void EndReading()
    {
        reading?.Dispose();
        reading = null;
    }
}
