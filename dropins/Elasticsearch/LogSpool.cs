using System.Collections.Concurrent;
using Monitoring.Elasticsearch.Delivery;
using Monitoring.Elasticsearch.Documents;
using Monitoring.Elasticsearch.Spool;
using Serilog.Debugging;

namespace Serilog.Sinks.Elasticsearch;

/// <summary>Where documents wait: on disk, or in memory where no buffer is wanted or it cannot be opened. Counts also what was dropped before.</summary>
internal sealed class LogSpool : IDocumentSource, IDropCounts
{
    /// <summary>An event found the queue to the disk full.</summary>
    internal const string QueueFull = "queue_full";

    /// <summary>An event could not be made a document of.</summary>
    internal const string Unformatted = "unformatted";

    /// <summary>An event is longer than allowed.</summary>
    internal const string TooLarge = "too_large";

    private readonly ConcurrentDictionary<string, long> dropped = new(StringComparer.Ordinal) { [QueueFull] = 0, [Unformatted] = 0, [TooLarge] = 0 };
    private readonly IDocumentSource source;
    private readonly DocumentSpool? disk;
    private readonly MemorySpool? memory;

    private LogSpool(DocumentSpool? disk, MemorySpool? memory, string deadLetterDirectory)
    {
        (this.disk, this.memory, DeadLetterDirectory) = (disk, memory, deadLetterDirectory);
        source = (IDocumentSource?)disk ?? memory ?? throw new ArgumentNullException(nameof(memory));
    }

    /// <inheritdoc/>
    public string Name => source.Name;

    /// <inheritdoc/>
    public long Waiting => source.Waiting;

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, long>> Dropped =>
        dropped.Concat(((IDropCounts)source).Dropped).GroupBy(static one => one.Key, static (reason, counts) => KeyValuePair.Create(reason, counts.Sum(static one => one.Value)));

    /// <summary>Where what the server refuses for good goes, if not told otherwise.</summary>
    internal string DeadLetterDirectory { get; }

    /// <summary>Opens the buffer that the options ask for.</summary>
    internal static LogSpool Open(ElasticsearchSinkOptions options, string name, long memoryBytes)
    {
        if (options.BufferBaseFilename is { Length: > 0 } buffer)
        {
            try
            {
                var spool = new SpoolOptions { Name = name };
                if (options.BufferFileSizeLimitBytes is { } limit) spool = spool with { MaximumBytes = limit };
                return new LogSpool(DocumentSpool.Open(buffer + "-spool", spool, options.TimeProvider), null, buffer + "-dead-letters");
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                SelfLog.WriteLine("Events for Elasticsearch wait in memory alone: {0}", fault.Message);
            }
        }

        // Made with the first letter, for its owner alone, under a name that nobody can foresee: others write to the temporary directory too.
        return new LogSpool(null, new MemorySpool(name, options.QueueSizeLimit, memoryBytes), Path.Combine(Path.GetTempPath(), $"serilog-elasticsearch-{Environment.ProcessId}-{Guid.NewGuid():N}-dead-letters"));
    }

    /// <summary>Lets a document wait.</summary>
    /// <returns>Null, or why it is lost, which is counted.</returns>
    internal string? Append(string index, string id, byte[] json) => disk is not null ? disk.Append(index, id, json) : memory!.Append(index, id, json);

    /// <summary>Counts an event that never got here.</summary>
    internal void Drop(string reason) => dropped.AddOrUpdate(reason, 1, static (_, count) => count + 1);

    /// <inheritdoc/>
    public ValueTask WaitAsync(CancellationToken cancellationToken) => source.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public bool Read(List<SourceDocument> into, int limit, long bytes) => source.Read(into, limit, bytes);

    /// <inheritdoc/>
    public void Settle(SourceDocument document) => source.Settle(document);

    /// <inheritdoc/>
    public void Commit() => source.Commit();

    /// <inheritdoc/>
    public void Dispose() => source.Dispose();
}
