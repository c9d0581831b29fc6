using Monitoring.Collector.Storage;
using Monitoring.Segments;

namespace Monitoring.Collector.Logs;

/// <summary>Opens the place where log lines lie.</summary>
internal static partial class LogStorage
{
    private const string Folder = "logs";

    // The oldest go by whole files; many small ones leave much to choose from and little to read for one line.
    private const int SegmentsOfLog = 64;
    private const long LeastSegmentBytes = 128 << 10;
    private const long LargestSegmentBytes = 16 << 20;

    /// <summary>The log in the state directory, or in memory where there is none.</summary>
    /// <param name="stateDirectory">The state directory; empty for none.</param>
    /// <param name="settings">Limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of damaged parts.</param>
    /// <exception cref="StateDirectoryException">The state directory cannot be used.</exception>
    public static IRecordLog Open(string stateDirectory, LogStoreSettings settings, TimeProvider time, ILogger<LogStore> logger)
    {
        var options = new SegmentLogOptions
        {
            MaximumBytes = settings.MaxBytes,
            MaximumAge = settings.MaxAge,
            SegmentBytes = Math.Clamp(settings.MaxBytes / SegmentsOfLog, LeastSegmentBytes, LargestSegmentBytes),
            Damaged = damage => LogDamaged(logger, damage.Path, damage.Offset, damage.Reason),
        };
        return StateDirectoryException.Opened(stateDirectory, "log lines", () => RecordStorage.Open(stateDirectory, Folder, options, settings.MaxMemoryBytes, time));
    }

    [LoggerMessage(EventId = 5360, Level = LogLevel.Error, Message = "The segment {Path} of log lines is damaged at byte {Offset}: {Reason}. What stands behind it in this file is lost.")]
    private static partial void LogDamaged(ILogger logger, string path, long offset, string reason);
}
