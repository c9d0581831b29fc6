using static Monitoring.Dashboards.Generator.Grafana.Selectors;

namespace Monitoring.Dashboards.Generator.Grafana.Pages;

/// <summary>The record of one GPU: who it is, how it is, what it went through.</summary>
internal static class DeviceDashboard
{
    // The UUID is on every document of a GPU; its number on the node is a short, and is compared as one.
    private const string Documents = NodeDocuments + " AND gpu.index:$gpu";

    /// <summary>Makes it.</summary>
    public static Dashboard Make() => new("gpu-device", "GPU device", "The record of one GPU: is it fit, what holds it back, what did it go through?")
    {
        Variables =
        [
            .. Variable.Sources, Variable.Cluster, Variable.Node,
            new LabelVariable("gpu", "GPU", $"label_values(gpu_agent_samples_total{{{Node}}}, gpu)") { Single = true },
        ],
        Annotations = StandardAnnotations.Of(Gpu, Documents),
        Rows =
        [
            new Row("Is it fit?", Verdict), new Row("Since when", Timelines), new Row("Work", Work), new Row("Power, heat and clocks", Heat), new Row("Memory errors and repairs", MemoryErrors),
            new Row("Links", Links), new Row("Events and logs", Logs), new Row("Details", Details, Collapsed: true),
        ],
    };

    private static IReadOnlyList<Panel> Verdict =>
    [
        new StatPanel("Health", "The worst state of its components. Good: healthy.", new Query(WorstHealth("gpu", Gpu))) { Names = ValueNames.Health, Unit = Units.None, Scale = new Scale(Colours.Good, (1, Colours.Warning), (2, Colours.Bad)) },
        new StatPanel("Throttling", "The worst reason that holds its clocks down now. Good: none, or the software power cap at full load.", new Query(WorstThrottle("gpu", Gpu))) { Names = ValueNames.Throttle, Unit = Units.None, Scale = new Scale(Colours.Good, (3, Colours.Warning), (4, Colours.Bad)) },
        new StatPanel("Recovery asked for", "What the driver asks for. Good: none. Anything else is to be done before the next job.", new Query($"gpu_recovery_action{{{Gpu}}} == 1", "{{action}}")) { Named = true, Unit = Units.None, Scale = new Scale(Colours.Neutral) },
        new StatPanel("XIDs in 30 days", "XIDs of 30 days. Good: 0, or only those of programs. The same fatal one again and again asks for a new board.", new Query($"sum(increase(gpu_xid_events_total{{{Gpu}}}[30d]))")) { Decimals = 0, Scale = Scale.FewAreGood },
        new StatPanel("Row waits for a reset", "A memory row is to be remapped at the next reset. Good: no. Yes: drain, reset, see that it is gone.", new Query($"gpu_row_remap_pending{{{Gpu}}}")) { Names = ValueNames.BadIfSo, Unit = Units.None, Scale = Scale.FewAreGood },
        new StatPanel("Replace the board", "A row could not be remapped, or SRAM errors passed NVIDIA's threshold. Good: no. Yes: field diagnosis, then return it.",
            new Query($"gpu_row_remap_failure{{{Gpu}}}", "remapping failed"), new Query($"gpu_ecc_sram_threshold_exceeded{{{Gpu}}}", "SRAM threshold")) { Names = ValueNames.BadIfSo, Unit = Units.None, Scale = Scale.NoneIsGood, Named = true },
        new TablePanel("Who it is", "The board, for the case at the vendor. A serial that changed is another board.",
            [new KeyColumn("model", "Model"), new KeyColumn("uuid", "UUID"), new KeyColumn("serial", "Serial"), new KeyColumn("board_part", "Part"), new KeyColumn("vbios", "VBIOS"), new KeyColumn("inforom", "InfoROM"), new KeyColumn("driver_version", "Driver"), new KeyColumn("cuda_version", "CUDA"), new KeyColumn("pci_bus_id", "PCI"), new KeyColumn("numa_node", "NUMA node"), new KeyColumn("architecture", "Architecture")],
            new ValueColumn("There", $"max by (model, uuid, serial, board_part, vbios, inforom, driver_version, cuda_version, pci_bus_id, numa_node, architecture) (gpu_info{{{Gpu}}})") { IsHidden = true }) { Height = 4 },
    ];

    private static IReadOnlyList<Panel> Timelines =>
    [
        new TimelinePanel("Health by component", "Good: green throughout. A reason that only a reset, a reboot or a person clears stays until then.", ValueNames.Health, new Query(WorstHealth("component", Gpu), "{{component}}")) { Height = 9, Links = [DrillDown.ToCaptures] },
        new TimelinePanel("What holds clocks down", "A row for each reason. Good: only sw_power_cap at full load. hw_slowdown comes with hw_thermal or hw_power_brake, which say why.",
            new ValueNames((0, "no", Colours.Unseen), (1, "yes", Colours.Warning)), new Query($"max by (reason) (gpu_throttle_active{{{Gpu}}})", "{{reason}}"))
        {
            Height = 7, Links = [DrillDown.ToCaptures],
            Overrides = [Reason("sync_boost", Colours.Quiet), Reason("sw_power_cap", Colours.Neutral), Reason("hw_slowdown", "dark-orange"), Reason("hw_thermal", Colours.Bad), Reason("hw_power_brake", Colours.Power)],
        },
    ];

    private static IReadOnlyList<Panel> Work =>
    [
        new GraphPanel("Utilisation", "Share of time with any kernel, its highest of 30 s, and with a read or write of memory. Good: even. High utilisation says nothing about how well the kernels are.",
            new Query($"gpu_utilization_ratio{{{Gpu}}}", "any kernel"), new Query($"gpu_utilization_ratio_max{{{Gpu}}}", "any kernel, highest of 30 s"), new Query($"gpu_memory_utilization_ratio{{{Gpu}}}", "memory")) { Unit = Units.Ratio, Minimum = 0, Maximum = 1 },
        new GraphPanel("Pipes", "Share of time in which multiprocessors, tensor cores and memory worked (Hopper and later). Good: tensor activity of 30 % and more for training. High SM and low tensor activity: kernels that do not use the tensor cores.",
            new Query($"gpu_sm_active_ratio{{{Gpu}{Board}}}", "SM active"), new Query($"gpu_sm_occupancy_ratio{{{Gpu}{Board}}}", "SM occupancy"), new Query($"gpu_tensor_active_ratio{{{Gpu}{Board}}}", "tensor"), new Query($"gpu_dram_active_ratio{{{Gpu}{Board}}}", "memory bandwidth"), new Query($"gpu_graphics_active_ratio{{{Gpu}{Board}}}", "any engine")) { Unit = Units.Ratio, Minimum = 0 },
        new GraphPanel("Arithmetic", "Share of cycles in which each kind of arithmetic worked (Hopper and later). Good: the kind that the program is meant to use.",
            new Query($"gpu_fp16_active_ratio{{{Gpu}{Board}}}", "FP16"), new Query($"gpu_fp32_active_ratio{{{Gpu}{Board}}}", "FP32"), new Query($"gpu_fp64_active_ratio{{{Gpu}{Board}}}", "FP64"), new Query($"gpu_integer_active_ratio{{{Gpu}{Board}}}", "integer")) { Unit = Units.Ratio, Minimum = 0 },
        new GraphPanel("Memory", "Memory of programs, of the driver, and free. Good: flat while a job runs. A steady rise ends in out of memory.",
            new Query($"gpu_memory_used_bytes{{{Gpu}{Board}}}", "used"), new Query($"gpu_memory_reserved_bytes{{{Gpu}{Board}}}", "reserved"), new Query($"gpu_memory_free_bytes{{{Gpu}{Board}}}", "free"), new Query($"gpu_memory_total_bytes{{{Gpu}{Board}}}", "total")) { Unit = Units.Bytes, Minimum = 0, Overrides = [FieldOverride.Limit("total")] },
        new GraphPanel("Processes", "Processes with a context on the GPU. Good: as many as the job starts on it. Memory in use with none is held by dead ones.", new Query($"gpu_processes{{{Gpu}{Board}}}", "processes")) { Unit = Units.None, Minimum = 0, Tabular = false },
        new TablePanel("Jobs", "The jobs that it worked for in the time shown. Good: as the scheduler says. A click opens the job.",
            [new KeyColumn("cluster", "Cluster"), new KeyColumn("job_id", "Job", DrillDown.RowToJob), new KeyColumn("job_name", "Name"), new KeyColumn("user", "User"), new KeyColumn("scheduler", "Scheduler"), new KeyColumn("namespace", "Namespace"), new KeyColumn("pod", "Pod")],
            new ValueColumn("There", $"max by (cluster, job_id, job_name, user, scheduler, namespace, pod) (max_over_time(gpu_job_info{{{Gpu}}}[$__range]))") { IsHidden = true }) { Width = 8 },
    ];

    private static IReadOnlyList<Panel> Heat =>
    [
        new GraphPanel("Temperature", "Core and memory, and the highest of 30 s. Good: core below the slowdown, memory below 85 °C.",
            new Query($"gpu_temperature_celsius{{{Gpu}}}", "{{sensor}}"), new Query($"gpu_temperature_celsius_max{{{Gpu}}}", "{{sensor}}, highest of 30 s")) { Unit = Units.Celsius },
        new GraphPanel("Margin to the slowdown", "Degrees that are left (T.Limit), and where the hardware begins to slow down. Good: 10 and more between the lines.",
            new Query($"gpu_thermal_margin_celsius{{{Gpu}}}", "margin"), new Query($"gpu_thermal_margin_slowdown_celsius{{{Gpu}}}", "slowdown")) { Unit = Units.Celsius, Overrides = [FieldOverride.Limit("slowdown")] },
        new GraphPanel("Power", "Mean and instant power with their highest of 30 s, and the limit. Good: below the limit, or at it at full load. A limit below the default was set by somebody or by the board.",
            new Query($"gpu_power_watts{{{Gpu}}}", "mean of 1 s"), new Query($"gpu_power_instant_watts{{{Gpu}}}", "instant"), new Query($"gpu_power_instant_watts_max{{{Gpu}}}", "instant, highest of 30 s"), new Query($"gpu_power_limit_watts{{{Gpu}}}", "limit"), new Query($"gpu_power_limit_default_watts{{{Gpu}}}", "default limit")) { Unit = Units.Watts, Minimum = 0, Overrides = [FieldOverride.Limit("limit")] },
        new GraphPanel("Clocks", "Clocks of the parts, the lowest SM clock of 30 s and the highest there is. Good: SM near its highest under load, unless the power cap holds it.",
            new Query($"gpu_clock_hertz{{{Gpu}}}", "{{domain}}"), new Query($"gpu_clock_hertz_min{{{Gpu},domain=\"sm\"}}", "sm, lowest of 30 s"), new Query($"gpu_clock_max_hertz{{{Gpu},domain=\"sm\"}}", "sm, highest there is")) { Unit = Units.Hertz, Minimum = 0 },
        new GraphPanel("Time throttled", "Share of time in which a reason held the clocks down. Good: only sw_power_cap and low_utilization. 1 % of hw_thermal is worth a drain.",
            new Query($"rate(gpu_throttle_seconds_total{{{Gpu}}}[$__rate_interval])", "{{reason}}")) { Unit = Units.Ratio, Minimum = 0 },
        new GraphPanel("Energy used", "Energy in each step of the graph. Good: follows the work.", new Query($"increase(gpu_energy_joules_total{{{Gpu}}}[$__rate_interval])", "energy")) { Unit = Units.Joules, Minimum = 0, Bars = true, Tabular = false },
    ];

    private static IReadOnlyList<Panel> MemoryErrors =>
    [
        new GraphPanel("Memory errors", "ECC errors in each step of the graph, by type and location. Good: none that are uncorrectable. Correctable ones in thousands are wear that remapping takes care of.",
            new Query($"increase(gpu_ecc_errors_total{{{Gpu}}}[$__rate_interval]) > 0", "{{type}} {{location}}"), new Query($"sum by (type) (increase(gpu_ecc_errors_total{{{Gpu}}}[$__rate_interval]))", "all {{type}}")) { Bars = true, Decimals = 0, Minimum = 0 },
        new TablePanel("Errors over its life", "ECC errors over the life of the board, as it keeps them itself. Good: uncorrectable 0.", [new KeyColumn("location", "Location")],
            new ValueColumn("Correctable", $"max by (location) (gpu_ecc_lifetime_errors{{{Gpu},type=\"correctable\"}})"), new ValueColumn("Uncorrectable", $"max by (location) (gpu_ecc_lifetime_errors{{{Gpu},type=\"uncorrectable\"}})") { Scale = Scale.FewAreGood }) { Width = 8 },
        new GraphPanel("Repairs", "Rows that were remapped by cause. Good: 0; each one is a spare row less. 512 for uncorrectable errors are the end of a board.",
            new Query($"gpu_row_remapped_rows{{{Gpu}}}", "{{cause}}")) { Minimum = 0, Decimals = 0 },
        new StatPanel("Spare rows by bank", "Memory banks by the spare rows that they have left. Good: all at max. Any at none: the next error there cannot be repaired.", new Query($"gpu_row_remap_banks{{{Gpu}}}", "{{availability}}")) { Width = 12, Named = true, Filled = false },
        new TablePanel("XIDs", "XIDs of 30 days by code. Good: none, or only those of programs (13, 31, 43, 45).", [new KeyColumn("xid", "XID")],
            new ValueColumn("In 30 days", $"sum by (xid) (increase(gpu_xid_events_total{{{Gpu}}}[30d])) > 0"), new ValueColumn("In a day", $"sum by (xid) (increase(gpu_xid_events_total{{{Gpu}}}[1d])) > 0")) { Width = 12, Height = 6, SortBy = "In 30 days" },
    ];

    private static IReadOnlyList<Panel> Links =>
    [
        new TimelinePanel("NVLinks", "A row for each link. Good: all up, or all down on a board that stands alone.", ValueNames.UpDown, new Query($"gpu_nvlink_up{{{Gpu}}}", "link {{link}}")) { Width = 12, Height = 12 },
        new GraphPanel("NVLink errors", "Errors of all links in each step of the graph. Good: none. Replays and recoveries slow jobs down, CRC storms end them.", new Query($"sum by (type) (increase(gpu_nvlink_errors_total{{{Gpu}}}[$__rate_interval]))", "{{type}}")) { Bars = true, Decimals = 0, Minimum = 0, Width = 6, Height = 12 },
        new GraphPanel("NVLink traffic", "Bytes over all links. Good: alike both ways during collectives.", new Query($"rate(gpu_nvlink_transmit_bytes_total{{{Gpu}}}[$__rate_interval])", "sent"), new Query($"rate(gpu_nvlink_receive_bytes_total{{{Gpu}}}[$__rate_interval])", "received")) { Unit = Units.BytesPerSecond, Minimum = 0, Width = 6, Height = 12 },
        new GraphPanel("PCIe traffic", "Bytes over PCIe. Good: what loading data and checkpoints need.", new Query($"gpu_pcie_transmit_bytes_per_second{{{Gpu}}}", "sent"), new Query($"gpu_pcie_receive_bytes_per_second{{{Gpu}}}", "received")) { Unit = Units.BytesPerSecond, Minimum = 0 },
        new GraphPanel("PCIe replays", "Packets that were sent again, and how many a sound link makes at most. Good: far below the limit.", new Query($"rate(gpu_pcie_replays_total{{{Gpu}}}[$__rate_interval])", "replays"), new Query($"gpu_pcie_replay_limit_per_second{{{Gpu}}}", "limit")) { Unit = Units.PerSecond, Minimum = 0, Overrides = [FieldOverride.Limit("limit")] },
        new GraphPanel("PCIe link", "Generation and lanes in use, and the most that GPU and slot can. Good: lanes at their most always; the generation falls while the GPU idles.",
            new Query($"gpu_pcie_link_generation{{{Gpu}}}", "generation"), new Query($"gpu_pcie_link_generation_max{{{Gpu}}}", "generation, most"), new Query($"gpu_pcie_link_width_lanes{{{Gpu}}}", "lanes"), new Query($"gpu_pcie_link_width_max_lanes{{{Gpu}}}", "lanes, most")) { Unit = Units.None, Minimum = 0 },
    ];

    private static IReadOnlyList<Panel> Logs =>
    [
        new GraphPanel("Anomalies by rule", "Times that rules of the agent fired in each step of the graph. Good: none.", new Query($"sum by (rule) (increase(gpu_anomalies_total{{{Gpu}}}[$__rate_interval]))", "{{rule}}")) { Bars = true, Stacked = true, Decimals = 0, Width = 24, Height = 7, Tabular = false },
        new DocumentTable("Captures of this GPU", "What was recorded of it. A click on the address opens the capture at the collector.", $"data_stream.dataset:gpu.capture AND {Documents}", CapturesDashboard.Columns) { Height = 8 },
        new LogsPanel("Events of this GPU", "XIDs, findings of rules, changes of health, stages of captures. Good: nothing of level critical.", $"data_stream.dataset:gpu.event AND {Documents}"),
    ];

    private static IReadOnlyList<Panel> Details =>
    [
        new GraphPanel("Video and image engines", "Utilisation of encoder, decoder, JPEG and optical flow. Good: 0 unless a program uses them.",
            new Query($"gpu_encoder_utilization_ratio{{{Gpu}}}", "encoder"), new Query($"gpu_decoder_utilization_ratio{{{Gpu}}}", "decoder"), new Query($"gpu_jpeg_utilization_ratio{{{Gpu}}}", "JPEG"), new Query($"gpu_ofa_utilization_ratio{{{Gpu}}}", "optical flow")) { Unit = Units.Ratio, Minimum = 0, Maximum = 1 },
        new GraphPanel("BAR1", "Window through which other devices see the memory. Good: not full; peers cannot map what does not fit.", new Query($"gpu_bar1_used_bytes{{{Gpu}}}", "used"), new Query($"gpu_bar1_total_bytes{{{Gpu}}}", "total")) { Unit = Units.Bytes, Minimum = 0, Overrides = [FieldOverride.Limit("total")] },
        new GraphPanel("Power limits that can be set", "The lowest and the highest limit that the board takes. Good: does not change.", new Query($"gpu_power_limit_min_watts{{{Gpu}}}", "lowest"), new Query($"gpu_power_limit_max_watts{{{Gpu}}}", "highest")) { Unit = Units.Watts, Minimum = 0 },
        new GraphPanel("Events of the driver", "Events that sound machines have too, such as clock changes, in each step of the graph. Good: no sudden storm.", new Query($"sum by (type) (increase(gpu_driver_events_total{{{Gpu}}}[$__rate_interval]))", "{{type}}")) { Bars = true, Decimals = 0, Minimum = 0 },
        new TimelinePanel("NVLink fabric", "State of the GPU in the NVLink fabric. Good: completed on nodes with NVSwitches, not_supported on others.", ValueNames.YesOrNo, new Query($"max by (state) (gpu_fabric_state{{{Gpu}}})", "{{state}}")) { Width = 16, Height = 6 },
    ];

    private static FieldOverride Reason(string reason, string colour) => new(reason) { Properties = [("mappings", new ValueNames((0, "no", Colours.Unseen), (1, "yes", colour)).Json())] };
}
