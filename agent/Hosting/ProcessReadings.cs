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

    /// <summary>
    /// Tells this agent from another that was given the same node name by mistake: the id that the kernel made at boot, which cloned
    /// machines do not share and which outlives a restart of the agent, and the port.
    /// </summary>
    internal static string InstanceId(int port)
    {
        try
        {
            return $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()}:{port}";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"{Environment.MachineName}:{port}";
        }
    }

    internal void Register(NodeReadings readings)
    {
        readings.Add(MetricTable.BuildInfo, static () => [new NodeReading(1, Version, RuntimeInformation.FrameworkDescription)]);
        readings.Add(MetricTable.StartTime, () => started);
        readings.Add(MetricTable.Cpu, static () => Environment.CpuUsage.TotalTime.TotalSeconds);
        readings.Add(MetricTable.ResidentMemory, static () => Environment.WorkingSet);
    }
}
