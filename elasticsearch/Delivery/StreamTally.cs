using System.Collections.Concurrent;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Elasticsearch.Delivery;

/// <summary>What became of the documents of one stream since the process began. Any thread reads it.</summary>
public sealed class StreamTally
{
    private readonly ConcurrentDictionary<string, long> failures = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> dropped = new(StringComparer.Ordinal);
    private readonly Func<long> waiting;
    private readonly IDropCounts? source;
    private readonly ISourceTrouble? reading;
    private long sent;
    private long duplicates;
    private long retried;
    private long requests;
    private long deadLetters;
    private long failureStore;
    private long lastSuccessMilliseconds;
    private long batchBytesLimit;
    private string? sending;

    internal StreamTally(IDocumentSource source)
    {
        (Stream, waiting, this.source, reading) = (source.Name, () => source.Waiting, source as IDropCounts, source as ISourceTrouble);
        dropped["dead_letters_full"] = 0;
    }

    /// <summary>Name of the source.</summary>
    public string Stream { get; }

    /// <summary>Documents that wait, those under way included.</summary>
    public long Waiting => waiting();

    /// <summary>Documents that were stored.</summary>
    public long Sent => Interlocked.Read(ref sent);

    /// <summary>Documents that were stored already, by an attempt whose answer was lost.</summary>
    public long Duplicates => Interlocked.Read(ref duplicates);

    /// <summary>Documents that were sent once more, each time counted.</summary>
    public long Retried => Interlocked.Read(ref retried);

    /// <summary>Requests that were sent.</summary>
    public long Requests => Interlocked.Read(ref requests);

    /// <summary>Documents that the server refused for good and that lie in the file of dead letters.</summary>
    public long DeadLetters => Interlocked.Read(ref deadLetters);

    /// <summary>Documents that the server refused and keeps in its own failure store.</summary>
    public long FailureStore => Interlocked.Read(ref failureStore);

    /// <summary>When the server last took a request; null for never.</summary>
    public DateTimeOffset? LastSuccess => Interlocked.Read(ref lastSuccessMilliseconds) is var at and > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;

    /// <summary>What is wrong now, in words: with requests, and where they are taken, with what the source cannot read; null for nothing.</summary>
    public string? Trouble => Volatile.Read(ref sending) ?? reading?.Trouble;

    /// <summary>Bytes that a request may have now: less than is configured while the server is busy or finds requests too large.</summary>
    public long BatchBytesLimit => Interlocked.Read(ref batchBytesLimit);

    /// <summary>Requests that failed as a whole, by reason: <c>unreachable</c>, <c>timeout</c>, <c>status_503</c>.</summary>
    public IReadOnlyDictionary<string, long> Failures => new Dictionary<string, long>(failures);

    /// <summary>Documents that are lost, by reason; those that the source dropped before they were read included.</summary>
    public IReadOnlyDictionary<string, long> Dropped
    {
        get
        {
            var all = new Dictionary<string, long>(dropped);
            foreach (var (reason, count) in source?.Dropped ?? []) all[reason] = all.GetValueOrDefault(reason) + count;
            return all;
        }
    }

    internal void CountSent(long documents) => Interlocked.Add(ref sent, documents);

    internal void CountDuplicates(long documents) => Interlocked.Add(ref duplicates, documents);

    internal void CountRetried(long documents) => Interlocked.Add(ref retried, documents);

    internal void CountRequest() => Interlocked.Increment(ref requests);

    internal void CountDeadLetters(long documents) => Interlocked.Add(ref deadLetters, documents);

    internal void CountFailureStore(long documents) => Interlocked.Add(ref failureStore, documents);

    internal void CountFailure(string reason) => failures.AddOrUpdate(reason, 1, static (_, count) => count + 1);

    internal void CountDropped(string reason, long documents) => dropped.AddOrUpdate(reason, static (_, add) => add, static (_, count, add) => count + add, documents);

    internal void Succeeded(DateTimeOffset at) => Interlocked.Exchange(ref lastSuccessMilliseconds, at.ToUnixTimeMilliseconds());

    internal void Fails(string words) => Volatile.Write(ref sending, words);

    internal void Works() => Volatile.Write(ref sending, null);

    internal void LimitBatches(long bytes) => Interlocked.Exchange(ref batchBytesLimit, bytes);
}
