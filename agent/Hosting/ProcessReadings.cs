using System.Reflection;
using System.Runtime.InteropServices;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Hosting;

/// <summary>Answers for the metrics of the agent's own process.</summary>
internal sealed class ProcessReadings(TimeProvider time)
{
    private readonly double started = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    /// <summary>Version of the agent.</summary>
    internal static string Version { get; } = Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    internal void Register(NodeReadings readings)
    {
        readings.Add(MetricTable.BuildInfo, static () => [new NodeReading(1, Version, RuntimeInformation.FrameworkDescription)]);
        readings.Add(MetricTable.StartTime, () => started);
        readings.Add(MetricTable.Cpu, static () => Environment.CpuUsage.TotalTime.TotalSeconds);
        readings.Add(MetricTable.ResidentMemory, static () => Environment.WorkingSet);
    }
}
