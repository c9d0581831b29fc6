using Monitoring.Collector.Storage;
using Monitoring.Segments;

namespace Monitoring.Collector.Logs;

/// <summary>
/// The log lines of agents and of the collector itself, each once, oldest given up first: for queries, and on their way to Elasticsearch.
/// </summary>
internal sealed partial class LogStore(IRecordLog log, LogStoreSettings settings, TimeProvider time, ILogger<LogStore> logger)
    : RecordStore<LogLine, LogMarks>(log, new RecordLimits("log lines", settings.MaxAge, settings.MaxPendingBytes, TakesLate: true), time)
{
    // So many lines are found and read at once while words are looked for.
    private const int GroupSize = 2000;

    private static readonly RecordPaging Paging = new(MostBytes: 4 << 20, ReadAtOnce: GroupSize, MostRecords: 40_000);

    /// <inheritdoc/>
    public override LogTally Tally { get; } = new();

    /// <summary>Takes a line of the collector itself, which waits for nothing; one that does not fit is counted and gone.</summary>
    public void Offer(LogLine line) => _ = AppendAsync([line]).ContinueWith(
        static (done, tally) =>
        {
            if (done.Result.Fault is not null) ((LogTally)tally!).Lose(done.Result.IsFull ? LogLoss.Queue : LogLoss.Store);
        },
        Tally, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>A page of the lines that are asked for, newest first.</summary>
    public RecordPage Query(LogQuery query) => Reader.Query(
        new LogMarks.Sought(query), query.After, query.Limit, query.Words.Count > 0 ? GroupSize : 0, Paging, record => Shown(query, record));

    /// <summary>The lines from a place on, in the order in which they came, as far as they are safe now: what a sink that keeps its place reads.</summary>
    public IEnumerable<StoredLine> Read(ulong fromSequence)
    {
        foreach (var record in Reader.Read(fromSequence))
            if (LogLine.Read(record.Payload) is { } line) yield return new StoredLine(record.Sequence, line);
    }

    /// <inheritdoc/>
    protected override RecordEntry<LogMarks>? ReadEntry(ReadOnlyMemory<byte> payload) => LogLine.Read(payload)?.Entry;

    /// <inheritdoc/>
    protected override string FullFault(long waitingBytes) => $"log lines of {settings.MaxPendingBytes} bytes (logs.max_pending_bytes) wait for the disk already";

    private static ReadOnlyMemory<byte>? Shown(LogQuery query, ReadOnlyMemory<byte> record)
    {
        if (LogLine.Read(record) is { } line && (query.Node is null || line.Node == query.Node) && LogWords.AreIn(line.Json, query.Words)) return line.Json;
        return null;
    }

    [LoggerMessage(EventId = 5361, Level = LogLevel.Error, Message = "The log lines on disk could not be read; no log lines are taken until the collector is started again. Everything else is not affected.")]
    protected override partial void LogRecoveryFailed(Exception exception);

    [LoggerMessage(EventId = 5362, Level = LogLevel.Error, Message = "Log lines cannot be written; their senders keep them and try again. Look at the room and the rights of the state directory.")]
    protected override partial void LogFailed(Exception exception);

    [LoggerMessage(EventId = 5363, Level = LogLevel.Information, Message = "Log lines can be written again.")]
    protected override partial void LogWorksAgain();
}
