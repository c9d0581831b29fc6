using System.CommandLine;
using System.Net.Sockets;
using Monitoring.Agent.Exposition;
using Monitoring.Agent.Hosting;
using Monitoring.Settings;

namespace Monitoring.Agent;

/// <summary>The command line of <c>gpu-agent</c>.</summary>
internal static class Program
{
    // sysexits.h EX_CONFIG; the unit file does not restart after it.
    private const int ConfigurationIsWrong = 78;
    private const int CannotListen = 1;
    internal const string EnvironmentPrefix = "GPU_AGENT_";

    /// <summary>The file agent/agent.yaml.</summary>
    internal static string DefaultConfiguration => SettingsDocument.Yaml<AgentSettings>("Configuration of gpu-agent; every key is shown with its default.\nAfter a change: gpu-agent check-config --config FILE, then systemctl restart gpu-agent");

    private static readonly Option<string?> ConfigOption = new("--config") { Description = "YAML file with settings.", Recursive = true };
    private static readonly Option<string[]> SetOption = new("--set") { Description = "A setting that wins over file and environment: key=value.", AllowMultipleArgumentsPerToken = false, Recursive = true };

    internal static int Main(string[] args)
    {
        var run = new Command("run", "Samples the GPUs of this node until stopped; what happens without a command, too.");
        run.SetAction(Run);
        var check = new Command("check-config", "Says whether the configuration is right, and why not.");
        check.SetAction(CheckConfig);
        var list = new Command("list-metrics", "Prints every metric as a Markdown table.");
        list.SetAction(static _ => Console.Out.Write(MetricDocument.Markdown()));

        var defaults = new Command("default-config", "Prints a configuration file with every setting, explained, at its default.");
        defaults.SetAction(static _ => Console.Out.Write(DefaultConfiguration));

        var root = new RootCommand("Monitors the NVIDIA GPUs of this node.") { ConfigOption, SetOption, run, check, list, defaults };
        root.SetAction(Run);
        return root.Parse(args).Invoke();
    }

    private static int Run(ParseResult command)
    {
        if (Load(command) is not { } settings) return ConfigurationIsWrong;
        using var app = AgentApp.Build(settings, TimeProvider.System);
        try
        {
            app.Run();
            return 0;
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            // The one thing that Kestrel needs of the machine, and often another process has it.
            Console.Error.WriteLine($"gpu-agent cannot listen on {settings.Listen}: {fault.Message}");
            return CannotListen;
        }
    }

    private static int CheckConfig(ParseResult command)
    {
        var loaded = Read(command);
        (loaded.Value is null ? Console.Error : Console.Out).Write(SettingsReport.Text(loaded));
        return loaded.Value is null ? ConfigurationIsWrong : 0;
    }

    private static AgentSettings? Load(ParseResult command)
    {
        var loaded = Read(command);
        foreach (var error in loaded.Errors) Console.Error.WriteLine(error);
        return loaded.Value;
    }

    private static SettingsLoad<AgentSettings> Read(ParseResult command) => SettingsLoader.Load<AgentSettings>(new SettingsSources
    {
        File = command.GetValue(ConfigOption),
        EnvironmentPrefix = EnvironmentPrefix,
        Environment = SettingsSources.ProcessEnvironment(),
        Overrides = command.GetValue(SetOption) ?? [],
    });
}
