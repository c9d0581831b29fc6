using System.Text;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Tests.Elasticsearch.Delivery;

/// <summary>A source in memory that keeps what was settled, and knows what was not.</summary>
internal sealed class MemorySource(string name = "event") : IDocumentSource
{
    private readonly Lock gate = new();
    private readonly List<SourceDocument> documents = [];
    private TaskCompletionSource arrived = new();
    private int next;

    /// <summary>Places in the order in which they were settled.</summary>
    internal List<ulong> Settled { get; } = [];

    internal int Commits { get; private set; }

    /// <summary>What stands between the source and its disk; null for nothing.</summary>
    internal Exception? ReadFault { get; set; }

    internal Exception? CommitFault { get; set; }

    public string Name => name;

    public long Waiting
    {
        get
        {
            lock (gate) return documents.Count - Settled.Count;
        }
    }

    internal static byte[] Json(int number, int bytes = 0) => Encoding.UTF8.GetBytes($$"""{"n":{{number}},"pad":"{{new string('x', bytes)}}"}""");

    internal void Add(int count, int bytes = 0, string index = "logs-gpu.event-default-2026.01.01-000001")
    {
        for (var added = 0; added < count; added++) Add($"id-{documents.Count + 1}", Json(documents.Count + 1, bytes), index);
    }

    internal void Add(string id, byte[] json, string index = "logs-gpu.event-default-2026.01.01-000001")
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            documents.Add(new SourceDocument((ulong)documents.Count + 1, index, id, json));
            signal = arrived;
            arrived = new TaskCompletionSource();
        }
        signal.TrySetResult();
    }

    /// <summary>What a new process would be given: everything that is not settled.</summary>
    internal void Reopen()
    {
        lock (gate)
        {
            documents.RemoveAll(document => Settled.Contains(document.Place));
            Settled.Clear();
            next = 0;
        }
    }

    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        Task signal;
        lock (gate)
        {
            if (next < documents.Count) return;
            signal = arrived.Task;
        }
        await signal.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public bool Read(List<SourceDocument> into, int limit, long bytes)
    {
        if (ReadFault is { } fault) throw fault;
        lock (gate)
        {
            long taken = 0;
            for (var count = 0; count < limit && taken < bytes; count++)
            {
                if (next == documents.Count) return false;
                taken += documents[next].Json.Length;
                into.Add(documents[next++]);
            }
            return true;
        }
    }

    public void Settle(SourceDocument document)
    {
        lock (gate)
        {
            if (Settled.Count < 10_000 && Settled.Contains(document.Place)) throw new InvalidOperationException($"{document.Id} is settled twice.");
            Settled.Add(document.Place);
        }
    }

    public void Commit()
    {
        if (CommitFault is { } fault) throw fault;
        Commits++;
    }

    public void Dispose()
    {
    }
}
