using Monitoring.Simulator.Model;
using Monitoring.Simulator.NodeProfiles;
using Monitoring.Simulator.State;

namespace Monitoring.Simulator.Playback;

/// <summary>Puts one recorded value into a GPU's state; NaN makes the reading absent.</summary>
internal delegate void GpuSetter(ref GpuState state, double value);

/// <summary>Which reading of the simulated driver each recorded series of a GPU is.</summary>
internal static partial class GpuSetters
{
    private const double Milli = 1e3;
    private const double Nano = 1e9;
    private const double Percent = 100;
    private const double Kibi = 1024;
    private const double Mebi = 1024 * 1024;
    private const double HertzPerMegahertz = 1e6;

    private static readonly string[] ClockDomains = ["graphics", "sm", "memory", "video"];
    private static readonly string[] EccLocations = ["l1", "l2", "dram", "register_file", "texture", "texture_shared", "cbu", "sram"];
    private static readonly string[] Causes = ["correctable", "uncorrectable"];
    private static readonly string[] Banks = ["max", "high", "partial", "low", "none"];
    private static readonly string[] RecoveryActions = ["none", "gpu_reset", "node_reboot", "drain_p2p", "drain_and_reset", "recover_imex_domain"];
    private static readonly string[] FabricStates = ["not_supported", "not_started", "in_progress", "completed"];

    /// <summary>The setter of a series; null for one that follows from others (free memory), that the driver's own state tells (link totals of single links), or that cannot be played.</summary>
    internal static GpuSetter? Of(string metric, IReadOnlyList<KeyValuePair<string, string>> labels)
    {
        var label = labels.Count > 0 ? labels[0].Value : "";
        var second = labels.Count > 1 ? labels[1].Value : "";
        return metric switch
        {
            "gpu_utilization_ratio" => Engine(0),
            "gpu_memory_utilization_ratio" => Engine(1),
            "gpu_encoder_utilization_ratio" => Engine(2),
            "gpu_decoder_utilization_ratio" => Engine(3),
            "gpu_jpeg_utilization_ratio" => Engine(4),
            "gpu_ofa_utilization_ratio" => Engine(5),
            "gpu_graphics_active_ratio" => Rate(GpmRate.Graphics, 1),
            "gpu_sm_active_ratio" => Rate(GpmRate.Sm, 1),
            "gpu_sm_occupancy_ratio" => Rate(GpmRate.SmOccupancy, 1),
            "gpu_tensor_active_ratio" => Rate(GpmRate.AnyTensor, 1),
            "gpu_dram_active_ratio" => Rate(GpmRate.DramBandwidth, 1),
            "gpu_fp64_active_ratio" => Rate(GpmRate.Fp64, 1),
            "gpu_fp32_active_ratio" => Rate(GpmRate.Fp32, 1),
            "gpu_fp16_active_ratio" => Rate(GpmRate.Fp16, 1),
            "gpu_integer_active_ratio" => Rate(GpmRate.Integer, 1),
            "gpu_memory_total_bytes" => static (ref state, value) => state.MemoryTotalBytes = Wide(value, 1, 0),
            "gpu_memory_used_bytes" => static (ref state, value) => state.MemoryUsedBytes = Wide(value, 1, 0),
            "gpu_memory_reserved_bytes" => static (ref state, value) => state.MemoryReservedBytes = Wide(value, 1),
            "gpu_bar1_used_bytes" => static (ref state, value) => state.Bar1UsedBytes = Wide(value, 1),
            "gpu_bar1_total_bytes" => static (ref state, value) => state.Bar1TotalBytes = Wide(value, 1),
            "gpu_clock_hertz" => At(ClockDomains, label, static place => (ref state, value) => state.ClockCurrent[place] = Word(value, 1 / HertzPerMegahertz)),
            "gpu_clock_max_hertz" => At(ClockDomains, label, static place => (ref state, value) => state.ClockMax[place] = Word(value, 1 / HertzPerMegahertz)),
            "gpu_performance_state" => static (ref state, value) => state.PerformanceState = Word(value, 1),
            "gpu_throttle_active" => Bit(label),
            "gpu_throttle_seconds_total" => ThrottleTime(label),
            "gpu_power_watts" => static (ref state, value) => state.PowerMilliwatts = Word(value, Milli),
            "gpu_power_instant_watts" => static (ref state, value) => state.PowerInstantMilliwatts = Word(value, Milli),
            "gpu_power_limit_watts" => static (ref state, value) => state.PowerLimitEnforcedMilliwatts = state.PowerLimitMilliwatts = Word(value, Milli),
            "gpu_power_limit_default_watts" => static (ref state, value) => state.PowerLimitDefaultMilliwatts = Word(value, Milli),
            "gpu_power_limit_min_watts" => static (ref state, value) => state.PowerLimitMinMilliwatts = Word(value, Milli),
            "gpu_power_limit_max_watts" => static (ref state, value) => state.PowerLimitMaxMilliwatts = Word(value, Milli),
            "gpu_energy_joules_total" => static (ref state, value) => state.EnergyMillijoules = Wide(value, Milli),
            "gpu_temperature_celsius" => label switch
            {
                "gpu" => static (ref state, value) => state.TemperatureCelsius = Signed(value),
                "memory" => static (ref state, value) => state.TemperatureMemoryCelsius = Signed(value),
                _ => null,
            },
            "gpu_thermal_margin_celsius" => static (ref state, value) => state.TemperatureMarginCelsius = Signed(value),
            "gpu_thermal_margin_slowdown_celsius" => static (ref state, value) => state.TemperatureLimitsCelsius[1] = Signed(value),
            "gpu_fan_speed_ratio" => Fan(label),
            "gpu_ecc_mode_enabled" => static (ref state, value) => state.EccModeCurrent = Word(value, 1),
            "gpu_ecc_errors_total" => Ecc(0, label, second),
            "gpu_ecc_lifetime_errors" => Ecc(1, label, second),
            "gpu_ecc_sram_threshold_exceeded" => static (ref state, value) => state.SramThresholdExceeded = Word(value, 1),
            "gpu_row_remapped_rows" => label == Causes[0] ? static (ref state, value) => state.RemappedCorrectable = Word(value, 1) : static (ref state, value) => state.RemappedUncorrectable = Word(value, 1),
            "gpu_row_remap_pending" => static (ref state, value) => state.RemapPending = Word(value, 1),
            "gpu_row_remap_failure" => static (ref state, value) => state.RemapFailed = Word(value, 1),
            "gpu_row_remap_banks" => At(Banks, label, static place => (ref state, value) => state.RemapHistogram[place] = Word(value, 1)),
            "gpu_retired_pages" => At(Causes, label, static place => (ref state, value) => state.RetiredCounts[place] = Word(value, 1)),
            "gpu_retired_pages_pending" => static (ref state, value) => state.RetiredPending = Word(value, 1),
            "gpu_recovery_action" => At(RecoveryActions, label, static place => (ref state, value) => state.RecoveryAction = Chosen(state.RecoveryAction, (uint)place, value)),
            "gpu_fabric_state" => At(FabricStates, label, static place => (ref state, value) => state.FabricState = Chosen(state.FabricState, (uint)place, value)),
            "gpu_pcie_transmit_bytes_per_second" => static (ref state, value) =>
            {
                state.GpmRate[(int)GpmRate.PcieTransmit] = value / Mebi;
                state.PcieTransmitKibibytesPerSecond = Word(value, 1 / Kibi);
            },
            "gpu_pcie_receive_bytes_per_second" => static (ref state, value) =>
            {
                state.GpmRate[(int)GpmRate.PcieReceive] = value / Mebi;
                state.PcieReceiveKibibytesPerSecond = Word(value, 1 / Kibi);
            },
            "gpu_pcie_replays_total" => static (ref state, value) => state.PcieReplays = Word(value, 1),
            "gpu_pcie_link_generation" => static (ref state, value) => state.PcieGenerationCurrent = Word(value, 1),
            "gpu_pcie_link_generation_max" => static (ref state, value) => state.PcieGenerationMax = Word(value, 1),
            "gpu_pcie_link_width_lanes" => static (ref state, value) => state.PcieWidthCurrent = Word(value, 1),
            "gpu_pcie_link_width_max_lanes" => static (ref state, value) => state.PcieWidthMax = Word(value, 1),
            "gpu_nvlink_up" => Link(label, static (ref link, value) => link.Active = double.IsNaN(value) ? 0 : (uint)value),
            "gpu_nvlink_errors_total" => LinkErrors(label, second),
            "gpu_nvlink_transmit_bytes_total" => static (ref state, value) => Spread(ref state, value, transmit: true),
            "gpu_nvlink_receive_bytes_total" => static (ref state, value) => Spread(ref state, value, transmit: false),
            "gpu_persistence_mode_enabled" => static (ref state, value) => state.PersistenceMode = Word(value, 1),
            "gpu_compute_mode" => static (ref state, value) => state.ComputeMode = Word(value, 1),
            _ => null,
        };
    }

    private static GpuSetter Engine(int place) => (ref state, value) => state.Utilization[place] = Word(value, Percent);

    private static GpuSetter Rate(GpmRate rate, double scale) => (ref state, value) => state.GpmRate[(int)rate] = value * scale;

    private static GpuSetter? Bit(string reason)
    {
        var bit = (ulong)(reason switch
        {
            "hw_thermal" => ClockEventReason.HardwareThermal,
            "hw_power_brake" => ClockEventReason.HardwarePowerBrake,
            "hw_slowdown" => ClockEventReason.HardwareSlowdown,
            "sw_thermal" => ClockEventReason.SoftwareThermal,
            "sw_power_cap" => ClockEventReason.SoftwarePowerCap,
            "sync_boost" => ClockEventReason.SyncBoost,
            _ => ClockEventReason.None,
        });
        return bit == 0 ? null : (ref state, value) => state.ClockEventReasons = value == 1 ? state.ClockEventReasons | bit : state.ClockEventReasons & ~bit;
    }

    /// <summary>hw_slowdown has no counter in the driver: clients add up the polled state, which is played.</summary>
    private static GpuSetter? ThrottleTime(string reason) => reason switch
    {
        "sw_thermal" => static (ref state, value) => state.EventReasonNanoseconds[0] = Wide(value, Nano),
        "hw_thermal" => static (ref state, value) => state.EventReasonNanoseconds[1] = Wide(value, Nano),
        "hw_power_brake" => static (ref state, value) => state.EventReasonNanoseconds[2] = Wide(value, Nano),
        "sw_power_cap" => static (ref state, value) => state.PolicyNanoseconds[0] = Wide(value, Nano),
        "sync_boost" => static (ref state, value) => state.PolicyNanoseconds[2] = Wide(value, Nano),
        "board_limit" => static (ref state, value) => state.PolicyNanoseconds[3] = Wide(value, Nano),
        "low_utilization" => static (ref state, value) => state.PolicyNanoseconds[4] = Wide(value, Nano),
        "reliability" => static (ref state, value) => state.PolicyNanoseconds[5] = Wide(value, Nano),
        _ => null,
    };

    private static GpuSetter? Fan(string label) => int.TryParse(label, out var fan) && fan is >= 0 and < 8 ? (ref state, value) =>
    {
        state.FanCount = Math.Max(state.FanCount == Absent.Value ? 0 : state.FanCount, (uint)fan + 1);
        state.FanPercent[fan] = state.FanTargetPercent[fan] = Word(value, Percent);
    } : null;

    private static GpuSetter? Ecc(int counter, string cause, string location)
    {
        var (type, place) = (Array.IndexOf(Causes, cause), Array.IndexOf(EccLocations, location));
        if (type < 0 || place < 0) return null;
        var at = MemoryErrorsPart.Place(type, counter, place);
        return (ref state, value) => state.EccCounts[at] = Wide(value, 1);
    }
}
