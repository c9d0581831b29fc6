using System.Globalization;

namespace OpenTelemetry.Exporter.Prometheus.Writing;

/// <summary>Numbers as the exposition formats write them.</summary>
internal static class Numbers
{
    /// <summary>The longest number is "-1.2345678901234567e-300".</summary>
    internal const int LongestBytes = 32;

    // Up to here every whole double is exact and its neighbours are whole numbers too.
    private const double LargestExactInteger = 9007199254740992;

    /// <summary>Whole numbers without an exponent, other numbers as the shortest text that reads back the same.</summary>
    internal static int Format(double value, Span<byte> destination)
    {
        if (Math.Abs(value) <= LargestExactInteger && Math.Truncate(value) == value && !(value == 0 && double.IsNegative(value)))
            return Format((long)value, destination);
        if (!double.IsFinite(value))
            return Copy(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8, destination);
        value.TryFormat(destination, out int written, default, CultureInfo.InvariantCulture);
        // .NET writes "1E-05"; Prometheus, Go and OpenMetrics' canonical form write "1e-05".
        int exponent = destination[..written].IndexOf((byte)'E');
        if (exponent >= 0)
            destination[exponent] = (byte)'e';
        return written;
    }

    internal static int Format(long value, Span<byte> destination)
    {
        value.TryFormat(destination, out int written, default, CultureInfo.InvariantCulture);
        return written;
    }

    /// <summary>
    /// A bucket bound. OpenMetrics asks for "1.0" where the text format has always had "1"
    /// (https://prometheus.io/docs/specs/om/open_metrics_spec/, "canonical numbers").
    /// </summary>
    internal static int FormatBound(double value, bool openMetrics, Span<byte> destination)
    {
        int written = Format(value, destination);
        if (openMetrics && double.IsFinite(value) && destination[..written].IndexOfAny((byte)'.', (byte)'e') < 0)
            written += Copy(".0"u8, destination[written..]);
        return written;
    }

    private static int Copy(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        source.CopyTo(destination);
        return source.Length;
    }
}
