using System.Globalization;
using System.Text;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Exposition.DcgmExporter;

/// <summary>The fields as tables, for people.</summary>
internal static class DcgmDocument
{
    internal static string Markdown()
    {
        var text = new StringBuilder("""
            Written from the table of fields (`gpu-agent list-metrics --dcgm-exporter`). The first column is DCGM's number of a field, up to 4.8.4 and from 4.9.0 on; "yes" is what dcgm-exporter shows as it is shipped.

            | field | up to 4.8.4 | from 4.9.0 | type | default | what it is | from |
            |---|---|---|---|---|---|---|

            """);
        foreach (var field in DcgmFields.All.OrderBy(static field => field.Until48?.Id ?? field.From49!.Id))
        {
            var ids = new[] { field.Until48?.Id, field.From49?.Id }.OfType<int>().Distinct().Select(static id => id.ToString(CultureInfo.InvariantCulture));
            text.Append($"| {string.Join(", ", ids)} | {Face(field.Until48)} | {Face(field.From49)} | {Kind(field)} | {(field.IsDefault ? "yes" : "")} | {field.Help} | {field.Source.Description} |\n");
        }
        text.Append("""

            Not served:

            | field | why |
            |---|---|

            """);
        foreach (var (name, reason) in DcgmFields.NotServed) text.Append($"| {string.Join(", ", name.Split(", ").Select(static one => $"`{one}`"))} | {reason} |\n");
        return text.ToString();
    }

    private static string Face(DcgmFace? face) => face is null ? "-" : face.Unit.Length == 0 ? $"`{face.Name}`" : $"`{face.Name}` ({face.Unit})";

    private static string Kind(DcgmField field) => field.Kind == MetricKind.Gauge ? "gauge" : field.IsGaugeFrom483 ? "counter, gauge from 4.8.3" : "counter";
}
