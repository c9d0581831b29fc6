using Monitoring.Segments;

namespace Monitoring.Collector.Logs;

/// <summary>
/// The log lines of agents and of the collector itself, each once, oldest given up first: for queries, and on their way to Elasticsearch.
/// One thread writes: many pushes share one flush of the disk, and none is answered before it.
/// </summary>
internal sealed partial class LogStore : IHostedService, IDisposable
{
    // The only type of record so far; others are passed over.
    private const byte LineType = 1;

    private static readonly TimeSpan TrimPause = TimeSpan.FromMinutes(1);

    // A disk that hangs must not hold up the end of the process for ever; nothing that waits for it was confirmed.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly LogIndex index = new();
    private readonly TaskCompletionSource recovered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new(); // guards published and grown
    private readonly LogStorage storage;
    private readonly IRecordLog log;
    private readonly LogStoreSettings settings;
    private readonly TimeProvider time;
    private readonly ILogger<LogStore> logger;
    private readonly LogQueue queue;
    private readonly LogReader reader;
    private TaskCompletionSource grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong published; // every line below is safe
    private Thread? writer;
    private long? trimmed;
    private string? recoveryFault;
    private bool isFailing;

    /// <summary>A store over a storage, which is its own from now on.</summary>
    public LogStore(LogStorage storage, LogStoreSettings settings, TimeProvider time, ILogger<LogStore> logger)
    {
        (this.storage, log, this.settings, this.time, this.logger) = (storage, storage.Log, settings, time, logger);
        queue = new LogQueue(settings);
        reader = new LogReader(log, index);
    }

    /// <summary>There are more lines that are safe; called by the writer, who is not to be held up.</summary>
    public event Action? Added;

    /// <summary>What was taken in, refused and given up.</summary>
    public LogTally Tally { get; } = new();

    /// <summary>Lines that are kept.</summary>
    public long Count => index.Count;

    /// <summary>Room that they take.</summary>
    public long SizeBytes => log.Bytes;

    /// <summary>Completes when the lines of the log are known; lines that come before wait for it.</summary>
    public Task Recovered => recovered.Task;

    /// <summary>Place of the oldest line that is kept.</summary>
    public ulong FirstSequence => storage.FirstSequence;

    /// <summary>Every line before this place is safe, and is one that <see cref="Read"/> gives.</summary>
    public ulong NextSequence
    {
        get
        {
            lock (gate) return published;
        }
    }

    /// <summary>Takes lines; completes when each of them is safe, or it is known that none is.</summary>
    public Task<LogCommit> AppendAsync(IReadOnlyList<LogLine> lines) => queue.TryEnter(lines)?.Done.Task ?? Task.FromResult(new LogCommit(
        [], $"log lines of {settings.MaxPendingBytes} bytes (logs.max_pending_bytes) wait for the disk already", IsFull: true));

    /// <summary>Takes a line of the collector itself, which waits for nothing; one that does not fit is counted and gone.</summary>
    public void Offer(LogLine line)
    {
        if (queue.TryEnter([line]) is not { } push) Tally.Lose(LogLoss.Queue);
        else _ = push.Done.Task.ContinueWith(
            (done, tally) => { if (done.Result.Fault is not null) ((LogTally)tally!).Lose(LogLoss.Store); },
            Tally, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>A page of the lines that are asked for, newest first.</summary>
    public LogPage Query(LogQuery query) => reader.Query(query);

    /// <summary>The lines from a place on, in the order in which they came, as far as they are safe now: what a sink that keeps its place reads.</summary>
    public IEnumerable<StoredLine> Read(ulong fromSequence)
    {
        var end = NextSequence;
        if (fromSequence >= end) yield break;
        foreach (var record in log.Read(fromSequence))
        {
            if (record.Sequence >= end) yield break;
            if (record.Type == LineType && LogLine.Read(record.Payload) is { } line) yield return new StoredLine(record.Sequence, line);
        }
    }

    /// <summary>Completes when there is a safe line at a place or behind it.</summary>
    public Task WaitAsync(ulong sequence, CancellationToken cancellationToken)
    {
        lock (gate) return published > sequence ? Task.CompletedTask : grown.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Gives up what is over its age now and then, though no line comes.</summary>
    public void Sweep() => queue.Nudge();

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        writer = new Thread(Run) { IsBackground = true, Name = "log store" };
        writer.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Close();
        if (writer is not null) await ended.Task.WaitAsync(StopPatience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        queue.Close();
        // Whoever still writes keeps its file; the process ends soon.
        if (writer is null || writer.Join(StopPatience)) log.Dispose();
    }

    private void Run()
    {
        Recover();
        var pushes = new List<LogQueue.Push>();
        while (queue.Take(pushes))
        {
            string? fault;
            try
            {
                fault = recoveryFault ?? Commit(pushes);
                if (recoveryFault is null) GiveUpOld();
            }
#pragma warning disable CA1031 // Whatever it is, senders must hear that their lines are not safe, and the next ones get their turn.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                index.Rollback();
                fault = Failed(exception);
            }

            foreach (var push in pushes) queue.Settle(push, fault);
        }

        ended.SetResult();
    }

    private void Recover()
    {
        try
        {
            foreach (var record in log.Read())
            {
                // A flush that failed, and the sender's next attempt, leave two.
                if (record.Type == LineType && LogLine.Read(record.Payload) is { } line && !index.Has(line.Key)) index.Add(record.Sequence, line);
            }

            Publish();
        }
#pragma warning disable CA1031 // Without the ids of what is kept nothing may be taken; the rest of the collector goes on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            recoveryFault = $"the log lines on disk could not be read: {exception.Message}";
            LogRecoveryFailed(exception);
        }

        recovered.SetResult();
    }

    /// <summary>Writes pushes and waits for the disk.</summary>
    /// <returns>Why none of them is safe; null where all are.</returns>
    private string? Commit(List<LogQueue.Push> pushes)
    {
        var (stored, duplicates) = (0, 0);
        try
        {
            foreach (var push in pushes)
            {
                for (var at = 0; at < push.Lines.Count; at++)
                {
                    var line = push.Lines[at];
                    push.IsStored[at] = !index.Has(line.Key);
                    if (push.IsStored[at]) index.Add(log.Append(LineType, line.Write()), line);
                    if (push.IsStored[at]) stored++;
                    else duplicates++;
                }
            }

            if (stored > 0) log.Flush();
        }
        catch (IOException exception)
        {
            // What the disk did not confirm is forgotten: sent again, it is written again.
            index.Rollback();
            return Failed(exception);
        }

        if (stored > 0) Publish();
        Tally.Accept(stored);
        Tally.Duplicate(duplicates);
        if (stored == 0) return null;
        if (isFailing) LogWorksAgain();
        isFailing = false;
        return null;
    }

    private void Publish()
    {
        index.Publish();
        lock (gate)
        {
            published = log.NextSequence;
            grown.TrySetResult();
            grown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        Added?.Invoke();
    }

    private void GiveUpOld()
    {
        if (trimmed is not { } last || time.GetElapsedTime(last) >= TrimPause)
        {
            trimmed = time.GetTimestamp();
            try
            {
                log.Retain();
            }
            catch (IOException exception)
            {
                Failed(exception);
            }
        }

        if (index.ForgetBefore(FirstSequence) is var forgotten and > 0) Tally.Lose(LogLoss.Expired, forgotten);
    }

    /// <summary>Notes that lines could not be written; the log hears of the first time alone.</summary>
    private string Failed(Exception exception)
    {
        Tally.StoreFailed();
        if (!isFailing) LogFailed(exception);
        isFailing = true;
        return $"the log lines cannot be written: {exception.Message}";
    }

    [LoggerMessage(EventId = 5361, Level = LogLevel.Error, Message = "The log lines on disk could not be read; no log lines are taken until the collector is started again. Everything else is not affected.")]
    private partial void LogRecoveryFailed(Exception exception);

    [LoggerMessage(EventId = 5362, Level = LogLevel.Error, Message = "Log lines cannot be written; their senders keep them and try again. Look at the room and the rights of the state directory.")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(EventId = 5363, Level = LogLevel.Information, Message = "Log lines can be written again.")]
    private partial void LogWorksAgain();
}
