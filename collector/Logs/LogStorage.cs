using Monitoring.Segments;

namespace Monitoring.Collector.Logs;

/// <summary>The place where log lines lie: on disk, or in memory.</summary>
/// <param name="log">The lines.</param>
/// <param name="firstSequence">Tells the place of the oldest line that is kept.</param>
internal sealed partial class LogStorage(IRecordLog log, Func<ulong> firstSequence)
{
    private const string Folder = "logs";

    // The oldest go by whole files; many small ones leave much to choose from and little to read for one line.
    private const int SegmentsOfLog = 64;
    private const long LeastSegmentBytes = 128 << 10;
    private const long LargestSegmentBytes = 16 << 20;

    /// <summary>The lines.</summary>
    public IRecordLog Log => log;

    /// <summary>Place of the oldest line that is kept.</summary>
    public ulong FirstSequence => firstSequence();

    /// <summary>The log in the state directory, or in memory where there is none.</summary>
    /// <param name="stateDirectory">The state directory; empty for none.</param>
    /// <param name="settings">Limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of damaged parts.</param>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be used.</exception>
    public static LogStorage Open(string stateDirectory, LogStoreSettings settings, TimeProvider time, ILogger<LogStore> logger)
    {
        if (stateDirectory.Length == 0)
        {
            var memory = new MemoryLineLog(settings.MaxMemoryBytes);
            return new LogStorage(memory, () => memory.FirstSequence);
        }

        var log = SegmentLog.Open(
            Path.Combine(stateDirectory, Folder),
            new SegmentLogOptions
            {
                MaximumBytes = settings.MaxBytes,
                MaximumAge = settings.MaxAge,
                SegmentBytes = Math.Clamp(settings.MaxBytes / SegmentsOfLog, LeastSegmentBytes, LargestSegmentBytes),
                Damaged = damage => LogDamaged(logger, damage.Path, damage.Offset, damage.Reason),
            },
            time);
        return new LogStorage(log, () => log.FirstSequence);
    }

    [LoggerMessage(EventId = 5360, Level = LogLevel.Error, Message = "The segment {Path} of log lines is damaged at byte {Offset}: {Reason}. What stands behind it in this file is lost.")]
    private static partial void LogDamaged(ILogger logger, string path, long offset, string reason);
}
