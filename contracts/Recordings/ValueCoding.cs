namespace Monitoring.Contracts.Recordings;

/// <summary>
/// How one value of a frame is written, bit for bit: most readings are whole numbers or thousandths (watts of milliwatts, shares of a
/// per cent), whose difference to the value before is short; every other one is written as it lies in memory. The two lowest bits of the
/// first number say which.
/// </summary>
internal static class ValueCoding
{
    private const int Whole = 0;
    private const int Thousandths = 1;
    private const int Bits = 2;
    private const int Nothing = 3;
    private const double PerThousand = 1000;

    // Differences must fit beside the two bits; doubles are exact up to here.
    private const double LargestWhole = 1L << 53;

    internal static void Write(RecordBuffer buffer, double before, double value)
    {
        if (BitConverter.DoubleToInt64Bits(value) == BitConverter.DoubleToInt64Bits(double.NaN))
            buffer.Unsigned(Nothing);
        else if (TryScale(value, 1, out var whole))
            buffer.Unsigned(ZigZag(whole - Scaled(before, 1)) << 2 | Whole);
        else if (TryScale(value, PerThousand, out var thousandths))
            buffer.Unsigned(ZigZag(thousandths - Scaled(before, PerThousand)) << 2 | Thousandths);
        else
        {
            buffer.Unsigned(Bits);
            buffer.Double(value);
        }
    }

    /// <summary>False for bytes that are no value.</summary>
    internal static bool TryRead(ref RecordBytes bytes, double before, out double value)
    {
        value = double.NaN;
        if (!bytes.TryUnsigned(out var first)) return false;
        var difference = UnZigZag(first >> 2);
        switch ((int)(first & 3))
        {
            case Whole:
                value = unchecked(Scaled(before, 1) + difference);
                return true;
            case Thousandths:
                value = unchecked(Scaled(before, PerThousand) + difference) / PerThousand;
                return true;
            case Bits when first == Bits:
                return bytes.TryDouble(out value);
            default:
                return first == Nothing;
        }
    }

    internal static ulong ZigZag(long value) => (ulong)(value << 1 ^ value >> 63);

    internal static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    /// <summary>What a difference is taken to; both sides know the value before, and 0 serves where it cannot be scaled.</summary>
    private static long Scaled(double value, double scale) => TryScale(value, scale, out var scaled) ? scaled : 0;

    private static bool TryScale(double value, double scale, out long scaled)
    {
        scaled = 0;
        var rounded = Math.Round(value * scale);
        if (!(Math.Abs(rounded) < LargestWhole)) return false;
        scaled = (long)rounded;
        // Bit for bit: minus zero is another value than zero.
        return BitConverter.DoubleToInt64Bits(scaled / scale) == BitConverter.DoubleToInt64Bits(value);
    }
}
