using static Monitoring.Dashboards.Generator.Grafana.Selectors;

namespace Monitoring.Dashboards.Generator.Grafana.Pages;

/// <summary>Is a job efficient, and who holds it back.</summary>
internal static class JobDashboard
{
    private const string Documents = ClusterDocuments + " AND gpu.job.id:/${job_id:regex}/";

    /// <summary>Makes it.</summary>
    public static Dashboard Make() => new("gpu-job", "GPU job", "Is the job efficient, and which GPU holds it back? A click leads to the GPU.")
    {
        Variables =
        [
            .. Variable.Sources, Variable.Cluster,
            new LabelVariable("job_id", "Job", $"label_values(gpu_job_info{{{Cluster}}}, job_id)") { Single = true },
            // The job's own nodes by name: "All" as a pattern would make every panel read the whole cluster.
            new LabelVariable("node", "Node", $"label_values(gpu_job_info{{{Cluster},job_id=\"$job_id\"}}, node)") { AllByName = true },
        ],
        Annotations = StandardAnnotations.Of(Node, Documents),
        Rows = [new Row("Is it efficient?", Verdict), new Row("Who holds it back?", Stragglers), new Row("All ranks together", Spread), new Row("Every GPU", Each), new Row("Events and logs", Logs)],
    };

    private static IReadOnlyList<Panel> Verdict =>
    [
        new StatPanel("GPUs", "GPUs that work for it. Good: as many as it asked for.", new Query($"count(gpu_job_info{{{Node},job_id=\"$job_id\"}})")) { Filled = false },
        new StatPanel("Utilisation", "Mean share of time in which a kernel ran. Good: above 80 % for training.", new Query($"avg({OfJob($"gpu_utilization_ratio{{{Node}}}")})")) { Unit = Units.Ratio, Decimals = 0, Scale = new Scale(Colours.Bad, (0.3, Colours.Warning), (0.8, Colours.Good)) },
        new StatPanel("Tensor activity", "Mean share of cycles in which a tensor pipe worked (Hopper and later). Good: 30 % and more for training at scale.", new Query($"avg({OfJob($"gpu_tensor_active_ratio{{{Node}{Board}}}")})")) { Unit = Units.Ratio, Decimals = 0, Scale = new Scale(Colours.Warning, (0.3, Colours.Good)) },
        new StatPanel("Power", "Power of its GPUs. Good: near their limits while it computes.", new Query($"sum({OfJob($"gpu_power_watts{{{Node}}}")})")) { Unit = Units.Watts, Filled = false },
        new StatPanel("Energy in the time shown", "Energy that its GPUs used in the time shown, other jobs on them before included. To compare runs, choose the time of the job.", new Query($"sum({OfJob($"increase(gpu_energy_joules_total{{{Node}}}[$__range])")})")) { Unit = Units.Joules, Filled = false },
        new StatPanel("Slowest against median", "Lowest SM clock against the median of its GPUs. Good: above 95 %. Below 85 % one GPU holds all others back.",
            new Query($"min({OfJob($"gpu_clock_hertz{{{Node},domain=\"sm\"}}")}) / quantile(0.5, {OfJob($"gpu_clock_hertz{{{Node},domain=\"sm\"}}")})")) { Unit = Units.Ratio, Decimals = 0, Scale = new Scale(Colours.Bad, (0.85, Colours.Warning), (0.95, Colours.Good)) },
        new StatPanel("Throttled GPUs", "Its GPUs that are held down by heat or the power brake now. Good: 0.", new Query($"sum(max by (cluster, node, gpu) ({OfJob($"gpu_throttle_active{{{Node},reason=~\"hw_thermal|sw_thermal|hw_power_brake\"}}")}))")) { Scale = Scale.NoneIsGood },
        new StatPanel("Unhealthy GPUs", "Its GPUs that must get no new work. Good: 0. Save a checkpoint and leave them.", new Query($"sum(max by (cluster, node, gpu) ({OfJob($"gpu_health_state{{{Node},state=\"unhealthy\"}}")}))")) { Scale = Scale.NoneIsGood },
        new StatPanel("XIDs in the time shown", "XIDs of its GPUs. Good: 0. 13 and 31 are the program's own in most cases.", new Query($"sum({OfJob($"increase(gpu_xid_events_total{{{Node}}}[$__range])")})")) { Decimals = 0, Scale = Scale.FewAreGood },
        new TablePanel("The job", "What the scheduler says of it. Good: what you asked for.", [new KeyColumn("job_name", "Name"), new KeyColumn("user", "User"), new KeyColumn("scheduler", "Scheduler"), new KeyColumn("namespace", "Namespace")],
            new ValueColumn("GPUs", $"count by (job_name, user, scheduler, namespace) (gpu_job_info{{{Node},job_id=\"$job_id\"}})", Units.None)) { Width = 12, Height = 4 },
    ];

    private static IReadOnlyList<Panel> Stragglers =>
    [
        new TablePanel("Slowest GPUs", "The ten GPUs of the job with the lowest SM clock, and what speaks for why. Good: rows alike. A hot one has a bad heat sink; one with little power waits for others. A click opens the GPU.",
            [new KeyColumn("cluster", "Cluster"), new KeyColumn("node", "Node", DrillDown.RowToNode), new KeyColumn("gpu", "GPU", DrillDown.RowToGpu)],
            Slowest("SM clock", $"gpu_clock_hertz{{{Node},domain=\"sm\"}}", Units.Hertz), Slowest("Utilisation", $"gpu_utilization_ratio{{{Node}}}", Units.Ratio), Slowest("Power", $"gpu_power_watts{{{Node}}}", Units.Watts),
            Slowest("Core", $"gpu_temperature_celsius{{{Node},sensor=\"gpu\"}}", Units.Celsius),
            Slowest("Throttling", WorstThrottle("cluster, node, gpu", Node), Units.None) with { Names = ValueNames.Throttle, Scale = new Scale(Colours.Good, (3, Colours.Warning), (4, Colours.Bad)) },
            Slowest("Health", WorstHealth("cluster, node, gpu", Node), Units.None) with { Names = ValueNames.Health, Scale = new Scale(Colours.Good, (1, Colours.Warning), (2, Colours.Bad)) }) { Height = 10 },
        new TimelinePanel("What holds clocks down", "The worst reason of each GPU of the job. Good: nothing, or the software power cap. A click opens the GPU.", ValueNames.Throttle,
            new Query(OfJob(WorstThrottle("cluster, node, gpu", Node)), "{{node}} GPU {{gpu}}")) { Height = 10, Links = [DrillDown.ToGpu, DrillDown.ToCaptures] },
        new TimelinePanel("Health", "The worst state of each GPU of the job. Good: green throughout.", ValueNames.Health, new Query(OfJob(WorstHealth("cluster, node, gpu", Node)), "{{node}} GPU {{gpu}}")) { Height = 10, Links = [DrillDown.ToGpu, DrillDown.ToCaptures] },
    ];

    private static IReadOnlyList<Panel> Spread =>
    [
        Range("Utilisation over ranks", "Lowest, median and highest GPU. Good: the three close together. A low minimum is a rank that waits or is not fed.", $"gpu_utilization_ratio{{{Node}}}", Units.Ratio),
        Range("Tensor activity over ranks", "Lowest, median and highest GPU. Good: high and close together.", $"gpu_tensor_active_ratio{{{Node}{Board}}}", Units.Ratio),
        Range("SM clock over ranks", "Lowest, median and highest GPU. Good: the minimum within 5 % of the median.", $"gpu_clock_hertz{{{Node},domain=\"sm\"}}", Units.Hertz),
        Range("Power over ranks", "Lowest, median and highest GPU. Good: close together. All low at once: the job waits for a collective, for data or for a checkpoint.", $"gpu_power_watts{{{Node}}}", Units.Watts),
        Range("Memory over ranks", "Lowest, median and highest GPU. Good: flat. A steady rise ends in out of memory.", $"gpu_memory_used_bytes{{{Node}{Board}}}", Units.Bytes),
        Range("NVLink traffic over ranks", "Lowest, median and highest GPU, bytes sent. Good: close together during collectives.", $"rate(gpu_nvlink_transmit_bytes_total{{{Node}}}[$__rate_interval])", Units.BytesPerSecond),
    ];

    private static IReadOnlyList<Panel> Each =>
    [
        new GraphPanel("Utilisation of each GPU", "Share of time in which any kernel ran. Good: alike.", new Query(OfJob($"gpu_utilization_ratio{{{Node}}}"), "{{node}} GPU {{gpu}}")) { Unit = Units.Ratio, Minimum = 0, Maximum = 1, Width = 12, Links = [DrillDown.ToGpu], Tabular = false },
        new GraphPanel("SM occupancy of each GPU", "Resident warps as a share of the most that fit (Hopper and later). Good: alike; low with high utilisation means small kernels.", new Query(OfJob($"gpu_sm_occupancy_ratio{{{Node}{Board}}}"), "{{node}} GPU {{gpu}}")) { Unit = Units.Ratio, Minimum = 0, Width = 12, Links = [DrillDown.ToGpu], Tabular = false },
    ];

    private static IReadOnlyList<Panel> Logs =>
    [
        new DocumentTable("Captures of this job", "What was recorded of it. A click on the address opens the capture at the collector.", $"data_stream.dataset:gpu.capture AND {Documents}", CapturesDashboard.Columns) { Height = 8 },
        new LogsPanel("Events of this job", "XIDs, findings of rules, changes of health of the GPUs while they worked for it. Good: nothing of level critical.", $"data_stream.dataset:gpu.event AND {Documents}"),
    ];

    private static GraphPanel Range(string title, string description, string values, string unit) => new(
        title, description, new Query($"min({OfJob(values)})", "lowest"), new Query($"quantile(0.5, {OfJob(values)})", "median"), new Query($"max({OfJob(values)})", "highest")) { Unit = unit, Minimum = 0 };

    private static ValueColumn Slowest(string title, string values, string unit) => new(
        title, $"max by (cluster, node, gpu) ({values}) and on (cluster, node, gpu) bottomk(10, {OfJob($"gpu_clock_hertz{{{Node},domain=\"sm\"}}")})", unit);
}
