using Monitoring.Elasticsearch.Delivery;
using Monitoring.Elasticsearch.Documents;

namespace Serilog.Sinks.Elasticsearch;

/// <summary>Documents in memory until they are settled: bounded, and gone with the process. Any thread may use it.</summary>
internal sealed class MemorySpool(string name, int mostDocuments, long mostBytes) : IDocumentSource, IDropCounts
{
    // Names and objects of a document beside its JSON, about.
    private const int OverheadBytes = 300;

    private readonly Lock gate = new(); // guards what follows
    private readonly SemaphoreSlim appended = new(0, 1);
    private readonly Queue<SourceDocument> waiting = []; // not read yet
    private readonly HashSet<ulong> open = []; // read and not settled
    private long bytes;
    private ulong place;
    private long lost;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public long Waiting
    {
        get
        {
            lock (gate) return waiting.Count + open.Count;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, long>> Dropped => [new("spool_full", Interlocked.Read(ref lost))];

    /// <summary>Lets a document wait; the oldest that was not read makes room for it.</summary>
    /// <returns>Null, or why it is lost, which is counted.</returns>
    internal string? Append(string index, string id, byte[] json)
    {
        lock (gate)
        {
            while (waiting.Count > 0 && !HasRoom(json)) Lose(waiting.Dequeue().Json.Length);
            if (!HasRoom(json))
            {
                Interlocked.Increment(ref lost);
                return $"{mostDocuments} documents or {mostBytes} bytes wait in memory already";
            }

            waiting.Enqueue(new SourceDocument(++place, index, id, json));
            bytes += json.Length + OverheadBytes;
            if (appended.CurrentCount == 0) appended.Release();
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask WaitAsync(CancellationToken cancellationToken) => await appended.WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public bool Read(List<SourceDocument> into, int limit, long bytes)
    {
        ArgumentNullException.ThrowIfNull(into);
        lock (gate)
        {
            long taken = 0;
            for (var count = 0; count < limit && taken < bytes; count++)
            {
                if (!waiting.TryDequeue(out var document)) return false;
                open.Add(document.Place);
                into.Add(document);
                taken += document.Json.Length;
            }

            return waiting.Count > 0;
        }
    }

    /// <inheritdoc/>
    public void Settle(SourceDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        lock (gate)
            if (open.Remove(document.Place)) bytes -= document.Json.Length + OverheadBytes;
    }

    /// <inheritdoc/>
    public void Commit()
    {
    }

    /// <inheritdoc/>
    public void Dispose() => appended.Dispose();

    private bool HasRoom(byte[] json) => waiting.Count + open.Count < mostDocuments && bytes + json.Length + OverheadBytes <= mostBytes;

    private void Lose(int length)
    {
        bytes -= length + OverheadBytes;
        Interlocked.Increment(ref lost);
    }
}
