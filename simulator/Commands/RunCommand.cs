using System.CommandLine;
using Monitoring.Simulator.NodeProfiles;
using Monitoring.Simulator.Scenarios;
using Monitoring.Simulator.State;

namespace Monitoring.Simulator.Commands;

/// <summary><c>gpu-simulator run</c>: one node in real time until it is told to end.</summary>
internal static class RunCommand
{
    private static readonly TimeSpan ShortestTick = TimeSpan.FromMilliseconds(5);

    public static Command Create()
    {
        var directory = new Option<string>("--directory") { Required = true, Description = "Directory that becomes the node: library, link and state file.", HelpName = "DIR" };
        var profile = new Option<string>("--profile") { DefaultValueFactory = _ => "h100", Description = "Name of a built-in profile (see profiles) or a YAML file.", HelpName = "NAME|FILE" };
        var gpus = new Option<int>("--gpus") { DefaultValueFactory = _ => 8, Description = $"Number of GPUs, 0 to {StateFile.GpuLimit}.", HelpName = "N" };
        var seed = new Option<int>("--seed") { Description = "Another seed makes another machine: other UUIDs, other noise." };
        var scenario = new Option<string?>("--scenario") { Description = "YAML file with incidents and their times.", HelpName = "FILE" };
        var tick = new Option<string>("--tick") { DefaultValueFactory = _ => "50ms", Description = "Time between two updates of the state.", HelpName = "DURATION" };
        gpus.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > StateFile.GpuLimit) result.AddError($"--gpus is {result.GetValueOrDefault<int>()}, expected 0 to {StateFile.GpuLimit}");
        });
        var command = new Command("run", "Plays a node until SIGTERM or Ctrl-C.") { directory, profile, gpus, seed, scenario, tick };
        command.SetAction((result, cancellation) => CommandExit.OfAsync(result, async () =>
        {
            var output = result.InvocationConfiguration.Output;
            if (!DurationText.TryParse(result.GetValue(tick) ?? "", out var pace) || pace < ShortestTick)
                throw new ProfileException([$"--tick is '{result.GetValue(tick)}', expected {DurationText.Expected}, at least 5ms"]);
            var played = NodeProfile.Load(result.GetRequiredValue(profile));
            var incidents = result.GetValue(scenario) is { } file ? Scenario.Load(file) : null;
            using var node = SimulatedNode.Create(result.GetRequiredValue(directory), played, result.GetValue(gpus), result.GetValue(seed));
            if (incidents is not null) node.Play(incidents);
            foreach (var key in played.Unplayed) await output.WriteLineAsync($"not played: {key}").ConfigureAwait(false);
            await output.WriteLineAsync($"{node.Gpus.Count} x {played.GpuName}, driver {played.DriverVersion}: LD_LIBRARY_PATH={node.Directory}").ConfigureAwait(false);
            await NodeRunner.RunAsync(node, pace, TimeProvider.System, cancellation).ConfigureAwait(false);
            return CommandExit.Success;
        }));
        return command;
    }
}
