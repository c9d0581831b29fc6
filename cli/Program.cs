namespace Monitoring.Cli;

/// <summary>The program gpuctl.</summary>
internal static class Program
{
    internal static Task<int> Main(string[] args) => CommandLine.RunAsync(args, new Surroundings());
}
