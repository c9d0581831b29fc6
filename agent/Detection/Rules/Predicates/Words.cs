using System.Globalization;

namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>Numbers and times as people read them.</summary>
internal static class Words
{
    private const long NanosecondsPerTick = 100;

    /// <summary>Up to four digits after the point; the exponent where that says nothing.</summary>
    internal static string Number(double value) => double.IsNaN(value) ? "unknown"
        : value != 0 && (Math.Abs(value) < 1e-3 || Math.Abs(value) >= 1e15) ? value.ToString("G4", CultureInfo.InvariantCulture)
        : value.ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>A share in percent.</summary>
    internal static string Percent(double share) => $"{Number(share * 100)} %";

    /// <summary>A duration as settings write it: <c>1h30m</c>, <c>10s</c>, <c>250ms</c>.</summary>
    internal static string Duration(TimeSpan time)
    {
        if (time < TimeSpan.FromSeconds(1)) return time == TimeSpan.Zero ? "0s" : $"{Number(time.TotalMilliseconds)}ms";
        var (days, hours, minutes) = (time.Days, time.Hours, time.Minutes);
        var seconds = time.TotalSeconds % 60;
        // What a person compares with hours needs no fractions of a second.
        if (time >= TimeSpan.FromMinutes(1)) seconds = Math.Floor(seconds);
        return string.Concat(
            days > 0 ? $"{days.ToString(CultureInfo.InvariantCulture)}d" : "",
            hours > 0 ? $"{hours.ToString(CultureInfo.InvariantCulture)}h" : "",
            minutes > 0 ? $"{minutes.ToString(CultureInfo.InvariantCulture)}m" : "",
            seconds > 0 ? $"{seconds.ToString("0.###", CultureInfo.InvariantCulture)}s" : "");
    }

    /// <summary>A duration in nanoseconds.</summary>
    internal static string Duration(long nanoseconds) => Duration(TimeSpan.FromTicks(nanoseconds / NanosecondsPerTick));

    /// <summary>A duration in nanoseconds, as the engine counts.</summary>
    internal static long Nanoseconds(TimeSpan time) => time.Ticks > long.MaxValue / NanosecondsPerTick ? long.MaxValue / 4 : time.Ticks * NanosecondsPerTick;
}
