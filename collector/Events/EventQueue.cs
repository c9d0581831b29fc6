using System.Threading.Channels;

namespace Monitoring.Collector.Events;

/// <summary>Events that wait for the disk, bounded in bytes and pushes: what does not fit is refused, and its sender keeps it.</summary>
internal sealed class EventQueue(EventSettings settings)
{
    private const int MostPushes = 4096;

    // So many pushes share one write to the disk.
    private const int MostPushesAtOnce = 256;

    private readonly Channel<Push> pushes = Channel.CreateBounded<Push>(new BoundedChannelOptions(MostPushes) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private long pendingBytes;

    /// <summary>Puts events into the queue; completes when the writer is done with them.</summary>
    public Task<EventCommit> EnterAsync(IReadOnlyList<IncomingEvent> events)
    {
        var push = new Push(events);
        var fits = Interlocked.Add(ref pendingBytes, push.Bytes) is var pending && (pending <= settings.MaxPendingBytes || pending == push.Bytes);
        if (fits && pushes.Writer.TryWrite(push)) return push.Done.Task;
        Interlocked.Add(ref pendingBytes, -push.Bytes);
        return Task.FromResult(new EventCommit(0, 0, 0, pushes.Reader.Completion.IsCompleted
            ? "the collector is stopping"
            : $"{pending - push.Bytes} bytes of events wait for the disk already, events.max_pending_bytes allows {settings.MaxPendingBytes}"));
    }

    /// <summary>Wakes the writer without events.</summary>
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
        push.Done.SetResult(new EventCommit(push.Stored, push.Duplicates, push.Expired, fault ?? push.Fault));
    }

    /// <summary>The events of one push, and what became of them so far.</summary>
    internal sealed class Push(IReadOnlyList<IncomingEvent> events)
    {
        public IReadOnlyList<IncomingEvent> Events => events;

        public long Bytes { get; } = events.Sum(static item => (long)item.Json.Length);

        public TaskCompletionSource<EventCommit> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Stored { get; set; }

        public int Duplicates { get; set; }

        public int Expired { get; set; }

        public string? Fault { get; set; }
    }
}
