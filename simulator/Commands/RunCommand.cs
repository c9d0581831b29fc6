using System.CommandLine;
using Monitoring.Simulator.NodeProfiles;
using Monitoring.Simulator.Playback;
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
        var profile = new Option<string?>("--profile") { Description = "Name of a built-in profile (see profiles) or a YAML file. Default: h100, or that of the recording's GPUs.", HelpName = "NAME|FILE" };
        var gpus = new Option<int?>("--gpus") { Description = $"Number of GPUs, 0 to {StateFile.GpuLimit}. Default: 8, or those of the recording.", HelpName = "N" };
        var seed = new Option<int>("--seed") { Description = "Another seed makes another machine: other UUIDs, other noise." };
        var scenario = new Option<string?>("--scenario") { Description = "YAML file with incidents and their times.", HelpName = "FILE" };
        var recording = new Option<string?>("--recording") { Description = "Play what gpu-agent record wrote, in place of the model.", HelpName = "FILE" };
        var once = new Option<bool>("--once") { Description = "Play the recording once, and keep its last readings, instead of beginning again." };
        var tick = new Option<string>("--tick") { DefaultValueFactory = _ => "50ms", Description = "Time between two updates of the state.", HelpName = "DURATION" };
        gpus.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 0 or > StateFile.GpuLimit) result.AddError($"--gpus is {result.GetValueOrDefault<int?>()}, expected 0 to {StateFile.GpuLimit}");
        });
        var command = new Command("run", "Plays a node until SIGTERM or Ctrl-C.") { directory, profile, gpus, seed, scenario, recording, once, tick };
        command.SetAction((result, cancellation) => CommandExit.OfAsync(result, async () =>
        {
            var output = result.InvocationConfiguration.Output;
            if (!DurationText.TryParse(result.GetValue(tick) ?? "", out var pace) || pace < ShortestTick)
                throw new ProfileException([$"--tick is '{result.GetValue(tick)}', expected {DurationText.Expected}, at least 5ms"]);
            var path = result.GetValue(recording);
            if (path is not null && result.GetValue(scenario) is not null) throw new ProfileException(["--scenario and --recording: a recording has its own incidents"]);
            var contents = path is null ? null : RecordingContents.Of(path);
            var played = NodeProfile.Load(result.GetValue(profile) ?? contents?.ProfileName() ?? "h100");
            var incidents = result.GetValue(scenario) is { } file ? Scenario.Load(file) : null;
            var count = result.GetValue(gpus) ?? (contents is null ? 8 : Math.Min(StateFile.GpuLimit, contents.Gpus.Keys.Append(-1).Max() + 1));
            using var node = SimulatedNode.Create(result.GetRequiredValue(directory), played, count, result.GetValue(seed));
            if (incidents is not null) node.Play(incidents);
            if (contents is not null) node.Play(path!, contents, loop: !result.GetValue(once));
            foreach (var key in played.Unplayed) await output.WriteLineAsync($"not played: {key}").ConfigureAwait(false);
            await output.WriteLineAsync($"{node.Gpus.Count} x {played.GpuName}, driver {played.DriverVersion}: LD_LIBRARY_PATH={node.Directory}").ConfigureAwait(false);
            foreach (var line in contents is null ? [] : Describe(path!, contents)) await output.WriteLineAsync(line).ConfigureAwait(false);
            await NodeRunner.RunAsync(node, pace, TimeProvider.System, cancellation).ConfigureAwait(false);
            return CommandExit.Success;
        }));
        return command;
    }

    private static IEnumerable<string> Describe(string path, RecordingContents contents)
    {
        yield return $"playing {path}: {contents.Header.Node}, {contents.Header.Started:yyyy-MM-dd HH:mm:ss} UTC, {contents.Duration:c}, {contents.Gpus.Count} GPUs";
        if (contents.Trouble.Length > 0) yield return $"of the recording, {contents.Trouble}";
        if (contents.Unplayed.Count > 0) yield return $"not played: {string.Join(", ", contents.Unplayed)}";
    }
}
