namespace Monitoring.Tests.Agent.Detection.Rules.Files;

/// <summary>What a board reads; NaN for what it does not have.</summary>
internal sealed record Board(string Model, double LimitWatts, double ClockHertz, double MemoryBytes, int Links, bool HasCounters, bool HasRemap, bool HasFabric, double MemoryCelsius, bool IsMig = false);

/// <summary>Boards that differ in what they read.</summary>
internal static class Boards
{
    internal static readonly Board T4 = new("Tesla T4", 70, 1.59e9, 16e9, 0, false, false, false, double.NaN);
    internal static readonly Board A100 = new("NVIDIA A100-SXM4-80GB", 400, 1.41e9, 80e9, 12, false, true, false, 84);
    internal static readonly Board H100 = new("NVIDIA H100 80GB HBM3", 700, 1.98e9, 80e9, 18, true, true, true, 90);
    internal static readonly Board B200 = new("NVIDIA B200", 1000, 1.96e9, 180e9, 18, true, true, true, 91);
    internal static readonly Board Geforce = new("NVIDIA GeForce RTX 4090", 450, 2.7e9, 24e9, 0, false, false, false, double.NaN);
    internal static readonly Board H100Mig = H100 with { IsMig = true };

    internal static Board Of(string name) => name switch
    {
        nameof(T4) => T4,
        nameof(A100) => A100,
        nameof(H100) => H100,
        nameof(B200) => B200,
        nameof(Geforce) => Geforce,
        _ => H100Mig,
    };
}

/// <summary>
/// A sound node at work: 15 minutes idle, then a job of 65 minutes that runs at the software power cap, saves its state for four minutes
/// every half hour, fills its memory at once and gives it back; corrected errors, single replays and an unused port included.
/// </summary>
internal sealed class HealthyNode
{
    private static readonly string[] Reasons = ["hw_thermal", "hw_power_brake", "hw_slowdown", "sw_thermal", "sync_boost"];

    private readonly RuleHarness harness;
    private readonly Board board;
    private readonly int gpus;
    private readonly Random random = new(20261121);

    internal HealthyNode(RuleHarness harness, Board board, int gpus)
    {
        (this.harness, this.board, this.gpus) = (harness, board, gpus);
        harness.SetNode("gpu_devices", gpus).SetNode("gpu_devices_expected", gpus);
        harness.SetNode("gpu_service_active{service=\"nvidia-persistenced\"}", 0).SetNode("gpu_service_active{service=\"nvidia-fabricmanager\"}", board.HasFabric ? 1 : 0);
        foreach (var (device, up) in new[] { ("mlx5_0", 1), ("mlx5_1", 1), ("mlx5_2", 0) })
            harness.SetNode(Port("gpu_infiniband_port_up", device), up).SetNode(Port("gpu_infiniband_link_downed_total", device), 1)
                .SetNode(Port("gpu_infiniband_symbol_errors_total", device), 0).SetNode(Port("gpu_infiniband_link_error_recovery_total", device), 0);
        for (var gpu = 0; gpu < gpus; gpu++) Birth(gpu);
    }

    internal void Live(TimeSpan elapsed)
    {
        var minute = elapsed.TotalMinutes % 80;
        var works = minute >= 15;
        var saves = works && minute % 30 < 4;
        for (var gpu = 0; gpu < gpus; gpu++)
        {
            var busy = works && !saves;
            Set(gpu, "gpu_utilization_ratio", busy ? (random.Next(40) == 0 ? 0.3 : 0.95 + 0.05 * random.NextDouble()) : 0.01 * random.NextDouble());
            Set(gpu, "gpu_memory_utilization_ratio", busy ? 0.3 + 0.3 * random.NextDouble() : 0);
            Set(gpu, "gpu_power_watts", busy ? board.LimitWatts * (0.97 + 0.03 * random.NextDouble()) : board.LimitWatts * 0.12);
            Set(gpu, "gpu_throttle_active{reason=\"sw_power_cap\"}", busy ? 1 : 0);
            // The driver trims a little at the temperature target: two percent of the time.
            Set(gpu, "gpu_throttle_active{reason=\"sw_thermal\"}", busy && random.Next(50) == 0 ? 1 : 0);
            // Boards under the same cap differ by a few percent.
            Set(gpu, "gpu_clock_hertz{domain=\"sm\"}", busy ? board.ClockHertz * (0.72 + 0.02 * gpu + 0.03 * random.NextDouble()) : board.ClockHertz * 0.15);
            Set(gpu, "gpu_memory_used_bytes", works ? board.MemoryBytes * 0.95 : board.MemoryBytes * 0.006);
            Set(gpu, "gpu_processes", works ? 1 : 0);
            Set(gpu, "gpu_pcie_link_generation", busy ? 4 : 1);
            Set(gpu, "gpu_pcie_replay_limit_per_second", busy ? 16 / 60.0 : 2 / 60.0);
            Set(gpu, "gpu_pcie_replays_total", Math.Floor(elapsed.TotalMinutes / 10));
            if (board.HasCounters && !board.IsMig)
            {
                Set(gpu, "gpu_tensor_active_ratio", busy ? 0.45 : 0);
                Set(gpu, "gpu_dram_active_ratio", busy ? 0.4 : 0);
            }
            if (!double.IsNaN(board.MemoryCelsius)) Set(gpu, "gpu_temperature_celsius{sensor=\"memory\"}", busy ? board.MemoryCelsius + 2 * random.NextDouble() : 45);
            if (board.HasRemap) Set(gpu, "gpu_ecc_errors_total{type=\"correctable\",location=\"sram\"}", Math.Floor(elapsed.TotalMinutes));
            for (var link = 0; link < board.Links && !board.IsMig; link++) Set(gpu, $"gpu_nvlink_errors_total{{link=\"{link}\",type=\"replay\"}}", Math.Floor(elapsed.TotalHours));
        }
        harness.SetNode(Port("gpu_infiniband_symbol_errors_total", "mlx5_0"), Math.Floor(elapsed.TotalSeconds / 5));
    }

    private void Birth(int gpu)
    {
        foreach (var reason in Reasons) Set(gpu, $"gpu_throttle_active{{reason=\"{reason}\"}}", 0);
        Set(gpu, "gpu_power_limit_watts", board.LimitWatts);
        Set(gpu, "gpu_memory_total_bytes", board.MemoryBytes);
        Set(gpu, "gpu_pcie_link_generation_max", 4);
        Set(gpu, "gpu_pcie_link_width_lanes", 16);
        Set(gpu, "gpu_pcie_link_width_max_lanes", 16);
        Set(gpu, "gpu_thermal_margin_celsius", board.HasCounters ? 12 : double.NaN);
        Set(gpu, "gpu_thermal_margin_slowdown_celsius", board.HasCounters ? -2 : double.NaN);
        foreach (var state in new[] { "not_supported", "not_started", "in_progress", "completed" })
            Set(gpu, $"gpu_fabric_state{{state=\"{state}\"}}", state == (board.HasFabric ? "completed" : "not_supported") ? 1 : 0);
        foreach (var action in new[] { "none", "gpu_reset", "node_reboot", "drain_p2p", "drain_and_reset", "recover_imex_domain" })
            Set(gpu, $"gpu_recovery_action{{action=\"{action}\"}}", board.HasCounters ? action == "none" ? 1 : 0 : double.NaN);
        foreach (var metric in new[] { "gpu_row_remap_pending", "gpu_row_remap_failure", "gpu_row_remap_banks{availability=\"none\"}", "gpu_ecc_sram_threshold_exceeded", "gpu_ecc_errors_total{type=\"uncorrectable\",location=\"dram\"}" })
            Set(gpu, metric, board.HasRemap ? 0 : double.NaN);
        Set(gpu, "gpu_row_remapped_rows{cause=\"uncorrectable\"}", board.HasRemap ? 2 : double.NaN);
        Set(gpu, "gpu_retired_pages{cause=\"correctable\"}", board.HasRemap ? double.NaN : 1);
        for (var link = 0; link < board.Links && !board.IsMig; link++) Set(gpu, $"gpu_nvlink_up{{link=\"{link}\"}}", 1);
        harness.SetNode($"gpu_agent_driver_call_stuck_seconds{{gpu=\"{gpu}\",uuid=\"GPU-{gpu}\",collector=\"nvml\"}}", 0);
    }

    private void Set(int gpu, string series, double value) => harness.Set(series, value, gpu, board.Model);

    private static string Port(string metric, string device) => $"{metric}{{device=\"{device}\",port=\"1\"}}";
}
