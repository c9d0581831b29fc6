using System.CommandLine;
using Monitoring.Agent.Hosting;
using Monitoring.Settings;

namespace Monitoring.Agent.Commands;

/// <summary>The settings that a command line asks for: the options that every command has.</summary>
internal static class Configuration
{
    /// <summary>Exit code of a wrong configuration, EX_CONFIG of sysexits.h; the unit file does not restart after it.</summary>
    internal const int IsWrong = 78;

    internal static Option<string?> FileOption { get; } = new("--config") { Description = "YAML file with settings.", Recursive = true };

    internal static Option<string[]> SetOption { get; } = new("--set") { Description = "A setting that wins over file and environment: key=value.", AllowMultipleArgumentsPerToken = false, Recursive = true };

    /// <summary>The settings, or everything that is wrong with them.</summary>
    internal static SettingsLoad<AgentSettings> Read(ParseResult command) => SettingsLoader.Load<AgentSettings>(new SettingsSources
    {
        File = command.GetValue(FileOption),
        EnvironmentPrefix = Program.EnvironmentPrefix,
        Environment = SettingsSources.ProcessEnvironment(),
        Overrides = command.GetValue(SetOption) ?? [],
    });

    /// <summary>The settings; null after everything that is wrong was printed.</summary>
    internal static AgentSettings? Load(ParseResult command)
    {
        var loaded = Read(command);
        foreach (var error in loaded.Errors) Console.Error.WriteLine(error);
        return loaded.Value;
    }
}
