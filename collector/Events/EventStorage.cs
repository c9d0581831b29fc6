using Monitoring.Collector.Storage;
using Monitoring.Segments;

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
    public static IRecordLog Open(string stateDirectory, EventSettings settings, TimeProvider time, ILogger<EventStore> logger)
    {
        var options = new SegmentLogOptions
        {
            MaximumBytes = settings.MaxBytes,
            MaximumAge = settings.MaxAge,
            // A sixteenth of all goes at once where room runs out; each must hold the largest event, and few enough must be read to find one.
            SegmentBytes = Math.Clamp(settings.MaxBytes / 16, 2L * settings.MaxEventBytes, 8 << 20),
            Damaged = damage => LogDamaged(logger, damage.Path, damage.Offset, damage.Reason),
        };
        var log = StateDirectoryException.Opened(Path.Combine(stateDirectory, Folder), "events", () => RecordStorage.Open(stateDirectory, Folder, options, settings.MaxMemoryBytes, time));
        if (log is SegmentLog { TornRecords: > 0 and var records }) LogTorn(logger, records);
        return log;
    }

    [LoggerMessage(EventId = 5010, Level = LogLevel.Information, Message = "{Records} unfinished records at the end of the event log were cut off; their senders give them again.")]
    private static partial void LogTorn(ILogger logger, int records);

    [LoggerMessage(EventId = 5011, Level = LogLevel.Error, Message = "The event segment {Path} is damaged at byte {Offset}: {Reason}. What stands behind it in this file is lost.")]
    private static partial void LogDamaged(ILogger logger, string path, long offset, string reason);
}
