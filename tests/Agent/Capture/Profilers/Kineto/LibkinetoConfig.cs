using System.Globalization;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

/// <summary>A configuration as PyTorch's profiler reads it, by its rules and stricter in one: an unknown key is a mistake too.</summary>
internal sealed record LibkinetoConfig(IReadOnlyDictionary<string, string> Values)
{
    private static readonly string[] Numbers = ["PROFILE_START_TIME", "ACTIVITIES_DURATION_MSECS", "ACTIVITIES_WARMUP_PERIOD_SECS", "PROFILE_START_ITERATION", "PROFILE_START_ITERATION_ROUNDUP", "ACTIVITIES_ITERATIONS"];
    private static readonly string[] Switches = ["PROFILE_REPORT_INPUT_SHAPES", "PROFILE_PROFILE_MEMORY", "PROFILE_WITH_STACK", "PROFILE_WITH_FLOPS", "PROFILE_WITH_MODULES"];
    private static readonly string[] Words = ["ACTIVITIES_LOG_FILE", "REQUEST_TRACE_ID", "ACTIVITY_TYPES"];
    private static readonly string[] Truths = ["n", "y", "no", "yes", "f", "t", "false", "true", "0", "1"];

    /// <summary>Reads it; null where PyTorch would drop the whole request.</summary>
    internal static LibkinetoConfig? Parse(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var whole in text.Split('\n'))
        {
            var line = whole.Split('#')[0];
            if (string.IsNullOrWhiteSpace(line)) continue;
            var parts = line.Split('=');
            if (parts.Length != 2) return null;
            var (key, value) = (parts[0].Trim(), parts[1].Trim());
            var isRight = Numbers.Contains(key) ? long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _)
                : Switches.Contains(key) ? Truths.Contains(value.ToLowerInvariant())
                : Words.Contains(key) && value.Length > 0;
            if (!isRight || !values.TryAdd(key, value)) return null;
        }
        return new LibkinetoConfig(values);
    }

    internal string Path => Values["ACTIVITIES_LOG_FILE"];

    internal DateTimeOffset Start => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(Values["PROFILE_START_TIME"], CultureInfo.InvariantCulture));

    internal TimeSpan Duration => TimeSpan.FromMilliseconds(long.Parse(Values["ACTIVITIES_DURATION_MSECS"], CultureInfo.InvariantCulture));

    /// <summary>True for a place where PyTorch since June 2026 writes on demand.</summary>
    internal bool IsAllowedPath => Path.StartsWith("/tmp/", StringComparison.Ordinal) && !Path.Contains("..", StringComparison.Ordinal);
}
