using System.Globalization;

namespace Monitoring.Contracts.Captures;

/// <summary>Numbers of summaries as people read them; the same in every culture.</summary>
public static class SummaryNumbers
{
    private static readonly string[] ByteUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>A part of one: 41 %, 4.1 %, 0.41 %.</summary>
    public static string Percent(double ratio)
    {
        var percent = ratio * 100;
        var format = Math.Abs(percent) switch { 0 => "0", >= 9.95 => "0", >= 0.995 => "0.0", _ => "0.00" };
        return percent.ToString(format, CultureInfo.InvariantCulture) + " %";
    }

    /// <summary>A time: 1.20 s, 45.6 ms, 7.89 us, 12 ns.</summary>
    public static string Seconds(double seconds) => Math.Abs(seconds) switch
    {
        0 => "0 s",
        >= 0.9995 => Digits(seconds) + " s",
        >= 0.9995e-3 => Digits(seconds * 1e3) + " ms",
        >= 0.9995e-6 => Digits(seconds * 1e6) + " us",
        _ => Digits(seconds * 1e9) + " ns",
    };

    /// <summary>Bytes by thousands: 1.20 GB.</summary>
    public static string Bytes(double bytes)
    {
        var unit = 0;
        for (; Math.Abs(bytes) >= 999.5 && unit < ByteUnits.Length - 1; unit++) bytes /= 1000;
        return (unit == 0 ? bytes.ToString("0", CultureInfo.InvariantCulture) : Digits(bytes)) + " " + ByteUnits[unit];
    }

    /// <summary>A count with its thousands apart: 1,312.</summary>
    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A number of no unit or one that is named beside it.</summary>
    public static string Plain(double value) => Math.Abs(value) >= 1000 ? value.ToString("#,0", CultureInfo.InvariantCulture) : Digits(value);

    /// <summary>Three digits that count.</summary>
    private static string Digits(double value) => value.ToString(Math.Abs(value) switch { 0 => "0", >= 99.95 => "0", >= 9.995 => "0.0", >= 0.00995 => "0.00", _ => "0.0000" }, CultureInfo.InvariantCulture);
}
