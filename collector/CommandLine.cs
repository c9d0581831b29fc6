using System.CommandLine;
using System.Net.Sockets;
using Monitoring.Collector.Storage;
using Monitoring.Settings;

namespace Monitoring.Collector;

/// <summary>
/// The command line: <c>gpu-collector [run] [--config FILE] [--set key=value]</c>, <c>gpu-collector check-config</c>,
/// <c>gpu-collector default-config</c> and <c>gpu-collector elasticsearch ...</c>.
/// </summary>
internal static class CommandLine
{
    /// <summary>Exit code of a wrong configuration, EX_CONFIG of sysexits.h; the unit file keeps systemd from restarting over it.</summary>
    public const int WrongConfiguration = 78;

    private const string EnvironmentPrefix = "GPU_COLLECTOR_";

    /// <summary>The file collector/collector.yaml.</summary>
    public static string DefaultConfiguration => SettingsDocument.Yaml<CollectorSettings>(
        "Configuration of gpu-collector; every key is shown with its default.\nAfter a change: gpu-collector check-config --config FILE, then systemctl restart gpu-collector");

    /// <summary>Runs a command line to its end.</summary>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] args)
    {
        var config = new Option<string?>("--config") { Description = "YAML file with settings.", HelpName = "FILE", Recursive = true };
        var set = new Option<string[]>("--set") { Description = "One setting, such as series.max_nodes=500; may be repeated. Beats file and environment.", HelpName = "key=value", Recursive = true };
        SettingsLoad<CollectorSettings> Load(ParseResult parsed) => SettingsLoader.Load<CollectorSettings>(new SettingsSources
        {
            File = parsed.GetValue(config),
            EnvironmentPrefix = EnvironmentPrefix,
            Environment = SettingsSources.ProcessEnvironment(),
            Overrides = parsed.GetValue(set) ?? [],
        });

        var run = new Command("run", "Receives pushes and serves pages until it is stopped. The default.");
        run.SetAction((parsed, cancellationToken) => ServeAsync(Load(parsed), cancellationToken));
        var check = new Command("check-config", $"Prints what holds and who set it, or every mistake (exit code {WrongConfiguration}).");
        check.SetAction(parsed => Check(Load(parsed)));

        var defaults = new Command("default-config", "Prints a configuration file with every setting, explained, at its default.");
        defaults.SetAction(static _ => Console.Out.Write(DefaultConfiguration));

        var elasticsearch = ElasticsearchCommands.Make((parsed, act) =>
        {
            var load = Load(parsed);
            return load.Value is null ? Task.FromResult(Report(load)) : act(load.Value);
        });

        var root = new RootCommand("Receives the metrics of GPU nodes over OTLP/HTTP and shows them to Prometheus, one page per node; keeps their events and finds them again.") { config, set, run, check, defaults, elasticsearch };
        root.SetAction((parsed, cancellationToken) => ServeAsync(Load(parsed), cancellationToken));
        // Signals are the host's: the parser's own handler would end the process after two seconds, in the middle of an orderly stop.
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static int Check(SettingsLoad<CollectorSettings> load)
    {
        (load.Value is null ? Console.Error : Console.Out).Write(SettingsReport.Text(load));
        return load.Value is null ? WrongConfiguration : 0;
    }

    private static async Task<int> ServeAsync(SettingsLoad<CollectorSettings> load, CancellationToken cancellationToken)
    {
        if (load.Value is null) return Report(load);
        WebApplication app;
        try
        {
            app = CollectorApp.Build(load.Value);
        }
        catch (StateDirectoryException exception)
        {
            await Console.Error.WriteLineAsync($"gpu-collector {exception.Message}");
            return 1;
        }

        await using (app)
        {
            try
            {
                await app.StartAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                await Console.Error.WriteLineAsync($"gpu-collector cannot listen on {load.Value.Listen}: {exception.Message}");
                return 1;
            }

            await app.WaitForShutdownAsync(cancellationToken);
        }

        return 0;
    }

    private static int Report(SettingsLoad<CollectorSettings> load)
    {
        foreach (var error in load.Errors) Console.Error.WriteLine(error);
        return WrongConfiguration;
    }
}
