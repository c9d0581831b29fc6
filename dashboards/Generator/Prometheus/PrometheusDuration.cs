using System.Globalization;
using System.Text.RegularExpressions;

namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>Durations as Prometheus writes them, of one unit: <c>15m</c>.</summary>
internal static partial class PrometheusDuration
{
    /// <summary>The duration, or null where the text is none.</summary>
    internal static TimeSpan? Parse(string text)
    {
        if (Form().Match(text) is not { Success: true } match) return null;
        var number = int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
        return match.Groups["unit"].Value switch
        {
            "s" => TimeSpan.FromSeconds(number),
            "m" => TimeSpan.FromMinutes(number),
            "h" => TimeSpan.FromHours(number),
            _ => TimeSpan.FromDays(number),
        };
    }

    // Four digits are enough for a year in hours, and cannot overflow.
    [GeneratedRegex("^(?<number>[0-9]{1,4})(?<unit>[smhd])$")]
    private static partial Regex Form();
}
