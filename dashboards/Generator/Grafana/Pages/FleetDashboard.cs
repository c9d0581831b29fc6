using static Monitoring.Dashboards.Generator.Grafana.Selectors;

namespace Monitoring.Dashboards.Generator.Grafana.Pages;

/// <summary>Is anything wrong, and where: sums, recorded series and the worst of them alone, so that a thousand nodes are as quick as ten.</summary>
internal static class FleetDashboard
{
    private const string Worst = "25";

    /// <summary>Makes it.</summary>
    public static Dashboard Make() => new("gpu-fleet", "GPU fleet", "Is anything wrong, and where? The worst nodes first; a click leads to the node.")
    {
        Variables = [.. Variable.Sources, Variable.Cluster],
        Annotations = StandardAnnotations.OfFleet(),
        Rows = [new Row("Is anything wrong?", Verdict), new Row("Where", Where), new Row("The fleet over time", Trends), new Row("Errors", Errors), new Row("Jobs", Jobs)],
    };

    private static IReadOnlyList<Panel> Verdict =>
    [
        new StatPanel("Critical alerts", "Alerts of severity critical that fire now. Good: 0. Each has a runbook.", new Query($"count(ALERTS{{{Cluster},alertstate=\"firing\",severity=\"critical\"}}) or vector(0)")) { Scale = Scale.NoneIsGood },
        new StatPanel("Warnings", "Alerts of severity warning that fire now. Good: 0; a few wait for a ticket.", new Query($"count(ALERTS{{{Cluster},alertstate=\"firing\",severity=\"warning\"}}) or vector(0)")) { Scale = Scale.FewAreGood },
        new StatPanel("GPUs missing", "GPUs that the PCI bus or the configuration says are there, and the driver does not see. Good: 0.", new Query($"sum({Recorded.DevicesExpected}{{{Cluster}}}) - sum({Recorded.DevicesSeen}{{{Cluster}}})")) { Scale = Scale.NoneIsGood },
        new StatPanel("Unhealthy GPUs", "GPUs that must get no new work. Good: 0.", new Query($"sum({Recorded.GpusByHealth}{{{Cluster},state=\"unhealthy\"}})")) { Scale = Scale.NoneIsGood },
        new StatPanel("Degraded GPUs", "GPUs that work slower or at a risk. Good: 0; a few are usual in a large fleet.", new Query($"sum({Recorded.GpusByHealth}{{{Cluster},state=\"degraded\"}})")) { Scale = Scale.FewAreGood },
        new StatPanel("Silent nodes", "Nodes whose data at the collector is too old. Good: 0. Bad: anything that nobody switched off.", new Query("sum(gpu_collector_nodes{state=\"expired\"})")) { Scale = Scale.NoneIsGood },
        new StatPanel("Held down by a fault", "Share of GPUs that lose more than 1 % of their time to heat, the power brake or another fault. Good: 0. More than 10 % at once is the site, not the boards.",
            new Query($"max({Recorded.ThrottledRatio}{{{Cluster}}})")) { Unit = Units.Ratio, Decimals = 0, Scale = new Scale(Colours.Good, (0.001, Colours.Warning), (0.1, Colours.Bad)) },
        new StatPanel("XIDs in a day", "XIDs over 24 h, those of programs too. Good: few, and none in the table below that asks for a reset.", new Query($"sum(sum_over_time({Recorded.Xids}{{{Cluster}}}[1d])) or vector(0)")) { Decimals = 0, Scale = new Scale(Colours.Good, (1, Colours.Watch), (10, Colours.Warning)) },
        new StatPanel("Rows to repair", "GPUs with a memory row that waits for a reset to be remapped, or could not be. Good: 0; pending asks for a drain and a reset, failed for a new board.",
            new Query($"sum({Recorded.RemapPending}{{{Cluster}}})", "pending"), new Query($"sum({Recorded.RemapFailure}{{{Cluster}}})", "failed")) { Scale = Scale.FewAreGood, Named = true },
        new StatPanel("Links down", "NVLinks and network ports that are down. Good: 0.", new Query($"sum({Recorded.NodeNvlinksDown}{{{Cluster}}})", "NVLinks"), new Query($"sum({Recorded.PortsDown}{{{Cluster}}})", "ports")) { Scale = Scale.NoneIsGood, Named = true },
        new StatPanel("GPUs and nodes", "GPUs that the collector hears of, and their nodes. Good: as many as were bought.", new Query($"sum(gpu_cluster_gpus{{{Cluster}}})", "GPUs"), new Query($"sum(gpu_cluster_nodes{{{Cluster}}})", "nodes")) { Filled = false, Named = true },
        new StatPanel("Power", "Power of all GPUs. Good: below what the site can feed and cool.", new Query($"sum(gpu_cluster_power_watts{{{Cluster}}})")) { Unit = Units.Watts, Decimals = 1, Filled = false },
    ];

    private static IReadOnlyList<Panel> Where =>
    [
        new TablePanel("Nodes that need a look", $"The {Worst} nodes with the worst health, and what speaks against them; headroom is how far the hottest GPU is from slowing down. Good: every cell green. A click on the node opens it.",
            [new KeyColumn("cluster", "Cluster"), new KeyColumn("node", "Node", DrillDown.RowToNode)],
            Column("Health", $"{Recorded.NodeHealth}{{{Cluster}}}", Units.None) with { Names = ValueNames.Health, Scale = new Scale(Colours.Good, (1, Colours.Warning), (2, Colours.Bad)) },
            Column("GPUs missing", $"(gpu_devices_expected{{{Cluster}}} - gpu_devices{{{Cluster}}})", Units.None) with { Scale = Scale.NoneIsGood },
            Column("Held down by a fault", $"{Recorded.NodeThrottle}{{{Cluster}}}", Units.Ratio) with { Scale = new Scale(Colours.Good, (0.01, Colours.Warning), (0.1, Colours.Bad)) },
            Column("Headroom", $"{Recorded.Headroom}{{{Cluster}}}", Units.Celsius) with { Scale = new Scale(Colours.Bad, (0, Colours.Warning), (5, Colours.Good)) },
            Column("XIDs in a day", $"sum by (cluster, node) (sum_over_time({Recorded.NodeXids}{{{Cluster}}}[1d]))", Units.None) with { Scale = Scale.FewAreGood },
            Column("NVLinks down", $"{Recorded.NodeNvlinksDown}{{{Cluster}}}", Units.None) with { Scale = Scale.NoneIsGood },
            Column("Utilisation", $"{Recorded.NodeUtilization}{{{Cluster}}}", Units.Ratio),
            Column("Memory", $"{Recorded.NodeMemory}{{{Cluster}}}", Units.Ratio),
            Column("Power", $"{Recorded.NodePower}{{{Cluster}}}", Units.Watts)) { Height = 11, SortBy = "Health" },
        new TimelinePanel("Health of the worst nodes", $"Nodes that were degraded or unhealthy, at most {Worst} at a time. Good: nothing here. A click opens the node.", ValueNames.Health,
            new Query($"topk({Worst}, {Recorded.NodeHealth}{{{Cluster}}} > 0)", "{{node}}")) { Height = 9, Links = [DrillDown.ToNode] },
        new TablePanel("Critical alerts that fire", $"Alerts of severity critical that fire, at most {Worst}. Good: empty. A click on the node opens it; the alert's name is its runbook's.",
            [new KeyColumn("alertname", "Alert"), new KeyColumn("cluster", "Cluster"), new KeyColumn("node", "Node", DrillDown.RowToNode), new KeyColumn("gpu", "GPU")],
            new ValueColumn("Firing", $"topk({Worst}, count by (alertname, cluster, node, gpu) (ALERTS{{{Cluster},alertstate=\"firing\",severity=\"critical\"}}))", Units.None)) { Height = 8 },
    ];

    private static IReadOnlyList<Panel> Trends =>
    [
        new GraphPanel("Power by model", "Power of all GPUs of a model. Good: follows the jobs. A step of everything at once is the site's.", new Query($"sum by (model) (gpu_cluster_power_watts{{{Cluster}}})", "{{model}}")) { Unit = Units.Watts, Stacked = true, Minimum = 0 },
        new GraphPanel("Utilisation by model", "Mean utilisation. Good: high and even while jobs run.", new Query($"avg by (model) (gpu_cluster_utilization_ratio{{{Cluster}}})", "{{model}}")) { Unit = Units.Ratio, Minimum = 0, Maximum = 1 },
        new GraphPanel("Memory in use by model", "Share of the memory that programs hold. Good: follows the jobs; a rise without jobs is held by dead processes.",
            new Query($"sum by (model) (gpu_cluster_memory_used_bytes{{{Cluster}}}) / sum by (model) (gpu_cluster_memory_total_bytes{{{Cluster}}})", "{{model}}")) { Unit = Units.Ratio, Minimum = 0, Maximum = 1 },
        new GraphPanel("Throttling by reason", "Share of time in which clocks were held down, mean over all GPUs. Good: only sw_power_cap and low_utilization. hw_thermal, sw_thermal and hw_power_brake of a whole fleet are cooling or power of the site.",
            new Query($"max by (reason) ({Recorded.ThrottleByReason}{{{Cluster}}})", "{{reason}}")) { Unit = Units.Ratio, Minimum = 0 },
        new GraphPanel("GPUs throttled now", "GPUs whose clocks are held down for any reason but having little to do, the software power cap included. Good: follows the load.", new Query($"sum by (model) (gpu_cluster_throttled_gpus{{{Cluster}}})", "{{model}}")) { Minimum = 0, Decimals = 0 },
        new GraphPanel("Most held down by a fault", "The ten nodes whose GPUs lose the most time to heat, the power brake or another fault. Good: nothing above 1 %. A click opens the node.",
            new Query($"topk(10, {Recorded.NodeThrottle}{{{Cluster}}})", "{{node}}")) { Unit = Units.Ratio, Minimum = 0, Links = [DrillDown.ToNode] },
        new HeatmapPanel("Core temperature of the fleet", "How many GPUs are how hot. Good: a narrow band that follows the load. When the band rises as a whole, look at the cooling of the hall; a thin line above it is single boards.",
            new Query($"sum by (le) ({Recorded.TemperatureBuckets}{{{Cluster}}})", "{{le}}")) { Unit = Units.Celsius },
        new GraphPanel("Hottest nodes", "The highest core temperature of a node, the ten hottest. Good: within a few degrees of each other. A click opens the node.", new Query($"topk(10, {Recorded.NodeTemperature}{{{Cluster},sensor=\"gpu\"}})", "{{node}}")) { Unit = Units.Celsius, Links = [DrillDown.ToNode] },
        new GraphPanel("Most power", "The ten nodes that draw the most. Good: below what a node's supply and its rack can feed.", new Query($"topk(10, {Recorded.NodePower}{{{Cluster}}})", "{{node}}")) { Unit = Units.Watts, Minimum = 0, Links = [DrillDown.ToNode] },
        new GraphPanel("Energy used", "Energy of all GPUs of a cluster in each step of the graph. Good: follows the jobs.", new Query($"sum by (cluster) (increase(gpu_cluster_energy_joules_total{{{Cluster}}}[$__rate_interval]))", "{{cluster}}")) { Unit = Units.Joules, Minimum = 0, Bars = true },
        new GraphPanel("Slowest clocks under load", "The ten nodes with the lowest median SM clock of the GPUs that work. Good: alike. A node below the others slows every job that spans it.", new Query($"bottomk(10, {Recorded.MedianClock}{{{Cluster}}})", "{{node}}")) { Unit = Units.Hertz, Minimum = 0, Links = [DrillDown.ToNode] },
        new GraphPanel("NVLink traffic", "Bytes over all NVLinks. Good: follows the jobs.", new Query($"sum by (direction) ({Recorded.NvlinkTraffic}{{{Cluster}}})", "{{direction}}")) { Unit = Units.BytesPerSecond, Minimum = 0 },
    ];

    private static IReadOnlyList<Panel> Errors =>
    [
        new TablePanel("XIDs by code in a day", "XIDs over 24 h by code, with what NVIDIA asks to do (bucket). Good: none, or only RESTART_APP and IGNORE. One code on many nodes at once is a job or a driver, on one node again and again a board.",
            [new KeyColumn("xid", "XID"), new KeyColumn("bucket", "Remedy"), new KeyColumn("severity", "Severity")],
            new ValueColumn("Count", $"sum by (xid, bucket, severity) (sum_over_time({Recorded.Xids}{{{Cluster}}}[1d]))", Units.None)) { Width = 8, Height = 9, SortBy = "Count" },
        new TablePanel("Nodes with XIDs", $"The {Worst} nodes with the most XIDs over 24 h. Good: empty. A click opens the node.",
            [new KeyColumn("cluster", "Cluster"), new KeyColumn("node", "Node", DrillDown.RowToNode), new KeyColumn("xid", "XID"), new KeyColumn("bucket", "Remedy")],
            new ValueColumn("Count", $"topk({Worst}, sum by (cluster, node, xid, bucket) (sum_over_time({Recorded.NodeXids}{{{Cluster}}}[1d])))", Units.None)) { Width = 8, Height = 9, SortBy = "Count" },
        new TablePanel("Nodes with anomalies", $"The {Worst} nodes and rules that fired most over 24 h. Good: empty. A click opens the node.",
            [new KeyColumn("cluster", "Cluster"), new KeyColumn("node", "Node", DrillDown.RowToNode), new KeyColumn("rule", "Rule")],
            new ValueColumn("Count", $"topk({Worst}, sum by (cluster, node, rule) (sum_over_time({Recorded.NodeAnomalies}{{{Cluster}}}[1d])))", Units.None)) { Width = 8, Height = 9, SortBy = "Count" },
        new GraphPanel("XIDs over time", "XIDs of each 5 minutes by code. Good: none, or those of programs.", new Query($"sum by (xid) ({Recorded.Xids}{{{Cluster}}})", "XID {{xid}}")) { Bars = true, Stacked = true, Decimals = 0, Minimum = 0, Tabular = false },
        new GraphPanel("Anomalies over time", "Times that a rule fired in each 5 minutes. Good: none. Many nodes at once are a common cause.", new Query($"topk(15, sum by (rule) ({Recorded.Anomalies}{{{Cluster}}}))", "{{rule}}")) { Bars = true, Stacked = true, Decimals = 0, Minimum = 0, Tabular = false },
        new GraphPanel("Rules that fire now", "GPUs and nodes for which a rule of the agents fires. Good: 0.", new Query($"sum by (rule) ({Recorded.RulesFiring}{{{Cluster}}}) > 0", "{{rule}}")) { Minimum = 0, Decimals = 0, Tabular = false },
    ];

    private static IReadOnlyList<Panel> Jobs =>
    [
        new StatPanel("GPUs with a job", "GPUs that work for a job that the agents know. Good: as many as the scheduler gave away.", new Query($"sum({Recorded.GpusWithJob}{{{Cluster}}})")) { Filled = false },
        new TablePanel("Jobs that use their GPUs least", $"The {Worst} jobs with the lowest utilisation. Good: nothing below 30 % for long. A click opens the job.",
            [new KeyColumn("cluster", "Cluster"), new KeyColumn("job_id", "Job", DrillDown.RowToJob), new KeyColumn("job_name", "Name"), new KeyColumn("user", "User")],
            Job("Utilisation", Recorded.JobUtilization, Units.Ratio), Job("GPUs", Recorded.JobGpus, Units.None), Job("Power", Recorded.JobPower, Units.Watts)) { Width = 20, Height = 9 },
    ];

    /// <summary>A column of the worst nodes: the same nodes in each, chosen by health.</summary>
    private static ValueColumn Column(string title, string values, string unit) =>
        new(title, $"{values} and on (cluster, node) topk({Worst}, {Recorded.NodeHealth}{{{Cluster}}})", unit);

    private static ValueColumn Job(string title, string series, string unit) =>
        new(title, $"{series}{{{Cluster}}} and on (cluster, job_id) bottomk({Worst}, {Recorded.JobUtilization}{{{Cluster}}})", unit);
}
