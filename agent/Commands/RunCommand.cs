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
            Console.Error.WriteLine(WhyNot(settings, fault.Message));
            return CannotListen;
        }
    }

    /// <summary>Which of the two addresses cannot be had, where the fault tells, and what to do about it.</summary>
    private static string WhyNot(AgentSettings settings, string fault)
    {
        if (settings.CompatibilityEndPoint is not { } compatibility) return $"gpu-agent cannot listen on {settings.Listen}: {fault}";
        var isCompatibility = fault.Contains($"//{compatibility}:", StringComparison.Ordinal);
        if (!isCompatibility && fault.Contains($"//{settings.ListenEndPoint}:", StringComparison.Ordinal)) return $"gpu-agent cannot listen on {settings.Listen}: {fault}";
        var where = isCompatibility ? $"{settings.CompatibilityListen} (compatibility_listen)" : $"{settings.Listen} (listen) or {settings.CompatibilityListen} (compatibility_listen)";
        return $"gpu-agent cannot listen on {where}: {fault} Stop dcgm-exporter if it still runs there, or set compatibility_listen to another address.";
    }
}
