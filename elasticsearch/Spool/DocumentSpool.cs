using Monitoring.Elasticsearch.Delivery;
using Monitoring.Elasticsearch.Documents;
using Monitoring.Segments;

namespace Monitoring.Elasticsearch.Spool;

/// <summary>
/// Documents on disk until they are settled, in files of bounded size. What was appended survives the death of the process at any moment.
/// Any thread may append; it neither waits for the server nor, but now and then for a flush, for the disk.
/// </summary>
public sealed class DocumentSpool : IDocumentSource, IDropCounts
{
    private const string CheckpointFile = "settled";

    private readonly Lock gate = new(); // guards the log's appending side and the reading side's place
    private readonly SemaphoreSlim appended = new(0, 1);
    private readonly SpoolOptions options;
    private readonly TimeProvider time;
    private readonly SegmentLog log;
    private readonly PlaceLedger ledger;
    private IEnumerator<SegmentRecord>? reading;
    private ulong nextRead; // everything below was read or is gone
    private long lostToSize;
    private long tooLarge;
    private long unwritable;
    private long damaged;
    private int unflushedBytes;
    private long flushedAt;

    private DocumentSpool(string directory, SpoolOptions options, TimeProvider time)
    {
        (this.options, this.time) = (options, time);
        log = SegmentLog.Open(directory, new SegmentLogOptions { MaximumBytes = options.MaximumBytes, SegmentDeleted = Deleted }, time);
        try
        {
            ledger = PlaceLedger.OpenFile(Path.Combine(directory, CheckpointFile));
            ledger.Rewind(log.NextSequence - 1);
        }
        catch
        {
            log.Dispose();
            throw;
        }
        nextRead = ledger.Settled + 1;
        if (log.FirstSequence > nextRead) PassOver(log.FirstSequence, ref lostToSize);
        flushedAt = time.GetTimestamp();
        if (nextRead < log.NextSequence) appended.Release();
    }

    /// <inheritdoc/>
    public string Name => options.Name;

    /// <inheritdoc/>
    public long Waiting
    {
        get
        {
            lock (gate) return (long)(log.NextSequence - nextRead) + ledger.Open;
        }
    }

    /// <summary>Bytes on disk.</summary>
    public long Bytes => log.Bytes;

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, long>> Dropped =>
    [
        new("spool_full", Interlocked.Read(ref lostToSize)), new("too_large", Interlocked.Read(ref tooLarge)),
        new("unwritable", Interlocked.Read(ref unwritable)), new("damaged", Interlocked.Read(ref damaged)),
    ];

    /// <summary>Opens the spool of a directory, which is made where it does not exist.</summary>
    /// <exception cref="IOException">Another process has it open, or it cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read or written.</exception>
    public static DocumentSpool Open(string directory, SpoolOptions options, TimeProvider time) => new(directory, options, time);

    /// <summary>Appends a document; never throws for the disk.</summary>
    /// <returns>Null, or why the document is lost, which is counted.</returns>
    public string? Append(string index, string id, ReadOnlySpan<byte> json)
    {
        try
        {
            var record = SpoolRecord.Write(index, id, json);
            lock (gate)
            {
                log.Append(SpoolRecord.Type, record);
                unflushedBytes += record.Length;
                if (unflushedBytes >= options.UnflushedBytes || time.GetElapsedTime(flushedAt) >= options.UnflushedTime) FlushLog();
                if (appended.CurrentCount == 0) appended.Release();
            }
            return null;
        }
        catch (ArgumentException fault)
        {
            Interlocked.Increment(ref tooLarge);
            return fault.Message;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Interlocked.Increment(ref unwritable);
            return fault.Message;
        }
    }

    /// <inheritdoc/>
    public async ValueTask WaitAsync(CancellationToken cancellationToken) => await appended.WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public bool Read(List<SourceDocument> into, int limit, long bytes)
    {
        ArgumentNullException.ThrowIfNull(into);
        long taken = 0;
        for (var count = 0; count < limit && taken < bytes;)
        {
            ulong from, end;
            lock (gate) (from, end) = (nextRead, log.NextSequence);
            if (Next(from) is not { } record)
            {
                lock (gate)
                    if (nextRead < end) PassOver(end, ref damaged); // they were there and cannot be read
                return false;
            }
            lock (gate)
            {
                if (record.Sequence < nextRead) continue; // dropped for room while it was being read
                if (record.Sequence > nextRead) Interlocked.Add(ref damaged, (long)(record.Sequence - nextRead));
                nextRead = record.Sequence + 1;
                if (record.Type != SpoolRecord.Type || !SpoolRecord.TryRead(record.Payload, out var index, out var id, out var json))
                {
                    ledger.Pass(record.Sequence);
                    continue;
                }
                ledger.GiveOut(record.Sequence);
                into.Add(new SourceDocument(record.Sequence, index, id, json));
                taken += json.Length;
                count++;
            }
        }
        return true;
    }

    /// <inheritdoc/>
    public void Settle(SourceDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        ledger.Settle(document.Place);
    }

    /// <inheritdoc/>
    public void Commit()
    {
        lock (gate)
            if (unflushedBytes > 0) FlushLog();
        ledger.Commit();
    }

    /// <summary>Puts everything on disk as far as it lets us, and gives the directory back.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            reading?.Dispose();
            reading = null;
            try
            {
                ledger.Commit();
            }
            catch (IOException)
            {
                // Then what was settled comes again, which its ids make harmless.
            }
            log.Dispose();
        }
        appended.Dispose();
    }

    /// <summary>The next record from a place on; null where there is none now.</summary>
    private SegmentRecord? Next(ulong from)
    {
        // An enumeration sees the log as it was when it began; at its end a new one sees what was appended since.
        for (var fresh = false; !fresh;)
        {
            if (fresh = reading is null) reading = log.Read(from).GetEnumerator();
            while (reading!.MoveNext())
                if (reading.Current.Sequence >= from) return reading.Current;
            reading.Dispose();
            reading = null;
        }
        return null;
    }

    /// <summary>Flushes; a disk that refuses keeps the documents as safe as the process's own memory, from which they are sent all the same.</summary>
    private void FlushLog()
    {
        flushedAt = time.GetTimestamp();
        unflushedBytes = 0;
        try
        {
            log.Flush();
        }
        catch (IOException)
        {
        }
    }

    /// <summary>The log made room; called while appending.</summary>
    private void Deleted(DeletedSegment segment)
    {
        if (segment.EndSequence > nextRead) PassOver(segment.EndSequence, ref lostToSize);
    }

    private void PassOver(ulong end, ref long counter)
    {
        Interlocked.Add(ref counter, (long)(end - nextRead));
        nextRead = end;
        ledger.Pass(end - 1);
    }
}
