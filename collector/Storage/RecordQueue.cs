using System.Threading.Channels;

namespace Monitoring.Collector.Storage;

/// <summary>Records that wait for the disk, bounded in bytes and pushes: what does not fit is refused, and its sender keeps it.</summary>
internal sealed class RecordQueue<TRecord, TMarks>(long maximumBytes)
    where TRecord : IRecord<TMarks>
    where TMarks : struct
{
    private const int MostPushes = 4096;

    // So many pushes share one write to the disk.
    private const int MostPushesAtOnce = 256;

    private readonly Channel<Push> pushes = Channel.CreateBounded<Push>(new BoundedChannelOptions(MostPushes) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private long pendingBytes;

    /// <summary>Whether it takes no more and everything in it was written.</summary>
    public bool IsEnded => pushes.Reader.Completion.IsCompleted;

    /// <summary>Puts records into the queue; the task completes when the writer is done with them.</summary>
    /// <param name="records">The records.</param>
    /// <param name="waitingBytes">What waits besides.</param>
    /// <returns>Null where they do not fit.</returns>
    public Task<RecordCommit>? TryEnter(IReadOnlyList<TRecord> records, out long waitingBytes)
    {
        var push = new Push(records);
        var pending = Interlocked.Add(ref pendingBytes, push.Bytes);
        waitingBytes = pending - push.Bytes;
        // A push that is larger than the limit has its turn when nothing else waits.
        if ((pending <= maximumBytes || waitingBytes == 0) && pushes.Writer.TryWrite(push)) return push.Done.Task;
        Interlocked.Add(ref pendingBytes, -push.Bytes);
        return null;
    }

    /// <summary>Wakes the writer without records.</summary>
    public void Nudge() => pushes.Writer.TryWrite(new Push([]));

    /// <summary>Takes no more; what is in the queue is still written.</summary>
    public void Close() => pushes.Writer.TryComplete();

    /// <summary>Waits for pushes and takes as many as are there; false after the last one.</summary>
    public bool Take(List<Push> taken)
    {
        taken.Clear();
        // The writer is a thread of its own, which may wait.
        if (!pushes.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult()) return false;
        while (taken.Count < MostPushesAtOnce && pushes.Reader.TryRead(out var push)) taken.Add(push);
        return true;
    }

    /// <summary>Tells whoever waits for a push, and frees its room.</summary>
    public void Settle(Push push, string? fault)
    {
        Interlocked.Add(ref pendingBytes, -push.Bytes);
        push.Done.SetResult(new RecordCommit(push.Fates, fault ?? push.Fault));
    }

    /// <summary>The records of one push, and what became of them so far.</summary>
    internal sealed class Push(IReadOnlyList<TRecord> records)
    {
        public IReadOnlyList<TRecord> Records => records;

        public long Bytes { get; } = records.Sum(static record => record.Bytes);

        public RecordFate[] Fates { get; } = new RecordFate[records.Count];

        public TaskCompletionSource<RecordCommit> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string? Fault { get; set; }
    }
}

/// <summary>What became of a record that was given to the store.</summary>
internal enum RecordFate
{
    /// <summary>It is not kept; the fault of its push says why.</summary>
    Refused,

    /// <summary>It is kept now and was not before.</summary>
    Stored,

    /// <summary>It was there already.</summary>
    Duplicate,

    /// <summary>It was too old to be kept.</summary>
    Late,
}

/// <summary>What became of the records of a push.</summary>
/// <param name="Fates">Of each, what became of it.</param>
/// <param name="Fault">Why some are not safe, in words; null where all are. The sender must give all of them again then.</param>
/// <param name="IsFull">True where the fault is that others wait already.</param>
internal sealed record RecordCommit(IReadOnlyList<RecordFate> Fates, string? Fault = null, bool IsFull = false)
{
    /// <summary>How many records had a fate.</summary>
    public int Count(RecordFate fate) => Fates.Count(one => one == fate);
}
