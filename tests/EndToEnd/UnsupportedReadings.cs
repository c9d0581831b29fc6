using Monitoring.Simulator;

namespace Monitoring.Tests.EndToEnd;

/// <summary>Readings that one GPU answers with NOT_SUPPORTED, and the metrics that must therefore be absent for it.</summary>
internal static class UnsupportedReadings
{
    internal const int Gpu = 5;

    private static readonly (string Function, string[] Metrics)[] Refused =
    [
        ("nvmlDeviceGetUtilizationRates", ["gpu_utilization_ratio", "gpu_memory_utilization_ratio"]),
        ("nvmlDeviceGetTotalEnergyConsumption", ["gpu_energy_joules_total"]),
        ("nvmlDeviceGetPerformanceState", ["gpu_performance_state"]),
        ("nvmlDeviceGetPersistenceMode", ["gpu_persistence_mode_enabled"]),
        ("nvmlDeviceGetEncoderUtilization", ["gpu_encoder_utilization_ratio"]),
        ("nvmlDeviceGetBAR1MemoryInfo", ["gpu_bar1_used_bytes", "gpu_bar1_total_bytes"]),
        ("nvmlDeviceGetComputeMode", ["gpu_compute_mode"]),
    ];

    internal static IEnumerable<string> Metrics => Refused.SelectMany(reading => reading.Metrics);

    internal static void Apply(SimulatedGpu gpu)
    {
        foreach (var (function, _) in Refused)
            gpu.SetResult(function, DriverResult.NotSupported);
    }
}
