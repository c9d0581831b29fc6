using System.Buffers.Binary;
using System.Globalization;
using Monitoring.Contracts.Otlp;

namespace Monitoring.Collector.Series;

/// <summary>How an OTLP histogram becomes Prometheus' classic one: cumulative buckets up to <c>+Inf</c>, then the sum, then the count.</summary>
internal static class StoredHistogram
{
    /// <summary>Most buckets of one histogram; each is a series.</summary>
    public const int MaximumBuckets = 256;

    /// <summary>Whether the point can be stored.</summary>
    public static PointRejection Check(in OtlpHistogramPoint point)
    {
        var bounds = point.Bounds.Length / sizeof(double);
        if (bounds >= MaximumBuckets) return PointRejection.BucketLimit;
        var buckets = point.BucketCounts.Length / sizeof(ulong);
        // Neither bounds nor buckets: the sender gives sum and count only, which is allowed.
        if (buckets != bounds + 1 && !(buckets == 0 && bounds == 0)) return PointRejection.BadHistogram;
        var previous = double.NegativeInfinity;
        for (var index = 0; index < bounds; index++)
        {
            var bound = Bound(point.Bounds, index);
            if (!(bound > previous) || double.IsPositiveInfinity(bound)) return PointRejection.BadHistogram;
            previous = bound;
        }

        return PointRejection.None;
    }

    /// <summary>The lines of the histogram, without values.</summary>
    public static byte[][] RenderLines(string name, LabelSet labels, ReadOnlySpan<byte> bounds)
    {
        var count = bounds.Length / sizeof(double);
        var lines = new byte[count + 3][];
        for (var index = 0; index < count; index++) lines[index] = labels.RenderLine(name + "_bucket", "le", Canonical(Bound(bounds, index)));
        lines[count] = labels.RenderLine(name + "_bucket", "le", "+Inf");
        lines[count + 1] = labels.RenderLine(name + "_sum");
        lines[count + 2] = labels.RenderLine(name + "_count");
        return lines;
    }

    /// <summary>Writes the point's values in the order of <see cref="RenderLines"/>.</summary>
    public static void Write(in OtlpHistogramPoint point, Span<double> values)
    {
        if (point.IsAbsent)
        {
            values.Fill(double.NaN);
            return;
        }

        var bounds = values.Length - 3;
        ulong cumulative = 0;
        for (var index = 0; index < bounds; index++)
        {
            cumulative += BinaryPrimitives.ReadUInt64LittleEndian(point.BucketCounts[(index * sizeof(ulong))..]);
            values[index] = cumulative;
        }

        values[bounds] = point.Count;
        values[bounds + 1] = point.Sum;
        values[bounds + 2] = point.Count;
    }

    // OpenMetrics and Prometheus 3 write bounds as floats (1.0); the same text in both formats keeps one series per bucket.
    private static string Canonical(double bound)
    {
        var text = bound.ToString(CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny(".EN") < 0 ? text + ".0" : text;
    }

    private static double Bound(ReadOnlySpan<byte> bounds, int index) => BinaryPrimitives.ReadDoubleLittleEndian(bounds[(index * sizeof(double))..]);
}
