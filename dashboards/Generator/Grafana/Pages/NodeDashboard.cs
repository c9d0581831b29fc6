using static Monitoring.Dashboards.Generator.Grafana.Selectors;

namespace Monitoring.Dashboards.Generator.Grafana.Pages;

/// <summary>Which GPU of a node, and since when.</summary>
internal static class NodeDashboard
{
    private static readonly IReadOnlyList<DrillDown> Links = [DrillDown.ToGpuOfNode, DrillDown.ToCaptures];

    /// <summary>Makes it.</summary>
    public static Dashboard Make() => new("gpu-node", "GPU node", "Which GPU of the node is it, and since when? A click leads to the GPU.")
    {
        Variables = [.. Variable.Sources, Variable.Cluster, Variable.Node],
        Annotations = StandardAnnotations.Of(Node, NodeDocuments),
        Rows =
        [
            new Row("Is anything wrong?", Verdict), new Row("Since when", Timelines), new Row("GPUs", Gpus), new Row("Power, heat and clocks", Heat),
            new Row("Work and memory", Work), new Row("Events and logs", Logs), new Row("Services and modes", Services, Collapsed: true),
        ],
    };

    private static IReadOnlyList<Panel> Verdict =>
    [
        new StatPanel("Health", "The worst state of any component of the node or its GPUs. Good: healthy. Unhealthy must get no new work.", new Query($"max({WorstHealth("cluster, node", Node)})")) { Names = ValueNames.Health, Unit = Units.None, Scale = new Scale(Colours.Good, (1, Colours.Warning), (2, Colours.Bad)) },
        new StatPanel("GPUs missing", "GPUs that are there by the PCI bus or the configuration, and that the driver does not see. Good: 0. Bad: look for XID 79.", new Query($"sum(gpu_devices_expected{{{Node}}}) - sum(gpu_devices{{{Node}}})")) { Scale = Scale.NoneIsGood },
        new StatPanel("Worst throttling", "The worst reason that holds clocks down on any GPU now. Good: none, or the software power cap at full load.", new Query(WorstThrottle("cluster, node", Node))) { Names = ValueNames.Throttle, Unit = Units.None, Scale = new Scale(Colours.Good, (3, Colours.Warning), (4, Colours.Bad)) },
        new StatPanel("Hottest GPU", "Highest core temperature. Good: what its neighbours have; how near it is to slowing down says the headroom.", new Query($"max(gpu_temperature_celsius{{{Node},sensor=\"gpu\"}})")) { Unit = Units.Celsius, Filled = false },
        new StatPanel("Least headroom", "Degrees until the hottest GPU slows down. Good: 10 and more. Below 5 the next warm day throttles it.", new Query($"min(gpu_thermal_margin_celsius{{{Node}}} - on (cluster, node, gpu) gpu_thermal_margin_slowdown_celsius{{{Node}}})")) { Unit = Units.Celsius, Scale = new Scale(Colours.Bad, (0, Colours.Warning), (5, Colours.Good)) },
        new StatPanel("XIDs in a day", "XIDs of all GPUs over 24 h. Good: 0, or only those of programs (13, 31, 43, 45).", new Query($"sum(increase(gpu_xid_events_total{{{Node}}}[1d]))")) { Decimals = 0, Scale = Scale.FewAreGood },
        new StatPanel("Anomalies in a day", "Times that a rule of the agent fired over 24 h. Good: 0.", new Query($"sum(increase(gpu_anomalies_total{{{Node}}}[1d]))")) { Decimals = 0, Scale = Scale.FewAreGood },
        new StatPanel("Recovery asked for", "GPUs for which the driver asks for a reset, a reboot or a drain. Good: 0. Do what it says, on the page of the GPU.", new Query($"sum(gpu_recovery_action{{{Node},action!=\"none\"}})")) { Scale = Scale.NoneIsGood },
        new StatPanel("Links and ports down", "NVLinks and network ports that are down. Good: 0.", new Query($"count(gpu_nvlink_up{{{Node}}} == 0) or vector(0)", "NVLinks"), new Query($"count(gpu_infiniband_port_up{{{Node}}} == 0) or vector(0)", "ports")) { Scale = Scale.NoneIsGood, Named = true },
        new StatPanel("Power", "Power of all GPUs of the node. Good: below what its supply can feed.", new Query($"sum(gpu_power_watts{{{Node}}})")) { Unit = Units.Watts, Filled = false },
        new StatPanel("Utilisation", "Mean share of time in which a kernel ran. Good: high and even while a job runs.", new Query($"avg(gpu_utilization_ratio{{{Node}}})")) { Unit = Units.Ratio, Decimals = 0, Filled = false },
        new StatPanel("Age of the data", "Time since the slowest reading of any GPU. Good: below 30 s. Bad: a driver call that does not come back.", new Query($"time() - min(gpu_agent_last_collection_timestamp_seconds{{{Node}}})")) { Unit = Units.Seconds, Decimals = 0, Scale = new Scale(Colours.Good, (30, Colours.Warning), (120, Colours.Bad)) },
    ];

    private static IReadOnlyList<Panel> Timelines =>
    [
        new TimelinePanel("Health of each GPU", "A row for each GPU, and one for the node itself. Good: green throughout. A click opens the GPU.", ValueNames.Health, new Query(WorstHealth("cluster, node, gpu", Node), "GPU {{gpu}}")) { Height = 8, Links = Links },
        new TimelinePanel("What holds clocks down", "The worst reason of each GPU. Good: nothing, or blue (software power cap) at full load. Orange and red are heat: one GPU alone has a bad heat sink, all together a bad inlet. Purple is the power supply.", ValueNames.Throttle,
            new Query(WorstThrottle("cluster, node, gpu", Node), "GPU {{gpu}}")) { Height = 8, Links = Links },
        new TimelinePanel("Health by component", "The worst state of each component over all GPUs of the node. Good: green throughout. It says what to look for.", ValueNames.Health, new Query(WorstHealth("component", Node), "{{component}}")) { Height = 8 },
    ];

    private static IReadOnlyList<Panel> Gpus =>
    [
        new TablePanel("GPUs", "Each GPU as it is now. Good: rows alike. A click on the number opens the GPU.",
            [new KeyColumn("cluster", "Cluster"), new KeyColumn("node", "Node"), new KeyColumn("gpu", "GPU", DrillDown.RowToGpu)],
            new ValueColumn("Health", WorstHealth("cluster, node, gpu", Node + ",gpu!=\"node\"")) { Names = ValueNames.Health, Scale = new Scale(Colours.Good, (1, Colours.Warning), (2, Colours.Bad)) },
            Column("Utilisation", $"gpu_utilization_ratio{{{Node}}}", Units.Ratio), Column("Memory used", $"gpu_memory_used_bytes{{{Node}{Board}}}", Units.Bytes), Column("Power", $"gpu_power_watts{{{Node}}}", Units.Watts),
            Column("Core", $"gpu_temperature_celsius{{{Node},sensor=\"gpu\"}}", Units.Celsius), Column("Memory", $"gpu_temperature_celsius{{{Node},sensor=\"memory\"}}", Units.Celsius), Column("SM clock", $"gpu_clock_hertz{{{Node},domain=\"sm\"}}", Units.Hertz),
            Column("XIDs in a day", $"increase(gpu_xid_events_total{{{Node}}}[1d])", Units.None, "sum") with { Scale = Scale.FewAreGood },
            Column("Row waits for a reset", $"gpu_row_remap_pending{{{Node}}}", Units.None) with { Names = ValueNames.BadIfSo, Scale = Scale.FewAreGood },
            Column("Processes", $"gpu_processes{{{Node}{Board}}}", Units.None)) { Height = 9 },
        new TablePanel("Jobs", "Jobs that the GPUs work for, with how many GPUs each has and how they are used. Good: as the scheduler says. A click opens the job.",
            [new KeyColumn("cluster", "Cluster"), new KeyColumn("job_id", "Job", DrillDown.RowToJob), new KeyColumn("job_name", "Name"), new KeyColumn("user", "User")],
            new ValueColumn("GPUs", $"count by (cluster, job_id, job_name, user) (gpu_job_info{{{Node}}})"),
            new ValueColumn("Utilisation", $"avg by (cluster, job_id, job_name, user) (gpu_job_info{{{Node}}} * on (cluster, node, gpu) group_left () gpu_utilization_ratio{{{Node}}})", Units.Ratio)) { Width = 12, Height = 6 },
        new TablePanel("Boards", "Who the GPUs are. Good: one model, one driver, one VBIOS.",
            [new KeyColumn("gpu", "GPU"), new KeyColumn("model", "Model"), new KeyColumn("serial", "Serial"), new KeyColumn("pci_bus_id", "PCI"), new KeyColumn("driver_version", "Driver"), new KeyColumn("vbios", "VBIOS")],
            new ValueColumn("There", $"max by (gpu, model, serial, pci_bus_id, driver_version, vbios) (gpu_info{{{Node}}})") { IsHidden = true }) { Width = 12, Height = 6 },
    ];

    private static IReadOnlyList<Panel> Heat =>
    [
        new GraphPanel("Core temperature", "Good: GPUs within a few degrees of each other. One alone above the others has a bad heat sink; all rising together is the inlet.", new Query($"gpu_temperature_celsius{{{Node},sensor=\"gpu\"}}", "GPU {{gpu}}")) { Unit = Units.Celsius, Links = Links },
        new GraphPanel("Memory temperature", "Good: below 85 °C. From 95 °C on HBM slows down and ages.", new Query($"gpu_temperature_celsius{{{Node},sensor=\"memory\"}}", "GPU {{gpu}}")) { Unit = Units.Celsius, Links = Links, Scale = new Scale(Colours.Good, (85, Colours.Warning), (95, Colours.Bad)) },
        new GraphPanel("Power and limit", "Highest power of the last 30 s, and the limit that GPUs are held to. Good: below the limit, or at it while all work. One below the others under load is held down by something else.",
            new Query($"gpu_power_watts_max{{{Node}}}", "GPU {{gpu}}"), new Query($"max(gpu_power_limit_watts{{{Node}}})", "limit")) { Unit = Units.Watts, Minimum = 0, Links = Links, Overrides = [FieldOverride.Limit("limit")] },
        new GraphPanel("SM clock", "Lowest SM clock of the last 30 s, and the median of the node. Good: GPUs alike under load. One 15 % below the median holds the whole job back.",
            new Query($"gpu_clock_hertz_min{{{Node},domain=\"sm\"}}", "GPU {{gpu}}"), new Query($"max({Recorded.MedianClock}{{{Node}}})", "median")) { Unit = Units.Hertz, Minimum = 0, Links = Links, Overrides = [FieldOverride.Limit("median")] },
        new GraphPanel("Time throttled", "Share of time in which a reason held clocks down, the worst GPU of each reason. Good: only sw_power_cap and low_utilization.",
            new Query($"max by (reason) (rate(gpu_throttle_seconds_total{{{Node}}}[$__rate_interval]))", "{{reason}}")) { Unit = Units.Ratio, Minimum = 0 },
        new GraphPanel("Headroom", "Degrees until a GPU slows down. Good: 10 and more.", new Query($"gpu_thermal_margin_celsius{{{Node}}} - on (cluster, node, gpu) gpu_thermal_margin_slowdown_celsius{{{Node}}}", "GPU {{gpu}}")) { Unit = Units.Celsius, Links = Links },
    ];

    private static IReadOnlyList<Panel> Work =>
    [
        new GraphPanel("Utilisation of each GPU", "Share of time in which any kernel ran. Good: high and alike; 100 % says nothing about how well.", new Query($"gpu_utilization_ratio{{{Node}}}", "GPU {{gpu}}")) { Unit = Units.Ratio, Minimum = 0, Maximum = 1, Links = Links },
        new GraphPanel("Tensor activity", "Share of cycles in which a tensor pipe worked (Hopper and later). Good: 30 % and more for training at scale, and alike.", new Query($"gpu_tensor_active_ratio{{{Node}{Board}}}", "GPU {{gpu}}")) { Unit = Units.Ratio, Minimum = 0, Links = Links },
        new GraphPanel("Memory used", "Highest use of the last 30 s. Good: flat while a job runs. A steady rise ends in out of memory.", new Query($"gpu_memory_used_bytes_max{{{Node}}}", "GPU {{gpu}}")) { Unit = Units.Bytes, Minimum = 0, Links = Links },
        new GraphPanel("NVLink traffic", "Bytes over all NVLinks of a GPU, both ways. Good: alike among the GPUs of a job.", new Query($"rate(gpu_nvlink_transmit_bytes_total{{{Node}}}[$__rate_interval]) + rate(gpu_nvlink_receive_bytes_total{{{Node}}}[$__rate_interval])", "GPU {{gpu}}")) { Unit = Units.BytesPerSecond, Minimum = 0, Links = Links },
        new GraphPanel("PCIe traffic", "Bytes over PCIe, both ways. Good: small while a job computes; a GPU that is fed over PCIe alone lost its NVLinks or its data pipeline.", new Query($"gpu_pcie_transmit_bytes_per_second{{{Node}}} + gpu_pcie_receive_bytes_per_second{{{Node}}}", "GPU {{gpu}}")) { Unit = Units.BytesPerSecond, Minimum = 0, Links = Links },
        new GraphPanel("Energy used", "Energy of the node's GPUs in each step of the graph.  Good: follows the job.", new Query($"sum by (node) (increase(gpu_energy_joules_total{{{Node}}}[$__rate_interval]))", "{{node}}")) { Unit = Units.Joules, Minimum = 0, Bars = true, Tabular = false },
    ];

    private static IReadOnlyList<Panel> Logs =>
    [
        new GraphPanel("Events by kind", "Events of the node in each step of the graph. Good: capture and agent alone.", new Query(Grown("kind, severity", $"gpu_events_total{{{Node}}}"), "{{kind}}, {{severity}}")) { Bars = true, Stacked = true, Decimals = 0, Width = 12 },
        new GraphPanel("Anomalies by rule", "Times that rules of the agent fired in each step of the graph. Good: none.", new Query($"sum by (rule) (increase(gpu_anomalies_total{{{Node}}}[$__rate_interval])) > 0", "{{rule}}")) { Bars = true, Stacked = true, Decimals = 0, Width = 12 },
        new LogsPanel("Events of the node", "XIDs, findings of rules, changes of health, stages of captures, as Elasticsearch has them. Good: nothing of level critical.", $"data_stream.dataset:gpu.event AND {NodeDocuments}"),
        new LogsPanel("Log of the agent", "What the node's agent says itself. Good: nothing above info.", $"data_stream.dataset:gpu.agent AND {NodeDocuments}"),
    ];

    private static IReadOnlyList<Panel> Services =>
    [
        new TimelinePanel("Services", "Services of the driver that are installed. Good: up. Without Fabric Manager no job uses more than one GPU of a node with NVSwitches.", ValueNames.UpDown, new Query($"max by (service) (gpu_service_active{{{Node}}})", "{{service}}")) { Width = 12, Height = 5 },
        new StatPanel("Driver versions differ", "The kernel module, the library and its file are of different versions: the driver was replaced under running programs. Good: no. Remedy: a reboot.", new Query($"max(gpu_driver_version_mismatch{{{Node}}})")) { Names = ValueNames.BadIfSo, Unit = Units.None, Scale = Scale.NoneIsGood },
        new TablePanel("Modes", "Modes of the driver. Good: persistence and ECC on; compute mode 0 unless the site wants exclusive processes.", [new KeyColumn("gpu", "GPU")],
            Mode("Persistence", "gpu_persistence_mode_enabled"), Mode("ECC", "gpu_ecc_mode_enabled"), Mode("MIG", "gpu_mig_mode_enabled"),
            new ValueColumn("Compute mode", $"max by (gpu) (gpu_compute_mode{{{Node}}})", Units.None), new ValueColumn("Performance state", $"max by (gpu) (gpu_performance_state{{{Node}}})", Units.None)) { Width = 8 },
    ];

    private static ValueColumn Column(string title, string values, string unit, string operation = "max") => new(title, $"{operation} by (cluster, node, gpu) ({values})", unit);

    private static ValueColumn Mode(string title, string metric) => new(title, $"max by (gpu) ({metric}{{{Node}}})", Units.None) { Names = ValueNames.YesOrNo };
}
