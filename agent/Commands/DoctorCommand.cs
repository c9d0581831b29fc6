using System.CommandLine;
using Monitoring.Agent.Doctor;

namespace Monitoring.Agent.Commands;

/// <summary><c>gpu-agent doctor</c>: explains this node to a person. Exit code 1 where something does not work.</summary>
internal static class DoctorCommand
{
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(5);
    private static readonly Option<bool> JsonOption = new("--json") { Description = "Prints the report as JSON." };

    internal static Command Create()
    {
        var command = new Command("doctor", "Looks at driver, GPUs, permissions, profilers, configuration and collector, and says what to do about what it finds.") { JsonOption };
        command.SetAction(static (parsed, stop) => RunAsync(parsed, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        using var http = new HttpClient { Timeout = AnswerPatience };
        using var localHttp = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = AnswerPatience };
        var node = LocalMachine.Node(Configuration.Read(parsed), parsed.GetValue(Configuration.FileOption), http, localHttp, TimeProvider.System);
        var report = await DoctorReport.MakeAsync(node, DoctorChecks.All, stop).ConfigureAwait(false);
        Console.Out.Write(parsed.GetValue(JsonOption) ? report.Json() + "\n" : report.Text());
        return report.Failures > 0 ? 1 : 0;
    }
}
