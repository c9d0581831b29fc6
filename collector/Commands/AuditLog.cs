using System.Text.Json;
using Monitoring.Contracts.Commands;
using Monitoring.Segments;

namespace Monitoring.Collector.Commands;

/// <summary>
/// What was asked of captures and what became of it, for good: a log that is only ever appended to, bounded by bytes and age. Without a
/// state directory the last entries are kept in memory.
/// </summary>
internal sealed partial class AuditLog : IDisposable
{
    /// <summary>The largest page.</summary>
    public const int MostEntries = 1000;

    private const byte EntryType = 1;
    private const string Folder = "audit";

    // About a megabyte; a collector without a disk has no audit worth the name.
    private const int InMemoryAtMost = 2000;

    // Read backwards in pieces, since a log is read forwards.
    private const int PieceEntries = 2000;

    private readonly ILogger<AuditLog> logger;
    private readonly Lock gate = new();
    private readonly SegmentLog? log;
    private readonly Queue<(ulong Sequence, AuditEntry Entry)> memory = new();
    private ulong nextInMemory = 1;
    private bool isFailing;

    private AuditLog(SegmentLog? log, ILogger<AuditLog> logger) => (this.log, this.logger) = (log, logger);

    /// <summary>Entries written since the start.</summary>
    public long Written { get; private set; }

    /// <summary>Entries that could not be written.</summary>
    public long Failures { get; private set; }

    /// <summary>Number of the oldest entry that is kept; that of the next one where there is none.</summary>
    public ulong FirstSequence
    {
        get
        {
            lock (gate) return log?.FirstSequence ?? nextInMemory - (ulong)memory.Count;
        }
    }

    /// <summary>The number that the next entry gets.</summary>
    public ulong NextSequence
    {
        get
        {
            lock (gate) return log?.NextSequence ?? nextInMemory;
        }
    }

    /// <summary>Called when an entry was added, for those who read along; it must be quick and not throw.</summary>
    public event Action? Added;

    /// <summary>Opens the audit of a state directory.</summary>
    /// <exception cref="IOException">It is in use or cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read or written.</exception>
    public static AuditLog Open(string stateDirectory, CommandSettings settings, TimeProvider time, ILogger<AuditLog> logger) => new(
        stateDirectory.Length == 0 ? null : SegmentLog.Open(
            Path.Combine(stateDirectory, Folder),
            new SegmentLogOptions { MaximumBytes = settings.MaxAuditBytes, MaximumAge = settings.MaxAuditAge, Damaged = damage => LogDamaged(logger, damage.Path, damage.Offset, damage.Reason) },
            time),
        logger);

    /// <summary>Adds an entry. A full disk does not keep captures from being taken; what is not audited is counted and logged.</summary>
    public void Append(AuditEntry entry)
    {
        lock (gate)
        {
            Written++;
            if (log is null)
            {
                memory.Enqueue((nextInMemory++, entry));
                if (memory.Count > InMemoryAtMost) memory.Dequeue();
            }
            else
            {
                Guarded(() => log.Append(EntryType, JsonSerializer.SerializeToUtf8Bytes(entry, OrderJson.Default.AuditEntry)), entry.Words);
            }
        }
        Added?.Invoke();
    }

    /// <summary>The entries from a number on, oldest first; null for one that this version cannot read.</summary>
    public IEnumerable<(ulong Sequence, AuditEntry? Entry)> Read(ulong from)
    {
        if (log is not null) return log.Read(from).Where(static record => record.Type == EntryType).Select(static record => (record.Sequence, Read(record.Payload.Span)));
        lock (gate) return [.. memory.Where(one => one.Sequence >= from)];
    }

    /// <summary>Puts what was added on disk.</summary>
    public void Flush()
    {
        lock (gate)
            if (log is not null) Guarded(log.Flush, "");
    }

    /// <summary>Puts what was added on disk and deletes what is too old.</summary>
    public void Sweep()
    {
        lock (gate)
        {
            if (log is null) return;
            Guarded(log.Flush, "");
            Guarded(log.Retain, "");
        }
    }

    /// <summary>The newest entries that are wanted, newest first.</summary>
    /// <param name="before">Only those with a lower number; null for all.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="isWanted">Says which.</param>
    public AuditPage Query(ulong? before, int limit, Predicate<AuditEntry> isWanted, CancellationToken cancellationToken)
    {
        var found = new List<AuditEntry>();
        foreach (var (sequence, entry) in Backwards(before ?? ulong.MaxValue))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!isWanted(entry)) continue;
            found.Add(entry);
            if (found.Count == limit) return new AuditPage(found, sequence.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        return new AuditPage(found, null);
    }

    /// <inheritdoc/>
    public void Dispose() => log?.Dispose();

    private IEnumerable<(ulong Sequence, AuditEntry Entry)> Backwards(ulong before)
    {
        if (log is null)
        {
            (ulong Sequence, AuditEntry Entry)[] kept;
            lock (gate) kept = [.. memory];
            foreach (var one in kept.Where(one => one.Sequence < before).Reverse()) yield return one;
            yield break;
        }

        ulong end, first;
        lock (gate) (end, first) = (Math.Min(before, log.NextSequence), log.FirstSequence);
        while (end > first)
        {
            var start = end - first > PieceEntries ? end - PieceEntries : first;
            var piece = log.Read(start).TakeWhile(record => record.Sequence < end).Where(static record => record.Type == EntryType).ToArray();
            foreach (var record in piece.Reverse())
                if (Read(record.Payload.Span) is { } entry) yield return (record.Sequence, entry);
            end = start;
        }
    }

    private static AuditEntry? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, OrderJson.Readable.AuditEntry);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Guarded(Action write, string words)
    {
        try
        {
            write();
            isFailing = false;
        }
        catch (Exception fault) when (fault is IOException or ArgumentException or UnauthorizedAccessException)
        {
            Failures++;
            if (!isFailing) LogFailing(fault.Message, words);
            isFailing = true;
        }
    }

    [LoggerMessage(EventId = 5153, Level = LogLevel.Error, Message = "The audit of captures cannot be written: {Fault}. Captures go on; what is asked meanwhile is not audited, at first: {Words}")]
    private partial void LogFailing(string fault, string words);

    [LoggerMessage(EventId = 5154, Level = LogLevel.Error, Message = "The audit segment {Path} is damaged at byte {Offset}: {Reason}.")]
    private static partial void LogDamaged(ILogger logger, string path, long offset, string reason);
}
