using System.Globalization;
using System.Text;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>
/// The configuration that a process gets: lines of key and value. PyTorch's parser drops a whole request for one bad line and says so
/// nowhere but in the job's own log, so every value is looked at here first.
/// </summary>
internal static class KinetoConfig
{
    /// <summary>Where PyTorch lets a request write, unless the job names another folder.</summary>
    internal const string UsualFolder = "/tmp";

    private const string Extension = ".json";

    // Of a path; PyTorch adds the process's number to it.
    private const int LongestPath = 1024;

    // CUPTI's buffers and the trace grow with time, and nothing ends a trace that has begun.
    private static readonly TimeSpan LongestDuration = TimeSpan.FromMinutes(5);

    /// <summary>The file's name without a folder: one a process, since numbers of processes repeat between containers.</summary>
    /// <exception cref="ArgumentException">The capture's id is no id.</exception>
    internal static string FileName(string captureId, int place) => string.Create(CultureInfo.InvariantCulture, $"{FilePrefix(captureId)}{place}{Extension}");

    /// <summary>How every file of a capture begins.</summary>
    /// <exception cref="ArgumentException">The capture's id is no id.</exception>
    internal static string FilePrefix(string captureId) =>
        captureId.Length is > 0 and <= 64 && captureId.All(char.IsAsciiLetterOrDigit) ? $"gpu-agent-{captureId}-" : throw new ArgumentException($"'{captureId}' is no id of a capture");

    /// <summary>The name that PyTorch makes of it: with the process's number in its own namespace.</summary>
    internal static string WrittenAs(string path, int ownPid) => string.Create(CultureInfo.InvariantCulture, $"{path[..^Extension.Length]}_{ownPid}{Extension}");

    /// <summary>True for a folder that can stand in a configuration; a job may name any.</summary>
    internal static bool IsFolder(string path) =>
        path is ['/', _, ..] && path.Length <= LongestPath / 2 && !path.Split('/').Any(static part => part is "." or "..") && path.All(static character => IsPlain(character) && character != ' ');

    /// <summary>The text.</summary>
    /// <param name="path">Where the trace goes: below the folder that PyTorch allows.</param>
    /// <param name="duration">How long to record.</param>
    /// <param name="start">When, the same instant for every process.</param>
    /// <param name="captureId">Stands in the trace, so that one can be told from another.</param>
    /// <exception cref="ArgumentException">A value would be read as something else, or not at all.</exception>
    internal static string Text(string path, TimeSpan duration, DateTimeOffset start, string captureId)
    {
        if (!IsFolder(path) || path.Length > LongestPath || !path.EndsWith(Extension, StringComparison.Ordinal)) throw new ArgumentException($"a trace cannot go to '{path}'");
        if (duration < TimeSpan.FromMilliseconds(1) || duration > LongestDuration) throw new ArgumentException($"a trace cannot last {duration}; 1 ms to {LongestDuration} is possible");
        if (start.ToUnixTimeMilliseconds() <= 0) throw new ArgumentException($"a trace cannot begin at {start:O}");
        _ = FilePrefix(captureId);
        var text = new StringBuilder();
        Add(text, "ACTIVITIES_LOG_FILE", path);
        Add(text, "PROFILE_START_TIME", start.ToUnixTimeMilliseconds());
        Add(text, "ACTIVITIES_DURATION_MSECS", (long)Math.Ceiling(duration.TotalMilliseconds));
        // The start lies far enough ahead; a period to warm up would only move the end of it.
        Add(text, "ACTIVITIES_WARMUP_PERIOD_SECS", 0);
        // Each of these makes every operation of the job dearer.
        Add(text, "PROFILE_REPORT_INPUT_SHAPES", "false");
        Add(text, "PROFILE_PROFILE_MEMORY", "false");
        Add(text, "PROFILE_WITH_STACK", "false");
        Add(text, "PROFILE_WITH_FLOPS", "false");
        Add(text, "PROFILE_WITH_MODULES", "false");
        Add(text, "REQUEST_TRACE_ID", captureId);
        return text.ToString();
    }

    private static void Add(StringBuilder text, string key, long value) => Add(text, key, value.ToString(CultureInfo.InvariantCulture));

    private static void Add(StringBuilder text, string key, string value)
    {
        if (value.Length == 0 || !value.All(IsPlain)) throw new ArgumentException($"'{value}' cannot be the value of {key}");
        text.Append(key).Append('=').Append(value).Append('\n');
    }

    // = ends the key, # begins a comment; what is no printable ASCII has no business in a path that two programs must read alike.
    private static bool IsPlain(char character) => character is > ' ' and < (char)127 and not '=' and not '#';
}
