using Monitoring.Contracts.Recordings;

namespace Monitoring.Tests.Agent.Detection;

/// <summary>One H100 of a scripted day: what it reads each second, from what the workload does and what is wrong with it.</summary>
internal sealed class ScenarioGpu
{
    internal const double MemoryTotalBytes = 80e9;
    internal const double PowerLimitWatts = 700;
    internal const int Links = 18;

    private static readonly string[] Reasons = ["hw_thermal", "hw_power_brake", "hw_slowdown", "sw_thermal", "sw_power_cap", "sync_boost"];
    private static readonly string[] Banks = ["max", "high", "partial", "low", "none"];
    private static readonly string[] Actions = ["none", "gpu_reset", "node_reboot", "drain_p2p", "drain_and_reset", "recover_imex_domain"];
    private static readonly string[] States = ["not_supported", "not_started", "in_progress", "completed"];
    private static readonly string[] Types = ["correctable", "uncorrectable"];

    private readonly List<RecordedSeries> series = [];
    private readonly List<Func<double>> reads = [];

    internal ScenarioGpu(int index)
    {
        Index = index;
        LinkErrors = new double[Links];
        Fast("gpu_utilization_ratio", () => Utilization);
        Fast("gpu_memory_utilization_ratio", () => Utilization * Work * 0.6);
        Fast("gpu_memory_total_bytes", () => MemoryTotalBytes);
        Fast("gpu_memory_used_bytes", () => MemoryUsedBytes);
        Fast("gpu_memory_free_bytes", () => MemoryTotalBytes - MemoryUsedBytes);
        Fast("gpu_clock_hertz", () => ClockHertz, ("domain", "sm"));
        foreach (var reason in Reasons) Fast("gpu_throttle_active", () => Throttles.Contains(reason) ? 1 : 0, ("reason", reason));
        Fast("gpu_power_watts", () => PowerWatts);
        Fast("gpu_temperature_celsius", () => Celsius, ("sensor", "gpu"));
        Fast("gpu_temperature_celsius", () => Celsius + 6, ("sensor", "memory"));
        Medium("gpu_tensor_active_ratio", () => Work * 0.55);
        Medium("gpu_dram_active_ratio", () => Work * 0.45);
        Medium("gpu_thermal_margin_celsius", () => 87 - Celsius);
        Medium("gpu_processes", () => Processes);
        Slow("gpu_clock_max_hertz", static () => 1980e6, ("domain", "sm"));
        Slow("gpu_power_limit_watts", static () => PowerLimitWatts);
        Slow("gpu_thermal_margin_slowdown_celsius", static () => -2);
        foreach (var type in Types)
        {
            Slow("gpu_ecc_errors_total", () => type == Types[0] ? 0 : UncorrectableErrors, ("type", type), ("location", "dram"));
            Slow("gpu_ecc_errors_total", () => type == Types[0] ? CorrectableErrors : 0, ("type", type), ("location", "sram"));
        }
        Slow("gpu_ecc_sram_threshold_exceeded", static () => 0);
        Slow("gpu_row_remapped_rows", static () => 0, ("cause", "correctable"));
        Slow("gpu_row_remapped_rows", () => UncorrectableErrors, ("cause", "uncorrectable"));
        Slow("gpu_row_remap_pending", () => RemapPending);
        Slow("gpu_row_remap_failure", static () => 0);
        foreach (var bank in Banks) Slow("gpu_row_remap_banks", () => bank == "max" ? 640 : 0, ("availability", bank));
        foreach (var action in Actions) Slow("gpu_recovery_action", () => action == "none" ? 1 : 0, ("action", action));
        Slow("gpu_pcie_replays_total", () => PcieReplays);
        Slow("gpu_pcie_replay_limit_per_second", () => 0.48 / 60 * Math.Pow(2, 5 - 3) * PcieLanes);
        // An idle link rests at generation 1.
        Slow("gpu_pcie_link_generation", () => Utilization > 0.1 ? 5 : 1);
        Slow("gpu_pcie_link_generation_max", static () => 5);
        Slow("gpu_pcie_link_width_lanes", () => PcieLanes);
        Slow("gpu_pcie_link_width_max_lanes", static () => 16);
        for (var link = 0; link < Links; link++)
        {
            var number = link;
            var label = link.ToString(System.Globalization.CultureInfo.InvariantCulture);
            Slow("gpu_nvlink_up", () => number == DownLink ? 0 : 1, ("link", label));
            foreach (var type in (string[])["replay", "recovery", "crc_flit", "crc_data"])
                Slow("gpu_nvlink_errors_total", () => type == "recovery" ? LinkErrors[number] : 0, ("link", label), ("type", type));
        }
        foreach (var state in States) Slow("gpu_fabric_state", () => state == "completed" ? 1 : 0, ("state", state));
        Values = new double[reads.Count];
    }

    internal int Index { get; }

    internal string Uuid => $"GPU-{Index}";

    internal double Utilization { get; set; }

    /// <summary>Share of the full load's work that is done; a GPU that waits in a collective is busy and does none.</summary>
    internal double Work { get; set; }

    internal double MemoryUsedBytes { get; set; }

    internal double ClockHertz { get; set; }

    internal double PowerWatts { get; set; }

    internal double Celsius { get; set; }

    internal double Processes { get; set; }

    internal HashSet<string> Throttles { get; } = [];

    internal double UncorrectableErrors { get; set; }

    internal double CorrectableErrors { get; set; }

    internal double RemapPending { get; set; }

    internal double PcieReplays { get; set; }

    internal double PcieLanes { get; set; } = 16;

    internal int DownLink { get; set; } = -1;

    internal double[] LinkErrors { get; }

    /// <summary>False while it gives no frames.</summary>
    internal bool IsSampled { get; set; } = true;

    /// <summary>Seconds for which a driver call has hung.</summary>
    internal double StuckSeconds { get; set; }

    internal double[] Values { get; }

    internal RecordedLayout Layout => new(new RecordedGpu(Index, Uuid, "", "", "NVIDIA H100 80GB HBM3"), series);

    /// <summary>Reads the tiers that are due; the others stay what they were.</summary>
    internal void Read(int tiers)
    {
        for (var place = 0; place < Values.Length; place++)
            if ((tiers & 1 << series[place].Tier) != 0) Values[place] = reads[place]();
    }

    private void Fast(string metric, Func<double> read, params (string, string)[] labels) => Add(metric, 0, read, labels);

    private void Medium(string metric, Func<double> read, params (string, string)[] labels) => Add(metric, 1, read, labels);

    private void Slow(string metric, Func<double> read, params (string, string)[] labels) => Add(metric, 2, read, labels);

    private void Add(string metric, int tier, Func<double> read, (string Name, string Value)[] labels)
    {
        series.Add(new RecordedSeries(metric, [.. labels.Select(static label => KeyValuePair.Create(label.Name, label.Value))], tier));
        reads.Add(read);
    }
}
