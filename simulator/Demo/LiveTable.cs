using System.Globalization;
using System.Text;
using Monitoring.Contracts.Events;

namespace Monitoring.Simulator.Demo;

/// <summary>The table that the demo prints every few seconds, as text.</summary>
internal static class LiveTable
{
    // As wide as terminals mostly are; the whole title stands in the collector's answer.
    private const int LineLength = 108;

    private static readonly CompositeFormat Row = CompositeFormat.Parse("  {0,-14} {1,6} {2,6} {3,9} {4,8} {5,10} {6,6} {7,10} {8,7}");

    /// <param name="time">When the pages were read, on the clock of the person who looks.</param>
    /// <param name="nodes">Every node with what its page says; null where it has none now.</param>
    /// <param name="gpusPerNode">GPUs that each node should have.</param>
    /// <param name="events">The newest events of the collector, newest first.</param>
    public static string Render(
        DateTimeOffset time, IReadOnlyList<(string Node, NodeSummary? Summary)> nodes, int gpusPerNode, IReadOnlyList<EventRecord> events)
    {
        var text = new StringBuilder();
        Append($"{time:HH:mm:ss}", "GPUs", "util", "power", "hottest", "throttled", "stuck", "health", "series");
        foreach (var (node, summary) in nodes)
        {
            if (summary is null)
                text.AppendLine(CultureInfo.InvariantCulture, $"  {node,-14} no page at the collector");
            else
                Append(
                    node,
                    $"{summary.Gpus}/{gpusPerNode}",
                    Number(summary.UtilizationRatio * 100, "0", " %"),
                    Number(summary.PowerWatts / 1000, "0.00", " kW"),
                    Number(summary.HottestCelsius, "0", " C"),
                    Whole(summary.ThrottledGpus),
                    Whole(summary.StuckLanes),
                    summary.Health.Length > 0 ? summary.Health : "-",
                    Whole(summary.Series));
        }
        foreach (var record in events.Reverse())
            text.AppendLine(CultureInfo.InvariantCulture, $"  {record.Time.ToOffset(time.Offset):HH:mm:ss}  {Short(EventVerdict.Told(record))}");
        return text.ToString();

        void Append(params object[] cells) => text.AppendFormat(CultureInfo.InvariantCulture, Row, cells).AppendLine();
    }

    private static string Short(string line) => line.Length <= LineLength ? line : string.Concat(line.AsSpan(0, LineLength - 3), "...");

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(double? value, string format, string unit) =>
        value is { } known ? known.ToString(format, CultureInfo.InvariantCulture) + unit : "-";
}
