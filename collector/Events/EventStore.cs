using System.Text.Json;
using Monitoring.Contracts.Events;

namespace Monitoring.Collector.Events;

/// <summary>
/// The events of all nodes, each once, oldest given up first. One thread writes: many pushes share one flush of the disk, and none is
/// answered before it. What was not safe is told to the sender, who gives it again; its id then says whether it is there already.
/// </summary>
internal sealed partial class EventStore : IHostedService, IDisposable
{
    private static readonly TimeSpan TrimPause = TimeSpan.FromMinutes(1);

    // A disk that hangs must not hold up the end of the process for ever; nothing that waits for it was confirmed.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly EventIndex index = new();
    private readonly TaskCompletionSource recovered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IEventLog log;
    private readonly EventSettings settings;
    private readonly TimeProvider time;
    private readonly ILogger<EventStore> logger;
    private readonly EventQueue queue;
    private readonly EventReader reader;
    private Thread? writer;
    private long? trimmed;
    private string? recoveryFault;
    private bool isFailing;

    /// <summary>A store over a log, which is its own from now on.</summary>
    public EventStore(IEventLog log, EventSettings settings, TimeProvider time, ILogger<EventStore> logger)
    {
        this.log = log;
        this.settings = settings;
        this.time = time;
        this.logger = logger;
        queue = new EventQueue(settings);
        reader = new EventReader(log, index);
    }

    /// <summary>What was taken in, refused and given up.</summary>
    public EventTally Tally { get; } = new();

    /// <summary>Events that are kept.</summary>
    public long Count => index.Published.Count;

    /// <summary>Room that they take.</summary>
    public long SizeBytes => log.SizeBytes;

    /// <summary>Completes when the events of the log are known; events that come before wait for it.</summary>
    public Task Recovered => recovered.Task;

    /// <summary>Takes events; completes when each of them is safe, or it is known that some are not.</summary>
    public Task<EventCommit> AppendAsync(IReadOnlyList<IncomingEvent> events) => queue.EnterAsync(events);

    /// <summary>A page of the events that are asked for, newest first.</summary>
    public EventPage Query(EventQuery query) => reader.Query(query);

    /// <summary>The event with an id as JSON; null where it is not kept.</summary>
    public ReadOnlyMemory<byte>? Find(EventKey key) => reader.Find(key);

    /// <summary>
    /// The events from a place on, oldest first, each once, as far as they are safe now: what a sink that keeps its place reads. Places
    /// rise and may have gaps; they stay the same over restarts.
    /// </summary>
    public IEnumerable<LoggedEvent> Read(long fromSequence) => reader.Read(fromSequence);

    /// <summary>Events at a place or behind it that <see cref="Read"/> would give now.</summary>
    public long CountFrom(long sequence) => index.Published.CountFrom(sequence);

    /// <summary>Place of the oldest event that is kept.</summary>
    public long FirstSequence => log.FirstSequence;

    /// <summary>The place that every event so far is before.</summary>
    public long EndSequence
    {
        get
        {
            var view = index.Published;
            return view.Count > 0 ? view[view.End - 1].Sequence + 1 : log.FirstSequence;
        }
    }

    /// <summary>Called by the writer when events were added, for those who read along; it must be quick and not throw.</summary>
    public event Action? Added;

    /// <summary>Gives up what is over its age now and then, though no event comes.</summary>
    public void Sweep() => queue.Nudge();

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!log.IsDurable) LogMemoryOnly(settings.MaxMemoryBytes);
        writer = new Thread(Run) { IsBackground = true, Name = "event store" };
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
        var pushes = new List<EventQueue.Push>();
        while (queue.Take(pushes))
        {
            string? fault;
            try
            {
                fault = recoveryFault ?? Commit(pushes);
                if (recoveryFault is null) GiveUpOld();
            }
#pragma warning disable CA1031 // Whatever it is, senders must hear that their events are not safe, and the next ones get their turn.
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
            foreach (var (sequence, json) in log.Read(0))
                if (!TryRecover(sequence, json.Span)) unreadable++;
            index.Publish();
            if (unreadable > 0) LogUnreadable(unreadable);
            var took = time.GetElapsedTime(start);
            if (log.IsDurable) LogRecovered(Count, SizeBytes, took);
        }
#pragma warning disable CA1031 // Without the ids of what is kept nothing may be taken; the rest of the collector goes on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            recoveryFault = $"the events on disk could not be read: {exception.Message}";
            LogRecoveryFailed(exception);
        }

        recovered.SetResult();
    }

    private bool TryRecover(long sequence, ReadOnlySpan<byte> json)
    {
        try
        {
            var record = EventJson.Read(json);
            var entry = new EventEntry(record);
            // A flush that failed, and the sender's next attempt, leave two.
            if (!index.Has(entry.Key)) index.Add(entry.At(sequence));
            Tally.Accept(EventLabels.Of(record), 0);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Writes pushes and waits for the disk.</summary>
    /// <returns>Why none of them is safe; null where each knows for itself.</returns>
    private string? Commit(List<EventQueue.Push> pushes)
    {
        var stored = new List<EventLabels>();
        var ahead = 0;
        var ageLimit = AgeLimitTicks();
        string? fault = null;
        foreach (var push in pushes)
        {
            foreach (var item in push.Events)
            {
                if (index.Has(item.Entry.Key)) push.Duplicates++;
                else if (item.Entry.TimeTicks < ageLimit) push.Expired++;
                else if ((push.Fault = fault ??= TryAppend(item)) is not null) break;
                else
                {
                    push.Stored++;
                    if (item.IsAhead) ahead++;
                    stored.Add(item.Labels);
                }
            }
        }

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

        index.Publish();
        foreach (var labels in stored) Tally.Accept(labels);
        Tally.BeAhead(ahead);
        Tally.Duplicate(pushes.Sum(static push => push.Duplicates));
        Tally.Expire(EventExpiry.Late, pushes.Sum(static push => push.Expired));
        if (stored.Count > 0) Added?.Invoke();
        if (fault is null && stored.Count > 0) Works();
        return null;
    }

    private string? TryAppend(IncomingEvent item)
    {
        try
        {
            index.Add(item.Entry.At(log.Append(item.Json.Span)));
            return null;
        }
        catch (IOException exception)
        {
            return Failed(exception);
        }
    }

    private void GiveUpOld()
    {
        if (trimmed is not { } last || time.GetElapsedTime(last) >= TrimPause)
        {
            trimmed = time.GetTimestamp();
            try
            {
                log.Trim();
            }
            catch (IOException exception)
            {
                Failed(exception);
            }
        }

        var (byAge, bySize) = index.ForgetBefore(log.FirstSequence, AgeLimitTicks());
        if (byAge + bySize == 0) return;
        index.Publish();
        Tally.Expire(EventExpiry.Age, byAge);
        Tally.Expire(EventExpiry.Size, bySize);
    }

    private long AgeLimitTicks() => (time.GetUtcNow() - settings.MaxAge).UtcTicks;

    /// <summary>Notes that events could not be written; the log hears of the first time alone.</summary>
    private string Failed(Exception exception)
    {
        Tally.StoreFailed();
        if (!isFailing) LogFailed(exception);
        isFailing = true;
        return $"the events cannot be written: {exception.Message}";
    }

    private void Works()
    {
        if (isFailing) LogWorksAgain();
        isFailing = false;
    }

    [LoggerMessage(EventId = 5000, Level = LogLevel.Warning, Message = "There is no state directory: events are kept in memory alone, at most {Bytes} bytes, and are gone when the collector ends. Set state_directory, or start it under systemd with StateDirectory=.")]
    private partial void LogMemoryOnly(long bytes);

    [LoggerMessage(EventId = 5001, Level = LogLevel.Information, Message = "{Count} events in {Bytes} bytes are kept; they were read in {Took}.")]
    private partial void LogRecovered(long count, long bytes, TimeSpan took);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Warning, Message = "{Count} events on disk were written by something else or another version and are passed over.")]
    private partial void LogUnreadable(int count);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Error, Message = "The events on disk could not be read; no events are taken until the collector is started again. Metrics are not affected.")]
    private partial void LogRecoveryFailed(Exception exception);

    [LoggerMessage(EventId = 5004, Level = LogLevel.Error, Message = "Events cannot be written; their senders keep them and try again. Look at the room and the rights of the state directory.")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(EventId = 5005, Level = LogLevel.Information, Message = "Events can be written again.")]
    private partial void LogWorksAgain();
}
