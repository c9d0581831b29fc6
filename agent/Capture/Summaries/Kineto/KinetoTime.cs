using System.Buffers.Text;

namespace Monitoring.Agent.Capture.Summaries.Kineto;

/// <summary>
/// Times of a trace are microseconds with three decimals, or from 1970 on: a double holds neither to the nanosecond, so the digits are read.
/// </summary>
internal static class KinetoTime
{
    /// <summary>Microseconds beyond this are no time: two centuries.</summary>
    private const long MicrosecondsAtMost = 200L * 366 * 24 * 3600 * 1_000_000;

    /// <summary>The number in nanoseconds; null where it is no time.</summary>
    internal static long? Nanoseconds(ReadOnlySpan<byte> number)
    {
        var point = number.IndexOf((byte)'.');
        var whole = point < 0 ? number : number[..point];
        if (Utf8Parser.TryParse(whole, out long microseconds, out var length) && length == whole.Length)
        {
            if (Math.Abs(microseconds) > MicrosecondsAtMost) return null;
            if (point < 0) return microseconds * 1000;
            var decimals = number[(point + 1)..];
            if (decimals.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
            {
                var thousandths = 0;
                for (var index = 0; index < 3; index++) thousandths = (thousandths * 10) + (index < decimals.Length ? decimals[index] - '0' : 0);
                return (microseconds * 1000) + (number[0] == '-' ? -thousandths : thousandths);
            }
        }
        // With an exponent.
        return Utf8Parser.TryParse(number, out double value, out length) && length == number.Length && Math.Abs(value) <= MicrosecondsAtMost ? (long)(value * 1000) : null;
    }
}
