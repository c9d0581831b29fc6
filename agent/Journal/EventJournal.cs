using System.Text.Json;
using Monitoring.Agent.Detection;
using Monitoring.Contracts.Events;
using Monitoring.Segments;

namespace Monitoring.Agent.Journal;

/// <summary>
/// The events of this node in order, on disk until a limit is reached, with what must be as exact as they are: how far sources were
/// read, the states of detection, the counters and how far the collector has them. Appending is a matter of memory; a thread of its own
/// writes what has come since its last round and then syncs once.
/// </summary>
internal sealed partial class EventJournal : IEventJournal, IEventOutbox, IDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetainInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new(); // guards what follows, up to the writer's own
    private readonly KnownEvents known = new();
    private readonly JournalState live = new(); // with everything that was appended
    private readonly LastXids xids = new();
    private readonly JournalBacklog backlog = new();
    private readonly Queue<ulong> waiting = []; // sequences of events that are safe and not delivered
    private readonly Dictionary<string, long> dropped = new(StringComparer.Ordinal);
    private TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long appended;
    private int damages;

    private readonly NodeIdentity identity;
    private readonly TimeProvider time;
    private readonly ILogger<EventJournal> logger;
    private readonly WakeUp wake = new();
    private volatile bool stopping;
    private Thread? thread;

    /// <param name="open">Opens the log that it writes; is handed what to call for a new segment, a deleted one and a damage.</param>
    /// <param name="identity">The node, for events of the journal's own.</param>
    /// <param name="isShipped">True where somebody is to get the events: only then is one that is deleted unsent a loss.</param>
    internal EventJournal(Func<JournalCallbacks, IRecordLog> open, NodeIdentity identity, bool isShipped, TimeProvider time, ILogger<EventJournal> logger)
    {
        this.identity = identity;
        this.isShipped = isShipped;
        this.time = time;
        this.logger = logger;
        log = open(new JournalCallbacks(Announce, Deleted, damage =>
        {
            Interlocked.Increment(ref damages);
            LogDamage(damage.Path, damage.Offset, damage.Reason);
        }));
        foreach (var reason in (string[])[DiskFull, DiskError, QueueFull, TooLarge, Malformed, RetentionBytes, RetentionAge]) dropped.Add(reason, 0);
        Replay();
    }

    /// <summary>Why events are not on disk, for people; empty while they are.</summary>
    internal string Trouble { get; set; } = "";

    /// <summary>How often the writer looks for work that nobody called it for: a disk that failed, segments that are too old. What is appended calls it.</summary>
    internal TimeSpan LookInterval { get; init; } = RetryInterval;

    /// <summary>True when it has a directory of its own, that no other agent uses.</summary>
    internal bool IsOnDisk => log is SegmentLog;

    /// <summary>Bytes that it holds.</summary>
    internal long Bytes => log.Bytes;

    /// <summary>Places at which the log is damaged.</summary>
    internal int Damages => Volatile.Read(ref damages);

    /// <summary>Records that a sudden end had cut off.</summary>
    internal int TornRecords => (log as SegmentLog)?.TornRecords ?? 0;

    /// <summary>Events appended since the start.</summary>
    internal long Appended => Interlocked.Read(ref appended);

    /// <inheritdoc/>
    public int Waiting
    {
        get
        {
            lock (gate) return waiting.Count;
        }
    }

    /// <summary>Starts the writer.</summary>
    internal void Start()
    {
        thread = new Thread(Run, maxStackSize: 512 * 1024) { IsBackground = true, Name = "journal" };
        thread.Start();
    }

    /// <inheritdoc/>
    public bool Append(EventRecord record)
    {
        lock (gate)
        {
            if (!known.Add(record)) return false;
            live.Counters.Add(record);
            xids.Add(record);
            Enqueue(new EventEntry(record));
        }
        Interlocked.Increment(ref appended);
        wake.Set();
        return true;
    }

    /// <inheritdoc/>
    public void Append(SourceCursor cursor) => Put(new CursorEntry(cursor.Source, cursor.Value));

    /// <inheritdoc/>
    public void AppendState(string name, JsonElement state) => Put(new StateEntry(name, state.Clone()));

    /// <inheritdoc/>
    public void CountAnomaly(string rule, GpuReference? gpu) => Put(new CountEntry([new Count(EventCounters.Anomalies, EventCounters.Subject(gpu), rule, 1)]));

    /// <inheritdoc/>
    public void Settle(ulong sequence)
    {
        lock (gate)
            while (waiting.TryPeek(out var oldest) && oldest <= sequence) waiting.Dequeue();
        Put(new DeliveredEntry(sequence));
    }

    /// <inheritdoc/>
    public string? Cursor(string source)
    {
        lock (gate) return live.Cursor(source);
    }

    /// <inheritdoc/>
    public JsonElement? State(string name)
    {
        lock (gate) return live.State(name);
    }

    /// <inheritdoc/>
    public IReadOnlyList<EventRecord> Recent(int atMost)
    {
        lock (gate) return known.Recent(atMost);
    }

    /// <summary>The last XID of a GPU since the start; null for none.</summary>
    internal int? LastXid(string uuid)
    {
        lock (gate) return xids.Of(uuid);
    }

    /// <summary>Reads the counters.</summary>
    internal T Counters<T>(Func<EventCounters, T> read)
    {
        lock (gate) return read(live.Counters);
    }

    /// <summary>Events that are lost, by reason, from 0 on.</summary>
    internal IReadOnlyList<(string Reason, long Count)> Dropped()
    {
        lock (gate) return [.. dropped.Select(static reason => (reason.Key, reason.Value))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<WaitingEvent> Oldest(int atMost, long bytesAtMost)
    {
        ulong from, until;
        lock (gate)
        {
            if (!waiting.TryPeek(out from)) return [];
            // Asked once: what becomes safe while records are read would be taken, and those before it that were passed over settled with it.
            until = safe;
        }
        var found = new List<WaitingEvent>();
        var bytes = 0L;
        foreach (var record in log.Read(from))
        {
            if (record.Sequence > until) break;
            if (record.Type != (byte)JournalRecordType.Event) continue;
            bytes += record.Payload.Length + 1;
            if (found.Count == atMost || (found.Count > 0 && bytes > bytesAtMost)) break;
            found.Add(new WaitingEvent(record.Sequence, record.Payload));
        }
        // What was waiting and cannot be read any more would be waited for forever.
        if (found is []) Abandon(from);
        return found;
    }

    /// <inheritdoc/>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        lock (gate) return waiting.Count > 0 ? Task.CompletedTask : arrived.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Writes what is left and closes.</summary>
    public void Dispose()
    {
        if (stopping) return;
        stopping = true;
        wake.Set();
        if (thread is null || thread.Join(EndPatience))
        {
            Write();
            log.Dispose();
        }
    }

    /// <summary>Takes a damaged stretch out of what waits.</summary>
    private void Abandon(ulong upTo)
    {
        lock (gate)
            while (waiting.TryPeek(out var oldest) && oldest <= upTo)
            {
                waiting.Dequeue();
                dropped[DiskError]++;
            }
    }

    private void Put(JournalEntry entry)
    {
        lock (gate)
        {
            live.Apply(entry);
            Enqueue(entry);
        }
        wake.Set();
    }

    private void Enqueue(JournalEntry entry) => GiveUp(backlog.Add(entry));
}

/// <summary>What a log tells the journal.</summary>
internal sealed record JournalCallbacks(Action<IRecordLog> SegmentStarted, Action<ulong, RetentionReason> Deleted, Action<SegmentDamage> Damaged);
