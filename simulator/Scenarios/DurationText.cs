using System.Globalization;

namespace Monitoring.Simulator.Scenarios;

/// <summary>Durations as people write them: 250ms, 20s, 5m, 1h.</summary>
internal static class DurationText
{
    public const string Expected = "a duration such as 250ms, 20s, 5m or 1h, at most 1000h";

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1000);

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var (unit, seconds) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => ("ms", 0.001),
            _ when text.EndsWith('s') => ("s", 1),
            _ when text.EndsWith('m') => ("m", 60),
            _ when text.EndsWith('h') => ("h", 3600),
            _ => ("", double.NaN),
        };
        if (unit.Length == 0 || !double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
        if (number * seconds > Longest.TotalSeconds) return false;
        duration = TimeSpan.FromSeconds(number * seconds);
        return true;
    }
}
