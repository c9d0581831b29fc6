using System.CommandLine;
using System.Net.Sockets;
using Monitoring.Agent.Hosting;

namespace Monitoring.Agent.Commands;

/// <summary><c>gpu-agent run</c>, and what happens without a command.</summary>
internal static class RunCommand
{
    private const int CannotListen = 1;

    internal static Command Create()
    {
        var command = new Command("run", "Samples the GPUs of this node until stopped; what happens without a command, too.");
        command.SetAction(Run);
        return command;
    }

    internal static int Run(ParseResult command)
    {
        if (Configuration.Load(command) is not { } settings) return Configuration.IsWrong;
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
}
