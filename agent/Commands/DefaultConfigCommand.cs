using System.CommandLine;

namespace Monitoring.Agent.Commands;

/// <summary><c>gpu-agent default-config</c>.</summary>
internal static class DefaultConfigCommand
{
    internal static Command Create()
    {
        var command = new Command("default-config", "Prints a configuration file with every setting, explained, at its default.");
        command.SetAction(static _ => Console.Out.Write(Program.DefaultConfiguration));
        return command;
    }
}
