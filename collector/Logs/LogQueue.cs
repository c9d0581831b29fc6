using System.Threading.Channels;

namespace Monitoring.Collector.Logs;

/// <summary>Log lines that wait for the disk, bounded in bytes and pushes: what does not fit is refused, and its sender keeps it.</summary>
internal sealed class LogQueue(LogStoreSettings settings)
{
    private const int MostPushes = 4096;

    // So many pushes share one write to the disk.
    private const int MostPushesAtOnce = 256;

    private readonly Channel<Push> pushes = Channel.CreateBounded<Push>(new BoundedChannelOptions(MostPushes) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private long pendingBytes;

    /// <summary>Puts lines into the queue; null where they do not fit, and a push whose task completes when the writer is done with it.</summary>
    public Push? TryEnter(IReadOnlyList<LogLine> lines)
    {
        var push = new Push(lines);
        var pending = Interlocked.Add(ref pendingBytes, push.Bytes);
        // A push that is larger than the limit has its turn when nothing else waits.
        if ((pending <= settings.MaxPendingBytes || pending == push.Bytes) && pushes.Writer.TryWrite(push)) return push;
        Interlocked.Add(ref pendingBytes, -push.Bytes);
        return null;
    }

    /// <summary>Wakes the writer without lines.</summary>
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
        push.Done.SetResult(new LogCommit(push.IsStored, fault, IsFull: false));
    }

    /// <summary>The lines of one push, and what became of them so far.</summary>
    internal sealed class Push(IReadOnlyList<LogLine> lines)
    {
        public IReadOnlyList<LogLine> Lines => lines;

        public long Bytes { get; } = lines.Sum(static line => (long)line.Bytes);

        public bool[] IsStored { get; } = new bool[lines.Count];

        public TaskCompletionSource<LogCommit> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>What became of the lines of a push.</summary>
/// <param name="IsStored">Of each, whether it is new and safe; false where it was there already.</param>
/// <param name="Fault">Why none of them is safe; null where each is.</param>
/// <param name="IsFull">True where the fault is that others wait already.</param>
internal sealed record LogCommit(IReadOnlyList<bool> IsStored, string? Fault, bool IsFull);
