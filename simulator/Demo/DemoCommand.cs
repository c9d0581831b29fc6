using System.CommandLine;
using System.Globalization;

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

        var command = new Command("demo", "Run a simulated cluster with agents, collector and Prometheus on this machine.")
        {
            agent, collector, prometheus, nodes, gpus, profile, seconds, directory,
        };
        // Synchronous on purpose: an asynchronous action would be ended two seconds after Ctrl-C, in the middle of cleaning up.
        command.SetAction(parsed =>
        {
            var options = new DemoOptions(
                parsed.GetRequiredValue(agent),
                parsed.GetRequiredValue(collector),
                parsed.GetRequiredValue(prometheus) is var name && name == "none" ? null : name,
                parsed.GetRequiredValue(nodes),
                parsed.GetRequiredValue(gpus),
                parsed.GetRequiredValue(profile),
                parsed.GetValue(seconds) is { } limit ? TimeSpan.FromSeconds(limit) : null,
                parsed.GetValue(directory));
            return new DemoRun(options, Console.Out, TimeProvider.System).RunAsync().GetAwaiter().GetResult();
        });
        return command;
    }

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
