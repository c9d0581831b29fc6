using System.CommandLine;
using Monitoring.Simulator.NodeProfiles;

namespace Monitoring.Simulator.Commands;

/// <summary><c>gpu-simulator profiles</c>: what can be played, and whether a file can.</summary>
internal static class ProfilesCommand
{
    public static Command Create()
    {
        var check = new Option<string?>("--check") { Description = "Reads a profile and says what is wrong with it or is not played.", HelpName = "FILE" };
        var command = new Command("profiles", "Lists the built-in profiles, or checks a file.") { check };
        command.SetAction((result, _) => CommandExit.OfAsync(result, async () =>
        {
            var output = result.InvocationConfiguration.Output;
            if (result.GetValue(check) is { } file)
            {
                var profile = NodeProfile.Load(file);
                foreach (var key in profile.Unplayed) await output.WriteLineAsync($"not played: {key}").ConfigureAwait(false);
                await output.WriteLineAsync($"{profile.Name} can be played: {profile.GpuName}, driver {profile.DriverVersion}").ConfigureAwait(false);
                return CommandExit.Success;
            }
            foreach (var name in NodeProfile.BuiltIn)
            {
                var profile = NodeProfile.Load(name);
                await output.WriteLineAsync($"{name,-10} {profile.GpuName}, driver {profile.DriverVersion}, {profile.DescribedGpus} GPUs").ConfigureAwait(false);
            }
            return CommandExit.Success;
        }));
        return command;
    }
}
