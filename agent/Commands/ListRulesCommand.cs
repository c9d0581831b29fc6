using System.CommandLine;
using Monitoring.Agent.Detection.Rules.Files;

namespace Monitoring.Agent.Commands;

/// <summary><c>gpu-agent list-rules</c>: the rules that hold, as one rule file with every default written out.</summary>
internal static class ListRulesCommand
{
    internal static Command Create()
    {
        var command = new Command("list-rules", "Prints the anomaly rules that hold as YAML, every key written out, with the file and line that each comes from.");
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult command)
    {
        if (Configuration.Load(command) is not { } settings) return Configuration.IsWrong;
        var load = new RuleLayers(settings.Detection).Load();
        if (RuleReport.Mistakes(load, Console.Error)) return Configuration.IsWrong;
        Console.Out.Write(RuleYaml.Text(load.Rules));
        return 0;
    }
}
