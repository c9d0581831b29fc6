using System.CommandLine;
using Monitoring.Simulator.Control;
using Monitoring.Simulator.Incidents;

namespace Monitoring.Simulator.Commands;

/// <summary><c>gpu-simulator inject</c> and <c>clear</c>: incidents on a node that runs.</summary>
internal static class InjectCommand
{
    public static Command CreateInject()
    {
        var directory = DirectoryOption();
        var gpu = GpuOption();
        var incident = new Option<string>("--incident") { Required = true, Description = "Name of the incident (see incidents).", HelpName = "NAME" };
        var duration = new Option<string?>("--for") { Description = "How long it lasts, such as 20s; without it until clear.", HelpName = "DURATION" };
        var parameters = new Option<string[]>("--set") { Description = "A parameter of the incident, name=value; may be repeated.", HelpName = "NAME=VALUE" };
        parameters.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
                if (token.Value.IndexOf('=') < 1) result.AddError($"--set is '{token.Value}', expected name=value");
        });
        var command = new Command("inject", "Starts an incident on a node that runs.") { directory, gpu, incident, duration, parameters };
        command.SetAction((result, cancellation) => SendAsync(result, result.GetRequiredValue(directory), new ControlRequest(
            "start",
            result.GetRequiredValue(incident),
            Gpu(result, gpu),
            result.GetValue(duration),
            (result.GetValue(parameters) ?? []).Select(text => text.Split('=', 2)).GroupBy(pair => pair[0]).ToDictionary(group => group.Key, group => group.Last()[1])), cancellation));
        return command;
    }

    public static Command CreateClear()
    {
        var directory = DirectoryOption();
        var gpu = GpuOption();
        gpu.Required = false;
        var incident = new Option<string?>("--incident") { Description = "Name of the incident; without it all of them.", HelpName = "NAME" };
        var command = new Command("clear", "Ends incidents on a node that runs.") { directory, gpu, incident };
        command.SetAction((result, cancellation) => SendAsync(result, result.GetRequiredValue(directory), new ControlRequest(
            "stop", result.GetValue(incident), Gpu(result, gpu), null, null), cancellation));
        return command;
    }

    public static Command CreateList()
    {
        var command = new Command("incidents", "Lists the incidents and their parameters.");
        command.SetAction(result =>
        {
            var output = result.InvocationConfiguration.Output;
            foreach (var kind in IncidentKind.All)
            {
                output.WriteLine($"{kind.Name,-20} {kind.Summary}");
                foreach (var parameter in kind.Parameters)
                    output.WriteLine($"  {parameter.Name,-18} {parameter.Help} {(parameter.Default.Length == 0 ? "" : $"Default {parameter.Default}, ")}{parameter.Expected}.");
            }
        });
        return command;
    }

    private static Option<string> DirectoryOption() => new("--directory") { Required = true, Description = "Directory of the node.", HelpName = "DIR" };

    private static Option<string> GpuOption()
    {
        var option = new Option<string>("--gpu") { Required = true, Description = "Index of the GPU, or all.", HelpName = "N|all" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } text and not "all" && !(int.TryParse(text, out var index) && index >= 0))
                result.AddError($"--gpu is '{text}', expected the index of a GPU, or all");
        });
        return option;
    }

    private static int? Gpu(ParseResult result, Option<string> option) => int.TryParse(result.GetValue(option), out var index) ? index : null;

    private static Task<int> SendAsync(ParseResult result, string directory, ControlRequest request, CancellationToken cancellation) => CommandExit.OfAsync(result, async () =>
    {
        var reply = await ControlClient.SendAsync(directory, request, cancellation).ConfigureAwait(false);
        await (reply.Done ? result.InvocationConfiguration.Output : result.InvocationConfiguration.Error).WriteLineAsync(reply.Text).ConfigureAwait(false);
        return reply.Done ? CommandExit.Success : CommandExit.WrongInput;
    });
}
