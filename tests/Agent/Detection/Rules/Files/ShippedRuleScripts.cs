using Monitoring.Contracts.Events;

namespace Monitoring.Tests.Agent.Detection.Rules.Files;

/// <summary>What happens to a node in the test of one shipped rule: sound for a while, then the fault, then sound again.</summary>
/// <param name="Rule">The rule that must see it.</param>
/// <param name="Sound">Sets the values of a sound node.</param>
/// <param name="Fault">Sets the values of the fault; is called before every frame of it with the time since its start.</param>
/// <param name="IsCount">True for counters, which stay where they are when the fault ends.</param>
internal sealed record RuleScript(string Rule, Action<RuleHarness> Sound, Action<RuleHarness, TimeSpan> Fault, bool IsCount = false);

/// <summary>A script for each shipped rule.</summary>
internal static class ShippedRuleScripts
{
    private const double Gibibyte = 1L << 30;
    private static readonly int[] Four = [0, 1, 2, 3];

    internal static IReadOnlyList<RuleScript> All { get; } =
    [
        Level("hw_thermal_slowdown", "gpu_throttle_active{reason=\"hw_thermal\"}", 0, 1),
        Level("sw_thermal_slowdown", "gpu_throttle_active{reason=\"sw_thermal\"}", 0, 1),
        new("thermal_margin_negative", static node => node.Set("gpu_thermal_margin_celsius", 20).Set("gpu_thermal_margin_slowdown_celsius", -2), static (node, _) => node.Set("gpu_thermal_margin_celsius", -3)),
        Level("memory_hot", "gpu_temperature_celsius{sensor=\"memory\"}", 80, 95),
        Level("hw_power_brake", "gpu_throttle_active{reason=\"hw_power_brake\"}", 0, 1),
        Count("uncorrectable_ecc", "gpu_ecc_errors_total{type=\"uncorrectable\",location=\"dram\"}", 1),
        Level("ecc_sram_threshold", "gpu_ecc_sram_threshold_exceeded", 0, 1),
        Count("correctable_ecc_storm", "gpu_ecc_errors_total{type=\"correctable\",location=\"sram\"}", 10_001),
        Xid("xid_correctable_storm", 92),
        Level("row_remap_pending", "gpu_row_remap_pending", 0, 1),
        Level("row_remap_failure", "gpu_row_remap_failure", 0, 1),
        Level("row_remap_bank_exhausted", "gpu_row_remap_banks{availability=\"none\"}", 0, 1),
        Level("row_remap_limit", "gpu_row_remapped_rows{cause=\"uncorrectable\"}", 3, 512),
        new("page_retirement_limit", static node => node.Set("gpu_retired_pages{cause=\"correctable\"}", 30).Set("gpu_retired_pages{cause=\"uncorrectable\"}", 29), static (node, _) => node.Set("gpu_retired_pages{cause=\"uncorrectable\"}", 30)),
        Xid("gpu_fallen_off_bus", 79),
        Xid("xid_memory_fatal", 48),
        Xid("xid_gsp", 119),
        Xid("xid_fatal", 62),
        Xid("xid_repeated", 64, count: 5),
        Xid("xid_application_repeated", 13, count: 10),
        Xid("xid_contained_memory_error", 94),
        Xid("xid_nvlink", 145, EventSeverity.Critical),
        new("recovery_action_required", static node => node.Set("gpu_recovery_action{action=\"none\"}", 1).Set("gpu_recovery_action{action=\"gpu_reset\"}", 0), static (node, _) => node.Set("gpu_recovery_action{action=\"none\"}", 0).Set("gpu_recovery_action{action=\"gpu_reset\"}", 1)),
        new("gpu_missing", static node => node.SetNode("gpu_devices", 8).SetNode("gpu_devices_expected", 8), static (node, _) => node.SetNode("gpu_devices", 7)),
        new("gpu_not_sampled", static node => { node.Set("gpu_utilization_ratio", 0); node.Silence(0, isSilent: false); }, static (node, _) => node.Silence(0)),
        new("driver_call_stuck", static node => node.SetNode("gpu_agent_driver_call_stuck_seconds{gpu=\"3\",uuid=\"GPU-3\",collector=\"nvml\"}", 0), static (node, since) => node.SetNode("gpu_agent_driver_call_stuck_seconds{gpu=\"3\",uuid=\"GPU-3\",collector=\"nvml\"}", since.TotalSeconds)),
        new("nvlink_down", static node => { foreach (var gpu in Four) for (var link = 0; link < 18; link++) node.Set($"gpu_nvlink_up{{link=\"{link}\"}}", 1, gpu); }, static (node, _) => node.Set("gpu_nvlink_up{link=\"7\"}", 0)),
        new("nvlink_missing", static node => { foreach (var gpu in Four) for (var link = 0; link < 18; link++) node.Set($"gpu_nvlink_up{{link=\"{link}\"}}", 1, gpu); }, static (node, _) => node.Set("gpu_nvlink_up{link=\"7\"}", 0)),
        Count("nvlink_recovery", "gpu_nvlink_errors_total{link=\"7\",type=\"recovery\"}", 1),
        Count("nvlink_replays", "gpu_nvlink_errors_total{link=\"7\",type=\"replay\"}", 10),
        Growth("nvlink_crc_storm", "gpu_nvlink_errors_total{link=\"7\",type=\"crc_flit\"}", 120),
        new("pcie_replay_rate", static node => node.Set("gpu_pcie_replays_total", 100).Set("gpu_pcie_replay_limit_per_second", 31 / 60.0), static (node, since) => node.Set("gpu_pcie_replays_total", 100 + Math.Floor(since.TotalSeconds * 32 / 60)), IsCount: true),
        new("pcie_link_degraded", static node => node.Set("gpu_pcie_link_width_lanes", 16).Set("gpu_pcie_link_width_max_lanes", 16).Set("gpu_pcie_link_generation", 5).Set("gpu_pcie_link_generation_max", 5).Set("gpu_utilization_ratio", 0.9), static (node, _) => node.Set("gpu_pcie_link_generation", 3)),
        new("fabric_unhealthy", static node => node.Set("gpu_fabric_state{state=\"completed\"}", 1).Set("gpu_fabric_state{state=\"in_progress\"}", 0), static (node, _) => node.Set("gpu_fabric_state{state=\"completed\"}", 0).Set("gpu_fabric_state{state=\"in_progress\"}", 1)),
        new("nvswitch_fatal", static node => node.SetNode("gpu_devices", 8), Once(static node => node.Publish(EventKinds.Sxid, 20034, gpu: null, severity: EventSeverity.Critical))),
        new("service_stopped", static node => node.SetNode("gpu_service_active{service=\"nvidia-fabricmanager\"}", 1).SetNode("gpu_service_active{service=\"nvidia-imex\"}", 0), static (node, _) => node.SetNode("gpu_service_active{service=\"nvidia-fabricmanager\"}", 0)),
        new("memory_held_without_process", static node => node.Set("gpu_memory_used_bytes", 60 * Gibibyte).Set("gpu_processes", 1), static (node, _) => node.Set("gpu_processes", 0)),
        new("near_out_of_memory", static node => node.Set("gpu_memory_total_bytes", 80 * Gibibyte).Set("gpu_memory_used_bytes", 60 * Gibibyte), static (node, since) => node.Set("gpu_memory_used_bytes", Math.Min(79, 60 + since.TotalMinutes * 0.5) * Gibibyte)),
        new("utilization_collapse", static node => Busy(node, 0), static (node, _) => node.Set("gpu_utilization_ratio", 0.01)),
        new("stuck_collective", static node => { foreach (var gpu in Four) Busy(node, gpu); }, static (node, _) => { foreach (var gpu in Four) Spin(node, gpu); }),
        new("stuck_collective_by_power", static node => { foreach (var gpu in Four) Busy(node, gpu); }, static (node, _) => { foreach (var gpu in Four) Spin(node, gpu); }),
        new("clock_straggler", static node => { foreach (var gpu in Four) node.Set("gpu_clock_hertz{domain=\"sm\"}", 1.98e9 - gpu * 3e7, gpu).Set("gpu_utilization_ratio", 0.97, gpu); }, static (node, _) => node.Set("gpu_clock_hertz{domain=\"sm\"}", 1.2e9)),
        new("infiniband_port_down", static node => node.SetNode(Port("gpu_infiniband_port_up", "mlx5_0"), 1).SetNode(Port("gpu_infiniband_port_up", "mlx5_9"), 0), static (node, _) => node.SetNode(Port("gpu_infiniband_port_up", "mlx5_0"), 0)),
        new("infiniband_flapping", static node => node.SetNode(Port("gpu_infiniband_link_downed_total", "mlx5_0"), 2), static (node, since) => node.SetNode(Port("gpu_infiniband_link_downed_total", "mlx5_0"), 2 + Math.Floor(since.TotalMinutes / 5)), IsCount: true),
        new("infiniband_errors", static node => node.SetNode(Port("gpu_infiniband_symbol_errors_total", "mlx5_0"), 9).SetNode(Port("gpu_infiniband_link_error_recovery_total", "mlx5_0"), 0), static (node, since) => node.SetNode(Port("gpu_infiniband_symbol_errors_total", "mlx5_0"), 9 + Math.Floor(20 * since.TotalSeconds)), IsCount: true),
    ];

    private static RuleScript Level(string rule, string series, double sound, double faulty) =>
        new(rule, node => node.Set(series, sound), (node, _) => node.Set(series, faulty));

    /// <summary>A counter that jumps once.</summary>
    private static RuleScript Count(string rule, string series, double jump) => new(rule, node => node.Set(series, 5), (node, _) => node.Set(series, 5 + jump), IsCount: true);

    /// <summary>A counter that grows all the time.</summary>
    private static RuleScript Growth(string rule, string series, double perSecond) =>
        new(rule, node => node.Set(series, 5), (node, since) => node.Set(series, 5 + Math.Floor(perSecond * since.TotalSeconds)), IsCount: true);

    private static RuleScript Xid(string rule, int code, EventSeverity severity = EventSeverity.Warning, int count = 1) => new(rule, static node => node.Set("gpu_utilization_ratio", 0.5), (node, since) =>
    {
        // One a minute.
        if (since.Ticks % TimeSpan.TicksPerMinute == 0 && since.TotalMinutes < count) node.Publish(EventKinds.Xid, code, severity: severity);
    });

    private static Action<RuleHarness, TimeSpan> Once(Action<RuleHarness> what) => (node, since) =>
    {
        if (since == TimeSpan.Zero) what(node);
    };

    private static string Port(string metric, string device) => $"{metric}{{device=\"{device}\",port=\"1\"}}";

    private static void Busy(RuleHarness node, int gpu) => node
        .Set("gpu_utilization_ratio", 0.98, gpu).Set("gpu_memory_utilization_ratio", 0.4, gpu).Set("gpu_tensor_active_ratio", 0.5, gpu).Set("gpu_dram_active_ratio", 0.4, gpu)
        .Set("gpu_power_watts", 690, gpu).Set("gpu_power_limit_watts", 700, gpu)
        .Set("gpu_memory_used_bytes", 70 * Gibibyte, gpu).Set("gpu_memory_total_bytes", 80 * Gibibyte, gpu).Set("gpu_processes", 1, gpu);

    private static void Spin(RuleHarness node, int gpu) => node
        .Set("gpu_utilization_ratio", 1, gpu).Set("gpu_memory_utilization_ratio", 0, gpu).Set("gpu_tensor_active_ratio", 0, gpu).Set("gpu_dram_active_ratio", 0.001, gpu).Set("gpu_power_watts", 140, gpu);
}
