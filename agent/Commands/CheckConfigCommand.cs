using System.CommandLine;
using Monitoring.Agent.Detection.Rules.Files;
using Monitoring.Settings;

namespace Monitoring.Agent.Commands;

/// <summary><c>gpu-agent check-config</c>.</summary>
internal static class CheckConfigCommand
{
    internal static Command Create()
    {
        var command = new Command("check-config", "Says whether the configuration is right, and why not.");
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult command)
    {
        var loaded = Configuration.Read(command);
        (loaded.Value is null ? Console.Error : Console.Out).Write(SettingsReport.Text(loaded));
        if (loaded.Value is not { } settings) return Configuration.IsWrong;
        return RuleReport.Mistakes(new RuleLayers(settings.Detection).Load(), Console.Error) ? Configuration.IsWrong : 0;
    }
}
