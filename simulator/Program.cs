using System.CommandLine;
using Monitoring.Simulator.Commands;
using Monitoring.Simulator.Demo;

namespace Monitoring.Simulator;

internal static class Program
{
    /// <summary>Every command has its own file; a new one is a line here.</summary>
    internal static RootCommand Commands() => new("Plays GPU nodes: a libnvidia-ml.so.1 with the real binary interface over a machine that does not exist.")
    {
        RunCommand.Create(),
        InjectCommand.CreateInject(),
        InjectCommand.CreateClear(),
        InjectCommand.CreateList(),
        ProfilesCommand.Create(),
        DemoCommand.Create(),
    };

    private static Task<int> Main(string[] args) => Commands().Parse(args).InvokeAsync();
}
