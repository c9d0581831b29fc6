using System.Buffers;
using Monitoring.Collector.Series;

namespace Monitoring.Collector.Exposition;

/// <summary>Writes the page of one node: the newest value of each of its series, no timestamps, families contiguous and sorted.</summary>
internal static class NodePage
{
    // Each attempt fails only where a sender changed its set of series within the microseconds of a copy.
    private const int MostAttempts = 16;

    /// <summary>Writes the page; false where the node's series would not hold still.</summary>
    public static bool TryWrite(Node node, long nowTimestamp, PageFormat format, PageBuffer page)
    {
        if (!TryRead(node, nowTimestamp, out var layout, out var values)) return false;
        Write(layout, values, format, page);
        ArrayPool<double>.Shared.Return(values);
        return true;
    }

    /// <summary>The node's series with their newest values, which are rented from the pool.</summary>
    public static bool TryRead(Node node, long nowTimestamp, out NodeLayout layout, out double[] values)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            layout = node.Layout(nowTimestamp);
            values = ArrayPool<double>.Shared.Rent(layout.SlotCount);
            if (layout.TryCopyValues(values)) return true;
            ArrayPool<double>.Shared.Return(values);
        }

        layout = node.Layout(nowTimestamp);
        values = [];
        return false;
    }

    private static void Write(NodeLayout layout, ReadOnlySpan<double> values, PageFormat format, PageBuffer page)
    {
        foreach (var family in layout.Families)
        {
            var hasHead = false;
            foreach (var line in family.Lines)
            {
                var value = values[line.Slot];
                if (double.IsNaN(value)) continue;
                if (!hasHead) page.Write(format == PageFormat.OpenMetrics ? family.Family.OpenMetricsHead : family.Family.TextHead);
                hasHead = true;
                page.WriteSample(line.Prefix, value);
            }
        }

        if (format == PageFormat.OpenMetrics) page.Write("# EOF\n"u8);
    }
}
