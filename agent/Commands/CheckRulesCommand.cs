using System.CommandLine;
using Monitoring.Agent.Detection.Rules.Files;

namespace Monitoring.Agent.Commands;

/// <summary><c>gpu-agent check-rules [FILE...]</c>: whether rule files are right, and why not.</summary>
internal static class CheckRulesCommand
{
    private static readonly Argument<string[]> Files = new("FILE") { Description = "Rule files, on top of the shipped rules; without any, those of detection.rules_directory.", Arity = ArgumentArity.ZeroOrMore };

    internal static Command Create()
    {
        var command = new Command("check-rules", "Says whether anomaly rules are right, with file, line and column of every mistake; a table of them where they are.") { Files };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult command)
    {
        if (Configuration.Load(command) is not { } settings) return Configuration.IsWrong;
        var files = command.GetValue(Files) ?? [];
        var load = files.Length == 0 ? new RuleLayers(settings.Detection).Load() : RuleLayers.Load(files, settings.Detection.ShippedRules);
        if (RuleReport.Mistakes(load, Console.Error)) return Configuration.IsWrong;
        Console.Out.Write(RuleReport.Table(load.Rules));
        return 0;
    }
}
