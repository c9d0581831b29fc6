using System.Text;
using OpenTelemetry.Exporter.Prometheus.Scraping;
using OpenTelemetry.Metrics;

namespace OpenTelemetry.Exporter.Prometheus.Writing;

/// <summary>
/// Writes families as Prometheus text 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/) or OpenMetrics 1.0.0
/// (https://prometheus.io/docs/specs/om/open_metrics_spec/). Allocates nothing for series that were on the page before.
/// </summary>
internal sealed class PageWriter(ConflictLog conflicts)
{
    private readonly HashSet<byte[]> _seen = new(BytesComparer.Instance);

    internal void Write(IReadOnlyList<Family> families, ReadOnlySpan<byte> preamble, ExpositionFormat format, PageBuffer page)
    {
        page.Append(preamble);
        for (int i = 0; i < families.Count; i++)
            WriteFamily(families[i], format, page);
        if (format == ExpositionFormat.OpenMetrics)
            page.Append("# EOF\n"u8);
    }

    private void WriteFamily(Family family, ExpositionFormat format, PageBuffer page)
    {
        int start = page.Length;
        // One metric's points differ in their tags; only merged metrics, changed keys and values that are no text can make two series equal.
        bool mayCollide = family.Members.Count > 1 || family.Members[0].HasAmbiguousLabels;
        if (TryWriteFamily(family, mayCollide, format, page))
            return;
        // Labels that others may have as well turned up in the middle: once more, now looking at every series.
        page.Rewind(start);
        TryWriteFamily(family, mayCollide: true, format, page);
    }

    private bool TryWriteFamily(Family family, bool mayCollide, ExpositionFormat format, PageBuffer page)
    {
        _seen.Clear();
        bool isHeaderWritten = false;
        for (int member = 0; member < family.Members.Count; member++)
        {
            MetricSeries series = family.Members[member];
            int index = 0;
            foreach (ref readonly MetricPoint point in series.Metric.GetMetricPoints())
            {
                byte[] labels = series.LabelsAt(index++, point.Tags);
                if (!mayCollide && series.HasAmbiguousLabels)
                    return false;
                if (mayCollide && !_seen.Add(labels))
                {
                    conflicts.DuplicateSeries(series.Names.Family, Encoding.UTF8.GetString(labels));
                    continue;
                }
                if (!isHeaderWritten)
                {
                    page.Append(family.Header(format));
                    isHeaderWritten = true;
                }
                WriteSeries(family, series.Metric.MetricType, point, labels, format, page);
            }
            series.Trim(index);
        }
        return true;
    }

    private static void WriteSeries(Family family, MetricType type, in MetricPoint point, byte[] labels, ExpositionFormat format, PageBuffer page)
    {
        ReadOnlySpan<byte> name = family.SampleName(format);
        switch (type)
        {
            case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                page.AppendSample(name, [], labels, point.GetSumLong());
                break;
            case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                page.AppendSample(name, [], labels, point.GetSumDouble());
                break;
            case MetricType.LongGauge:
                page.AppendSample(name, [], labels, point.GetGaugeLastValueLong());
                break;
            case MetricType.DoubleGauge:
                page.AppendSample(name, [], labels, point.GetGaugeLastValueDouble());
                break;
            case MetricType.Histogram:
                page.AppendHistogram(name, labels, point, format == ExpositionFormat.OpenMetrics);
                break;
        }
    }
}
