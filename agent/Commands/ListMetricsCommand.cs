using System.CommandLine;
using Monitoring.Agent.Exposition;

namespace Monitoring.Agent.Commands;

/// <summary><c>gpu-agent list-metrics</c>.</summary>
internal static class ListMetricsCommand
{
    internal static Command Create()
    {
        var command = new Command("list-metrics", "Prints every metric as a Markdown table.");
        command.SetAction(static _ => Console.Out.Write(MetricDocument.Markdown()));
        return command;
    }
}
