using Monitoring.Agent.Detection;
using Monitoring.Contracts.Events;
using Monitoring.Segments;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Agent.Journal;

/// <summary>The writer's part of the journal: one thread's own but for what the gate guards.</summary>
internal sealed partial class EventJournal
{
    // Reasons for a loss, values of a label.
    internal const string DiskFull = "disk_full";
    internal const string DiskError = "disk_error";
    internal const string QueueFull = "queue_full";
    internal const string TooLarge = "too_large";
    internal const string Malformed = "malformed";
    internal const string RetentionBytes = "retention_bytes";
    internal const string RetentionAge = "retention_age";

    // The collector takes 64 KiB an event by default.
    private const int EventBytesAtMost = 60 << 10;
    private const int NoSpaceLeft = 28; // ENOSPC
    private const int QuotaExceeded = 122; // EDQUOT

    private readonly bool isShipped;
    private readonly IRecordLog log;
    private JournalState written = new(); // with everything that is in the log
    private JournalState flushed = new(); // with everything that is safe
    private ulong safe;
    private long lastTry;
    private long lastRetain;
    private bool isFailing;
    private bool saysUnsent;
    private DateTimeOffset failingSince;
    private string failingReason = DiskError;
    private long lostWhileFailing;

    /// <summary>Writes everything that waits and makes it safe; what cannot be written stays for the next time.</summary>
    internal void Write()
    {
        JournalEntry[] entries;
        lock (gate) entries = backlog.Take();
        if (entries is []) return;
        lastTry = time.GetTimestamp();
        var done = 0;
        var events = new List<ulong>();
        try
        {
            for (; done < entries.Length; done++) WriteOne(entries[done], events);
            Safe(events);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // What was appended before the fault may still be made safe; what was not stands at the head of the queue again.
            var kept = done < entries.Length && TryFlush(events) ? done : 0;
            if (kept == 0) written = flushed.Clone();
            lock (gate) GiveUp(backlog.PutBack(entries[kept..]));
            Fails(fault);
            return;
        }
        catch (Exception) when (done < entries.Length)
        {
            // A fault of the agent's own: one entry must not take those around it along, and what is lost is counted.
            GiveUp(entries[done], Malformed);
            _ = TryFlush(events);
            lock (gate) GiveUp(backlog.PutBack(entries[(done + 1)..]));
            throw;
        }
        Works();
    }

    private void Run()
    {
        while (!stopping)
        {
            wake.Wait(LookInterval);
            if (isFailing && time.GetElapsedTime(lastTry) < RetryInterval) continue;
            try
            {
                Write();
                if (time.GetElapsedTime(lastRetain) < RetainInterval) continue;
                lastRetain = time.GetTimestamp();
                log.Retain();
            }
            catch (Exception fault)
            {
                // The journal must outlive a fault of its own.
                LogFault(fault);
            }
        }
    }

    private void WriteOne(JournalEntry entry, List<ulong> events)
    {
        if (Payload(entry) is not var (type, payload)) return;
        ulong sequence;
        try
        {
            sequence = log.Append((byte)type, payload);
        }
        catch (ArgumentException fault)
        {
            LogTooLarge(type, fault.Message);
            GiveUp(entry, TooLarge);
            return;
        }
        written.Apply(entry);
        if (type == JournalRecordType.Event) events.Add(sequence);
    }

    /// <summary>An entry as it lies on disk; null for one that cannot be written down, which must not take those around it along.</summary>
    private (JournalRecordType Type, byte[] Payload)? Payload(JournalEntry entry)
    {
        try
        {
            var written = JournalJson.Write(entry);
            return entry is EventEntry { Record: var record } && written.Payload.Length > EventBytesAtMost
                ? JournalJson.Write(new EventEntry(record with { Evidence = new EventEvidence { Sources = record.Evidence.Sources }, Unknown = null }))
                : written;
        }
        catch (Exception fault)
        {
            LogMalformed(entry.GetType().Name, fault);
            GiveUp(entry, Malformed);
            return null;
        }
    }

    private void GiveUp(JournalEntry entry, string reason)
    {
        if (entry is not EventEntry) return;
        lock (gate) dropped[reason]++;
    }

    private bool TryFlush(List<ulong> events)
    {
        try
        {
            Safe(events);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The caller has a fault to report already.
            return false;
        }
    }

    private void Safe(List<ulong> events)
    {
        log.Flush();
        flushed = written.Clone();
        TaskCompletionSource? told = null;
        lock (gate)
        {
            safe = log.NextSequence - 1;
            foreach (var sequence in events) waiting.Enqueue(sequence);
            if (waiting.Count > 0) (told, arrived) = (arrived, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        told?.TrySetResult();
    }

    private void Fails(Exception fault)
    {
        failingReason = (fault.HResult & 0xFFFF) is NoSpaceLeft or QuotaExceeded ? DiskFull : DiskError;
        Trouble = $"events cannot be written: {fault.Message}";
        if (isFailing) return;
        isFailing = true;
        failingSince = time.GetUtcNow();
        LogFails(fault.Message);
    }

    private void Works()
    {
        if (!isFailing) return;
        isFailing = false;
        Trouble = "";
        long lost;
        lock (gate) (lost, lostWhileFailing) = (lostWhileFailing, 0);
        LogWorks(lost);
        if (lost == 0) return;
        var since = failingSince.ToString("u", System.Globalization.CultureInfo.InvariantCulture);
        Append(new EventRecord
        {
            Id = EventId.Of("journal-gap", identity.Node, identity.BootId, since),
            Time = time.GetUtcNow(), BootId = identity.BootId, Cluster = identity.Cluster, Node = identity.Node,
            Kind = EventKinds.Gap, Severity = EventSeverity.Warning,
            Title = $"{lost} events were lost: the journal could not be written since {since} ({failingReason})",
            Evidence = new EventEvidence { Sources = [OwnEvents.Journal], Values = [new EventValue("gpu_sink_events_dropped_total", lost)] },
            SuggestedAction = "Free or repair the disk of the agent's state directory.",
        });
    }

    /// <summary>Counts events that the queue had no room for; called inside the gate.</summary>
    private void GiveUp(IReadOnlyList<EventRecord> lost)
    {
        if (lost is []) return;
        dropped[isFailing ? failingReason : QueueFull] += lost.Count;
        lostWhileFailing += lost.Count;
    }

    private void Announce(IRecordLog into)
    {
        foreach (var entry in written.Snapshot())
        {
            var (type, payload) = JournalJson.Write(entry);
            try
            {
                into.Append((byte)type, payload);
            }
            catch (ArgumentException fault)
            {
                // Kept by a journal of larger segments. Without it a part begins anew; nothing at all could be written else.
                LogTooLarge(type, fault.Message);
            }
        }
    }

    private void Deleted(ulong end, RetentionReason reason)
    {
        var unsent = 0;
        lock (gate)
        {
            while (waiting.TryPeek(out var oldest) && oldest < end)
            {
                waiting.Dequeue();
                unsent++;
            }
            if (!isShipped || unsent == 0) return;
            dropped[reason == RetentionReason.Bytes ? RetentionBytes : RetentionAge] += unsent;
        }
        if (!saysUnsent) LogUnsent(unsent, reason);
        saysUnsent = true;
    }

    /// <summary>Takes up what the log holds.</summary>
    private void Replay()
    {
        foreach (var record in log.Read())
        {
            try
            {
                if (JournalJson.Read(record.Type, record.Payload.Span) is not { } entry) continue;
                if (entry is EventEntry { Record: var known })
                {
                    // Where the disk failed an event stands twice; between the two, a snapshot of the counters without it.
                    if (this.known.Add(known)) waiting.Enqueue(record.Sequence);
                }
                live.Apply(entry);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // Of another version: one record must not keep the agent from starting.
                LogUnreadable(record.Sequence, fault.Message);
            }
        }
        while (waiting.TryPeek(out var oldest) && oldest <= live.Delivered) waiting.Dequeue();
        written = live.Clone();
        flushed = live.Clone();
        safe = log.NextSequence - 1;
        lastRetain = time.GetTimestamp();
        // The newest segment may lack a snapshot: the process may have died while it was begun.
        foreach (var entry in live.Snapshot()) backlog.Add(entry);
    }

    [LoggerMessage(EventId = 2000, Level = LogLevel.Error, Message = "The journal cannot be written: {Reason}. Sampling and detection go on; events wait in memory, the critical ones longest.")]
    private partial void LogFails(string reason);

    [LoggerMessage(EventId = 2001, Level = LogLevel.Information, Message = "The journal can be written again; {Lost} events were lost meanwhile.")]
    private partial void LogWorks(long lost);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Error, Message = "{Path} is damaged at byte {Offset}: {Reason}. What follows in this file is lost; later files are not.")]
    private partial void LogDamage(string path, long offset, string reason);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Warning, Message = "{Count} events were deleted before the collector had them: the journal is over its limit of {Limit}. Further ones are only counted.")]
    private partial void LogUnsent(int count, RetentionReason limit);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Warning, Message = "A {Type} is too large for the journal and was left out: {Reason}")]
    private partial void LogTooLarge(JournalRecordType type, string reason);

    [LoggerMessage(EventId = 2005, Level = LogLevel.Warning, Message = "Record {Sequence} of the journal cannot be understood and was passed over: {Reason}")]
    private partial void LogUnreadable(ulong sequence, string reason);

    [LoggerMessage(EventId = 2007, Level = LogLevel.Error, Message = "A {Entry} cannot be written into the journal and was left out.")]
    private partial void LogMalformed(string entry, Exception fault);

    [LoggerMessage(EventId = 2006, Level = LogLevel.Critical, Message = "A fault of the journal's own; it goes on.")]
    private partial void LogFault(Exception fault);
}
