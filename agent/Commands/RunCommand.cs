using System.CommandLine;
using System.Net;
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
            Console.Error.WriteLine(WhyNot(settings, fault.Message));
            return CannotListen;
        }
    }

    /// <summary>Which of the two addresses cannot be had, where the fault tells, and what to do about it.</summary>
    private static string WhyNot(AgentSettings settings, string fault)
    {
        if (settings.CompatibilityEndPoint is not { } compatibility || Names(fault, settings.ListenEndPoint)) return $"gpu-agent cannot listen on {settings.Listen}: {fault}";
        return Names(fault, compatibility)
            ? $"gpu-agent cannot listen on {settings.CompatibilityListen} (compatibility_listen): {fault} Stop dcgm-exporter if it still runs there, or set compatibility_listen to another address."
            : $"gpu-agent cannot listen on {settings.Listen} (listen) or on {settings.CompatibilityListen} (compatibility_listen), which must be addresses of this node: {fault}";
    }

    private static bool Names(string fault, IPEndPoint? end) => end is not null && fault.Contains($"//{end}:", StringComparison.Ordinal);
}
