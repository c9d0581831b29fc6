using Monitoring.Segments;

namespace Monitoring.Collector.Storage;

/// <summary>Limits of a store, and what it calls its records.</summary>
/// <param name="Name">What they are called in faults, in plural.</param>
/// <param name="MaxAge">How long they are kept.</param>
/// <param name="MaxPendingBytes">Room for those that wait for the disk.</param>
/// <param name="TakesLate">Whether one that is older on arrival is kept, until its segment goes.</param>
internal sealed record RecordLimits(string Name, TimeSpan MaxAge, long MaxPendingBytes, bool TakesLate);

/// <summary>
/// Records of one kind, each once, oldest given up first. One thread writes: many pushes share one flush of the disk, and none is
/// answered before it. What was not safe is told to the sender, who gives it again; its key then says whether it is there already.
/// </summary>
/// <typeparam name="TRecord">A record on its way in.</typeparam>
/// <typeparam name="TMarks">What queries look at.</typeparam>
internal abstract class RecordStore<TRecord, TMarks> : IHostedService, IDisposable
    where TRecord : IRecord<TMarks>
    where TMarks : struct
{
    // The only type of record so far; others are passed over.
    private const byte RecordType = 1;

    private static readonly TimeSpan TrimPause = TimeSpan.FromMinutes(1);

    // A disk that hangs must not hold up the end of the process for ever; nothing that waits for it was confirmed.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly RecordIndex<TMarks> index = new();
    private readonly TaskCompletionSource recovered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IRecordLog log;
    private readonly RecordLimits limits;
    private readonly TimeProvider time;
    private readonly RecordQueue<TRecord, TMarks> queue;
    private ulong endSequence; // of what was published
    private Thread? writer;
    private long? trimmed;
    private string? recoveryFault;
    private bool isFailing;

    /// <summary>A store over a log, which is its own from now on.</summary>
    protected RecordStore(IRecordLog log, RecordLimits limits, TimeProvider time)
    {
        (this.log, this.limits, this.time) = (log, limits, time);
        queue = new RecordQueue<TRecord, TMarks>(limits.MaxPendingBytes);
        Reader = new RecordReader<TMarks>(log, index);
    }

    /// <summary>There are more records that are safe; called by the writer, for those who read along: it must be quick and not throw.</summary>
    public event Action? Added;

    /// <summary>What was taken in, refused and given up.</summary>
    public abstract RecordTally<TRecord> Tally { get; }

    /// <summary>Records that are kept.</summary>
    public long Count => index.Published.Count;

    /// <summary>Room that they take.</summary>
    public long SizeBytes => log.Bytes;

    /// <summary>Completes when the records of the log are known; records that come before wait for it.</summary>
    public Task Recovered => recovered.Task;

    /// <summary>Place of the oldest record that is kept.</summary>
    public ulong FirstSequence => log.FirstSequence;

    /// <summary>The place that every record so far is before.</summary>
    public ulong EndSequence => Volatile.Read(ref endSequence);

    /// <summary>Finds records.</summary>
    protected RecordReader<TMarks> Reader { get; }

    /// <summary>Whether records outlive the process.</summary>
    protected bool IsDurable => log is not MemoryRecordLog;

    /// <summary>Takes records; completes when each of them is safe, or it is known that some are not.</summary>
    public Task<RecordCommit> AppendAsync(IReadOnlyList<TRecord> records) => queue.TryEnter(records, out var waitingBytes)
        ?? Task.FromResult(new RecordCommit([], queue.IsEnded ? "the collector is stopping" : FullFault(waitingBytes), IsFull: true));

    /// <summary>Records at a place or behind it that a reader would get now.</summary>
    public long CountFrom(ulong sequence) => index.Published.CountFrom(sequence);

    /// <summary>Gives up what is over its age now and then, though no record comes.</summary>
    public void Sweep() => queue.Nudge();

    /// <inheritdoc/>
    public virtual Task StartAsync(CancellationToken cancellationToken)
    {
        writer = new Thread(Run) { IsBackground = true, Name = GetType().Name };
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

    /// <summary>What the index keeps of a record that is read from the log; null for what this version cannot read.</summary>
    protected abstract RecordEntry<TMarks>? ReadEntry(ReadOnlyMemory<byte> payload);

    /// <summary>Why a push does not fit while so many bytes wait, in words.</summary>
    protected abstract string FullFault(long waitingBytes);

    /// <summary>The records of the log are known.</summary>
    protected virtual void LogRecovered(int unreadable, TimeSpan took)
    {
    }

    /// <summary>The log could not be read.</summary>
    protected abstract void LogRecoveryFailed(Exception exception);

    /// <summary>Records cannot be written; said once until they can be.</summary>
    protected abstract void LogFailed(Exception exception);

    /// <summary>Records can be written again.</summary>
    protected abstract void LogWorksAgain();

    private void Run()
    {
        Recover();
        var pushes = new List<RecordQueue<TRecord, TMarks>.Push>();
        while (queue.Take(pushes))
        {
            string? fault;
            try
            {
                fault = recoveryFault ?? Commit(pushes);
                if (recoveryFault is null) GiveUpOld();
            }
#pragma warning disable CA1031 // Whatever it is, senders must hear that their records are not safe, and the next ones get their turn.
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
        var start = time.GetTimestamp();
        var unreadable = 0;
        try
        {
            foreach (var record in log.Read())
            {
                if (record.Type != RecordType) continue;
                if (ReadEntry(record.Payload) is not { } entry) unreadable++;
                // A flush that failed, and the sender's next attempt, leave two.
                else if (!index.Has(entry.Key)) index.Add(entry with { Sequence = record.Sequence });
            }

            Publish();
            LogRecovered(unreadable, time.GetElapsedTime(start));
        }
#pragma warning disable CA1031 // Without the keys of what is kept nothing may be taken; the rest of the collector goes on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            recoveryFault = $"the {limits.Name} on disk could not be read: {exception.Message}";
            LogRecoveryFailed(exception);
        }

        recovered.SetResult();
    }

    /// <summary>Writes pushes and waits for the disk.</summary>
    /// <returns>Why none of them is safe; null where each knows for itself.</returns>
    private string? Commit(List<RecordQueue<TRecord, TMarks>.Push> pushes)
    {
        var stored = new List<TRecord>();
        var lateTicks = limits.TakesLate ? long.MinValue : AgeLimitTicks();
        string? fault = null;
        foreach (var push in pushes)
        {
            for (var at = 0; at < push.Records.Count && push.Fault is null; at++)
            {
                var record = push.Records[at];
                var entry = record.Entry;
                push.Fates[at] = index.Has(entry.Key) ? RecordFate.Duplicate
                    : entry.TimeTicks < lateTicks ? RecordFate.Late
                    : (push.Fault = fault ??= TryAppend(record, entry)) is null ? RecordFate.Stored
                    : RecordFate.Refused;
                if (push.Fates[at] == RecordFate.Stored) stored.Add(record);
            }
        }

        if (stored.Count > 0)
        {
            try
            {
                log.Flush();
            }
            catch (IOException exception)
            {
                // What the disk did not confirm is forgotten: sent again, it is written again.
                index.Rollback();
                return Failed(exception);
            }

            Publish();
        }

        Tally.Accept(stored);
        Tally.Duplicate(pushes.Sum(static push => push.Fates.Count(static fate => fate == RecordFate.Duplicate)));
        Tally.BeLate(pushes.Sum(static push => push.Fates.Count(static fate => fate == RecordFate.Late)));
        if (stored.Count == 0) return null;
        Added?.Invoke();
        if (fault is null) Works();
        return null;
    }

    private string? TryAppend(TRecord record, in RecordEntry<TMarks> entry)
    {
        try
        {
            index.Add(entry with { Sequence = log.Append(RecordType, record.Write().Span) });
            return null;
        }
        catch (IOException exception)
        {
            return Failed(exception);
        }
    }

    private void Publish()
    {
        index.Publish();
        Volatile.Write(ref endSequence, log.NextSequence);
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

        var (byAge, bySize) = index.ForgetBefore(log.FirstSequence, AgeLimitTicks());
        if (byAge + bySize == 0) return;
        index.Publish();
        Tally.Expire(byAge, bySize);
    }

    private long AgeLimitTicks() => (time.GetUtcNow() - limits.MaxAge).UtcTicks;

    /// <summary>Notes that records could not be written; the log hears of the first time alone.</summary>
    private string Failed(Exception exception)
    {
        Tally.StoreFailed();
        if (!isFailing) LogFailed(exception);
        isFailing = true;
        return $"the {limits.Name} cannot be written: {exception.Message}";
    }

    private void Works()
    {
        if (isFailing) LogWorksAgain();
        isFailing = false;
    }
}
