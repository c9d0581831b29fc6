using System.CommandLine;
using Monitoring.Agent.Exposition;
using Monitoring.Agent.Exposition.DcgmExporter;

namespace Monitoring.Agent.Commands;

/// <summary><c>gpu-agent list-metrics</c>.</summary>
internal static class ListMetricsCommand
{
    internal static Command Create()
    {
        var dcgm = new Option<bool>("--dcgm-exporter") { Description = "The fields of dcgm-exporter that the setting compatibility serves, instead of the agent's own metrics." };
        var command = new Command("list-metrics", "Prints every metric as a Markdown table.") { dcgm };
        command.SetAction(parsed => Console.Out.Write(parsed.GetValue(dcgm) ? DcgmDocument.Markdown() : MetricDocument.Markdown()));
        return command;
    }
}
