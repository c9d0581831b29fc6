using OpenTelemetry.Metrics;

namespace OpenTelemetry.Exporter.Prometheus.Writing;

/// <summary>The sample lines of a page: name, labels, value.</summary>
internal static class SampleLines
{
    // Braces, comma, le="", blank and line end around name, labels and the numbers.
    private const int PunctuationBytes = 16;

    extension(PageBuffer page)
    {
        internal void AppendSample(ReadOnlySpan<byte> name, ReadOnlySpan<byte> suffix, ReadOnlySpan<byte> labels, double value)
        {
            Span<byte> line = page.Reserve(name.Length + suffix.Length + labels.Length + PunctuationBytes + Numbers.LongestBytes);
            int length = Begin(line, name, suffix, labels);
            length += Numbers.Format(value, line[length..]);
            line[length++] = (byte)'\n';
            page.Advance(length);
        }

        internal void AppendSample(ReadOnlySpan<byte> name, ReadOnlySpan<byte> suffix, ReadOnlySpan<byte> labels, long value)
        {
            Span<byte> line = page.Reserve(name.Length + suffix.Length + labels.Length + PunctuationBytes + Numbers.LongestBytes);
            int length = Begin(line, name, suffix, labels);
            length += Numbers.Format(value, line[length..]);
            line[length++] = (byte)'\n';
            page.Advance(length);
        }

        internal void AppendHistogram(ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels, in MetricPoint point, bool openMetrics)
        {
            long count = point.GetHistogramCount();
            long cumulative = 0;
            bool hasNegativeBound = false;
            bool hasInfiniteBound = false;
            foreach (HistogramBucket bucket in point.GetHistogramBuckets())
            {
                cumulative += bucket.BucketCount;
                hasNegativeBound |= bucket.ExplicitBound < 0;
                hasInfiniteBound |= double.IsPositiveInfinity(bucket.ExplicitBound);
                page.AppendBucket(name, labels, bucket.ExplicitBound, cumulative, openMetrics);
            }
            // A histogram without bounds has no bucket in the SDK; both formats demand the last one.
            if (!hasInfiniteBound)
                page.AppendBucket(name, labels, double.PositiveInfinity, count, openMetrics);
            // With negative bounds the sum may fall; OpenMetrics then forbids it, and the count with it.
            if (openMetrics && hasNegativeBound)
                return;
            page.AppendSample(name, "_sum"u8, labels, point.GetHistogramSum());
            page.AppendSample(name, "_count"u8, labels, count);
        }

        private void AppendBucket(ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels, double bound, long cumulative, bool openMetrics)
        {
            Span<byte> line = page.Reserve(name.Length + "_bucket".Length + labels.Length + PunctuationBytes + (2 * Numbers.LongestBytes));
            int length = Copy(name, line);
            length += Copy("_bucket{"u8, line[length..]);
            length += Copy(labels, line[length..]);
            length += Copy(labels.IsEmpty ? "le=\""u8 : ",le=\""u8, line[length..]);
            length += Numbers.FormatBound(bound, openMetrics, line[length..]);
            length += Copy("\"} "u8, line[length..]);
            length += Numbers.Format(cumulative, line[length..]);
            line[length++] = (byte)'\n';
            page.Advance(length);
        }
    }

    private static int Begin(Span<byte> line, ReadOnlySpan<byte> name, ReadOnlySpan<byte> suffix, ReadOnlySpan<byte> labels)
    {
        int length = Copy(name, line);
        length += Copy(suffix, line[length..]);
        if (!labels.IsEmpty)
        {
            line[length++] = (byte)'{';
            length += Copy(labels, line[length..]);
            line[length++] = (byte)'}';
        }
        line[length++] = (byte)' ';
        return length;
    }

    private static int Copy(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        source.CopyTo(destination);
        return source.Length;
    }
}
