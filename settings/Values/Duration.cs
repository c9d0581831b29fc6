using System.Globalization;
using System.Text;

namespace Monitoring.Settings.Values;

/// <summary>Lengths of time as people write them: <c>100ms</c>, <c>1s</c>, <c>1m30s</c>, <c>1d</c>.</summary>
public static class Duration
{
    private static readonly (string Unit, long Ticks)[] Units =
    [
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
        ("us", TimeSpan.TicksPerMicrosecond),
    ];

    /// <summary>Reads numbers with units, largest unit first and each at most once; a bare <c>0</c> needs no unit.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text is "0")
            return true;
        if (text.IsEmpty)
            return false;

        var ticks = 0m;
        var next = 0;
        while (!text.IsEmpty)
        {
            if (!TryReadPart(ref text, ref next, out var part))
                return false;
            ticks += part;
            if (ticks > TimeSpan.MaxValue.Ticks)
                return false;
        }

        duration = new TimeSpan((long)ticks);
        return true;
    }

    /// <summary>The shortest text that <see cref="TryParse"/> reads back to the same value; a negative value gets a sign, which no setting accepts.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
            return "0s";
        var text = new StringBuilder();
        var rest = (decimal)duration.Ticks;
        if (rest < 0)
        {
            text.Append('-');
            rest = -rest;
        }

        foreach (var (unit, ticks) in Units)
        {
            // The last unit takes what is left, with a fraction: a tick is 0.1us.
            var count = unit == "us" ? rest / ticks : decimal.Truncate(rest / ticks);
            if (count == 0)
                continue;
            text.Append(CultureInfo.InvariantCulture, $"{count:0.#}{unit}");
            rest -= count * ticks;
        }

        return text.ToString();
    }

    private static bool TryReadPart(ref ReadOnlySpan<char> text, ref int next, out decimal ticks)
    {
        ticks = 0;
        var digits = Digits(text);
        if (digits > 0 && digits < text.Length && text[digits] == '.')
            digits += 1 + Digits(text[(digits + 1)..]);
        if (digits == 0 || !decimal.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return false;

        text = text[digits..];
        var letters = text.IndexOfAnyExceptInRange('a', 'z') is var stop and >= 0 ? stop : text.Length;
        for (; next < Units.Length; next++)
        {
            if (!text[..letters].SequenceEqual(Units[next].Unit))
                continue;
            // A number beyond this is no length of time that a TimeSpan holds, and the multiplication could overflow.
            if (number > (decimal)TimeSpan.MaxValue.Ticks / Units[next].Ticks)
                return false;
            ticks = number * Units[next].Ticks;
            next++;
            text = text[letters..];
            // Less than a tick would be lost without a word.
            return ticks == decimal.Truncate(ticks);
        }

        return false;
    }

    private static int Digits(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end : text.Length;
}
