namespace Monitoring.Collector.Events;

/// <summary>Opens the place where events lie.</summary>
internal static partial class EventStorage
{
    private const string Folder = "events";

    /// <summary>The log in the state directory, or in memory where there is none.</summary>
    /// <param name="stateDirectory">The state directory; empty for none.</param>
    /// <param name="settings">Limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of torn and damaged parts.</param>
    /// <exception cref="StateDirectoryException">The state directory cannot be used.</exception>
    public static IEventLog Open(string stateDirectory, EventSettings settings, TimeProvider time, ILogger<EventStore> logger)
    {
        if (stateDirectory.Length == 0) return new MemoryEventLog(settings.MaxMemoryBytes);
        var directory = Path.Combine(stateDirectory, Folder);
        try
        {
            var log = SegmentEventLog.Open(directory, settings, time, damage => LogDamaged(logger, damage.Path, damage.Offset, damage.Reason));
            if (log.TornRecords > 0) LogTorn(logger, log.TornRecords);
            return log;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StateDirectoryException($"cannot keep events in {directory}: {exception.Message}. Make it writable for this user, end the other collector that uses it, or set another state_directory.", exception);
        }
    }

    [LoggerMessage(EventId = 5010, Level = LogLevel.Information, Message = "{Records} unfinished records at the end of the event log were cut off; their senders give them again.")]
    private static partial void LogTorn(ILogger logger, int records);

    [LoggerMessage(EventId = 5011, Level = LogLevel.Error, Message = "The event segment {Path} is damaged at byte {Offset}: {Reason}. What stands behind it in this file is lost.")]
    private static partial void LogDamaged(ILogger logger, string path, long offset, string reason);
}

/// <summary>The state directory cannot be used; the message says why and what helps.</summary>
internal sealed class StateDirectoryException(string message, Exception inner) : Exception(message, inner);
