using System.CommandLine;
using System.Globalization;
using Monitoring.Contracts.Recordings;
using Monitoring.Simulator.Commands;
using Monitoring.Simulator.Playback;

namespace Monitoring.Simulator.Demo;

/// <summary>The command <c>gpu-simulator demo</c>: a simulated cluster, observed by the real agent, collector and Prometheus.</summary>
internal static class DemoCommand
{
    private const int MaximumNodes = 32;
    private const int MaximumGpus = 16;

    public static Command Create()
    {
        var agent = new Option<string>("--agent") { Description = "Path of gpu-agent.", Required = true };
        var collector = new Option<string>("--collector") { Description = "Path of gpu-collector.", Required = true };
        var prometheus = new Option<string>("--prometheus")
        {
            Description = "Path or name of prometheus; 'none' runs without.",
            DefaultValueFactory = _ => "prometheus",
        };
        var nodes = WholeNumber("--nodes", "Simulated nodes.", 4, MaximumNodes);
        var recording = new Option<string?>("--recording") { Description = "Play what gpu-agent record wrote, as one node with the GPUs of the recording." };
        var gpus = WholeNumber("--gpus", "GPUs per node.", 8, MaximumGpus);
        var profile = new Option<string>("--profile")
        {
            Description = "Name or file of the node profile.",
            DefaultValueFactory = _ => "h100",
        };
        var seconds = new Option<int?>("--seconds")
        {
            Description = "End after this many seconds, with exit code 0 only if Prometheus held every GPU both ways.",
        };
        seconds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 10 or > 86_400)
                result.AddError("--seconds must be from 10 to 86400.");
        });
        var directory = new Option<string?>("--directory")
        {
            Description = "Keep state and logs here instead of in a temporary directory.",
        };

        var elasticsearch = new Option<string?>("--elasticsearch") { Description = "Address of an Elasticsearch or OpenSearch that the collector fills, such as http://127.0.0.1:9200.", HelpName = "URL" };
        elasticsearch.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && AddressOf(text) is null)
                result.AddError($"--elasticsearch is '{text}', expected a URL with http or https, such as http://127.0.0.1:9200.");
        });

        var command = new Command("demo", "Run a simulated cluster with agents, collector and Prometheus on this machine.")
        {
            agent, collector, prometheus, nodes, gpus, profile, seconds, directory, recording, elasticsearch,
        };
        // Synchronous on purpose: an asynchronous action would be ended two seconds after Ctrl-C, in the middle of cleaning up.
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(recording);
            RecordingContents? contents = null;
            try
            {
                contents = path is null ? null : RecordingContents.Of(path);
            }
            catch (Exception fault) when (fault is RecordingException or IOException or UnauthorizedAccessException)
            {
                parsed.InvocationConfiguration.Error.WriteLine(fault is RecordingException ? $"{path} {fault.Message}" : fault.Message);
                return CommandExit.WrongInput;
            }
            // A recording is one machine: a second one with the same GPUs would be taken for the first.
            var options = new DemoOptions(
                parsed.GetRequiredValue(agent),
                parsed.GetRequiredValue(collector),
                parsed.GetRequiredValue(prometheus) is var name && name == "none" ? null : name,
                contents is null ? parsed.GetRequiredValue(nodes) : 1,
                contents is null ? parsed.GetRequiredValue(gpus) : Math.Clamp(contents.Gpus.Keys.Append(-1).Max() + 1, 0, MaximumGpus),
                contents?.ProfileName() ?? parsed.GetRequiredValue(profile),
                parsed.GetValue(seconds) is { } limit ? TimeSpan.FromSeconds(limit) : null,
                parsed.GetValue(directory),
                path is null ? null : Path.GetFullPath(path),
                parsed.GetValue(elasticsearch) is { } url ? AddressOf(url) : null);
            return new DemoRun(options, Console.Out, TimeProvider.System).RunAsync().GetAwaiter().GetResult();
        });
        return command;
    }

    /// <summary>An address without a slash at its end; null for what is none.</summary>
    private static Uri? AddressOf(string text) => Uri.TryCreate(text.TrimEnd('/'), UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;

    private static Option<int> WholeNumber(string name, string description, int standard, int maximum)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.Errors.Any())
                return;
            if (result.GetValueOrDefault<int>() is var value && (value < 1 || value > maximum))
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}, expected 1 to {maximum}."));
        });
        return option;
    }
}
