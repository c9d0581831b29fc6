using Monitoring.Settings.Logs;

namespace Monitoring.Collector.Logs;

/// <summary>Levels of lines as documents and queries write them.</summary>
internal static class LogLevelWords
{
    /// <summary>Every level, the least first; what a form offers.</summary>
    public static IReadOnlyList<string> All { get; } = ["trace", "debug", "info", "warning", "error", "critical"];

    /// <summary>The level of a word, those of other loggers included; null for a word that is none.</summary>
    public static LogThreshold? Read(string word) => word.ToLowerInvariant() switch
    {
        "trace" or "verbose" => LogThreshold.Trace,
        "debug" => LogThreshold.Debug,
        "info" or "information" or "notice" => LogThreshold.Information,
        "warning" or "warn" => LogThreshold.Warning,
        "error" or "err" => LogThreshold.Error,
        "critical" or "crit" or "fatal" => LogThreshold.Critical,
        _ => null,
    };
}
