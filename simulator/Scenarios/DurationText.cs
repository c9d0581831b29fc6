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
        double? unit = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => 0.001,
            _ when text.EndsWith('s') => 1,
            _ when text.EndsWith('m') => 60,
            _ when text.EndsWith('h') => 3600,
            _ => null,
        };
        var digits = text.TrimEnd('m', 's', 'h');
        if (unit is not { } seconds || digits.Length < text.Length - 2 || !double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
        if (number * seconds > Longest.TotalSeconds) return false;
        duration = TimeSpan.FromSeconds(number * seconds);
        return true;
    }
}
