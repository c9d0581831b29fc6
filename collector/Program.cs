namespace Monitoring.Collector;

/// <summary>Starts the collector.</summary>
internal static class Program
{
    private static Task<int> Main(string[] args) => CommandLine.RunAsync(args);
}
