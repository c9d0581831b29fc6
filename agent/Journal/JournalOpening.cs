using Monitoring.Agent.Detection;
using Monitoring.Segments;

namespace Monitoring.Agent.Journal;

/// <summary>Opens the journal where it can be kept, and in memory where it cannot: monitoring goes on without a disk.</summary>
internal static partial class JournalOpening
{
    private const string Folder = "journal";
    private const long MemoryBytes = 8 << 20;

    /// <summary>Opens the journal.</summary>
    /// <param name="stateDirectory">The directory for what must outlive a restart; empty for none.</param>
    /// <param name="isShipped">True where a collector is to get the events.</param>
    internal static EventJournal Open(JournalSettings settings, string stateDirectory, NodeIdentity identity, bool isShipped, TimeProvider time, ILogger<EventJournal> logger)
    {
        if (stateDirectory.Length == 0)
        {
            LogNoDirectory(logger);
            return InMemory("events are kept in memory only: no state_directory is set", identity, isShipped, time, logger);
        }
        try
        {
            var journal = new EventJournal(calls => OnDisk(settings, Path.Combine(stateDirectory, Folder), calls, time), identity, isShipped, time, logger);
            if (journal.TornRecords > 0) LogTorn(logger, stateDirectory, journal.TornRecords);
            return journal;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogNotOpened(logger, stateDirectory, fault.Message);
            return InMemory($"events are kept in memory only: {fault.Message}", identity, isShipped, time, logger);
        }
    }

    private static SegmentLog OnDisk(JournalSettings settings, string directory, JournalCallbacks calls, TimeProvider time) => SegmentLog.Open(directory, new SegmentLogOptions
    {
        MaximumBytes = settings.MaximumBytes,
        MaximumAge = settings.MaximumAge,
        SegmentStarted = calls.SegmentStarted,
        SegmentDeleted = deleted => calls.Deleted(deleted.EndSequence, deleted.Reason),
        Damaged = calls.Damaged,
    }, time);

    private static EventJournal InMemory(string trouble, NodeIdentity identity, bool isShipped, TimeProvider time, ILogger<EventJournal> logger) =>
        new(calls => new MemoryLog(MemoryBytes, end => calls.Deleted(end, RetentionReason.Bytes)), identity, isShipped, time, logger) { Trouble = trouble };

    [LoggerMessage(EventId = 2010, Level = LogLevel.Warning, Message = "No state_directory is set, and systemd names none: events and counters are kept in memory only and are lost when the agent ends.")]
    private static partial void LogNoDirectory(ILogger logger);

    [LoggerMessage(EventId = 2011, Level = LogLevel.Error, Message = "The journal in {Directory} cannot be opened: {Reason} Events are kept in memory only. Make the directory writable for the agent, or set state_directory to another one; then restart.")]
    private static partial void LogNotOpened(ILogger logger, string directory, string reason);

    [LoggerMessage(EventId = 2012, Level = LogLevel.Information, Message = "The journal in {Directory} was cut off in the middle of {Count} record, as a sudden end leaves it; everything before is there.")]
    private static partial void LogTorn(ILogger logger, string directory, int count);
}
