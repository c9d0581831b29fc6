namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>What alerts rest on: sums that are made once, and counts over a day that would be too much to make of raw series.</summary>
internal static class AlertRecordings
{
    /// <summary>How often counts over a day are made; the name of <c>delta5m</c> rests on it.</summary>
    private const string SlowInterval = "5m";

    /// <summary>The groups.</summary>
    internal static IEnumerable<RecordingGroup> Groups(RuleValues values) =>
    [
        new("gpu-recording", values.Interval,
        [
            // Sparse: what did not happen has no series. Alerts on XIDs look at this, and not each at every counter of every GPU.
            new($"node_gpu_xid:gpu_xid_events:increase{values.IncidentWindow}",
                "sum by (%per_gpu%, xid) (increase(gpu_xid_events_total[%incident_window%])) > 0",
                "XIDs within the window in which incidents are looked for; absent where there were none"),
            new("node:gpu_agent_build_info:present", "group by (cluster, node) (gpu_agent_build_info)", "1 for a node whose agent is seen"),
            new("cluster:gpu_agent_build_info:count", "count by (cluster) (node:gpu_agent_build_info:present)", "nodes whose agent is seen"),
            new("node:gpu_utilization_ratio:busy_count", "count by (cluster, node) (gpu_utilization_ratio > 0.8)", "GPUs that work (more than 80 %)"),
            new("node:gpu_clock_hertz:median_busy_sm",
                "quantile by (cluster, node) (0.5, max by (cluster, node, gpu) (gpu_clock_hertz{domain=\"sm\"}) and on (cluster, node, gpu) gpu_utilization_ratio > 0.8)",
                "median SM clock of the GPUs that work"),
            new("node_gpu:gpu_nvlink_up:sum", "sum by (%per_gpu%) (gpu_nvlink_up)", "NVLinks that are up"),
            new("node:gpu_nvlink_up:median", "quantile by (cluster, node) (0.5, node_gpu:gpu_nvlink_up:sum > 0)", "NVLinks that half of the node's GPUs have up, those without any left out"),
        ]),
        new("gpu-recording-slow", SlowInterval,
        [
            // Counters of one GPU live and end together, so their sum may be taken before the increase.
            new("node_gpu:gpu_xid_events_total:fatal_sum", "sum by (%per_gpu%) (gpu_xid_events_total{xid=~\"%xids_repeated%\"})", "fatal XIDs of a GPU, the counter"),
            new("node_gpu:gpu_xid_events:fatal_increase1d", "increase(node_gpu:gpu_xid_events_total:fatal_sum[1d]) > 0", "fatal XIDs of a GPU in a day"),
            new("node_gpu_xid:gpu_xid_events_total:application", "sum by (%per_gpu%, xid) (gpu_xid_events_total{xid=~\"%xids_application%\"})", "XIDs of programs, the counters"),
            new("node_gpu_xid:gpu_xid_events:application_increase1d", "increase(node_gpu_xid:gpu_xid_events_total:application[1d]) > 0", "XIDs of programs on a GPU in a day"),
            new("node_gpu:gpu_ecc_errors_total:correctable_sram_sum", "sum by (%per_gpu%) (gpu_ecc_errors_total{type=\"correctable\",location=\"sram\"})", "corrected SRAM errors, the counter"),
            new("node_gpu:gpu_ecc_errors:correctable_sram_increase1d", "increase(node_gpu:gpu_ecc_errors_total:correctable_sram_sum[1d]) > 0", "corrected SRAM errors in a day"),
        ]),
        new("gpu-recording-counts", SlowInterval, FleetRecordings.Counts),
        new("gpu-recording-fleet", values.Interval, FleetRecordings.Levels),
    ];
}
