using System.Globalization;
using Monitoring.Contracts.Xid;

namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>What the dashboards of a fleet show, so that no panel looks at every series of a thousand nodes.</summary>
internal static class FleetRecordings
{
    // Where GPUs are worth telling apart: idle, working, near the slowdown of the boards (83 to 95 C).
    private static readonly int[] s_temperatures = [40, 50, 60, 70, 80, 85, 90, 95];

    private const string Unknown = "unknown";

    /// <summary>
    /// What was counted in the last five minutes, as a difference of two readings and so exact, where <c>increase</c> guesses at the edges and sees
    /// nothing of a series that begins at 1; <c>sum_over_time</c> adds it up. Absent where nothing was.
    /// </summary>
    internal static IReadOnlyList<RecordingDefinition> Counts { get; } =
    [
        new("node_xid:gpu_xid_events:delta5m", XidLists.WithLabel(XidLists.WithLabel(
                $"label_replace(label_replace(({Delta("sum by (cluster, node, xid)", "gpu_xid_events_total")}),\n  \"bucket\", \"{Unknown}\", \"xid\", \".*\"),\n  \"severity\", \"{Unknown}\", \"xid\", \".*\")",
                "bucket", XidCatalogue.All, static entry => entry.Immediate),
            "severity", XidCatalogue.All, static entry => entry.Severity.ToString().ToLowerInvariant()),
            "XIDs of the last 5 minutes, with what NVIDIA's catalogue asks for and our severity"),
        new("cluster_xid:gpu_xid_events:delta5m", "sum by (cluster, xid, bucket, severity) (node_xid:gpu_xid_events:delta5m)", "the same of a cluster"),
        new("node_kind_severity:gpu_events:delta5m", Delta("sum by (cluster, node, kind, severity)", "gpu_events_total{severity=~\"warning|critical\"}"), "events of the last 5 minutes by kind and severity"),
        new("node_severity:gpu_events:delta5m", "sum by (cluster, node, severity) (node_kind_severity:gpu_events:delta5m)", "events of the last 5 minutes by severity"),
        new("cluster_kind_severity:gpu_events:delta5m", "sum by (cluster, kind, severity) (node_kind_severity:gpu_events:delta5m)", "the same of a cluster by kind"),
        new("node_rule:gpu_anomalies:delta5m", Delta("sum by (cluster, node, rule)", "gpu_anomalies_total"), "anomaly rules that fired in the last 5 minutes"),
        new("cluster_rule:gpu_anomalies:delta5m", "sum by (cluster, rule) (node_rule:gpu_anomalies:delta5m)", "the same of a cluster"),
    ];

    /// <summary>What stands now.</summary>
    internal static IReadOnlyList<RecordingDefinition> Levels { get; } =
    [
        new("node_gpu:gpu_health_state:worst",
            "max by (%per_gpu%) (2 * gpu_health_state{state=\"unhealthy\"} or gpu_health_state{state=\"degraded\"})",
            "0 healthy, 1 degraded, 2 unhealthy; gpu=\"node\" is the node itself"),
        new("node:gpu_health_state:worst", "max by (cluster, node) (node_gpu:gpu_health_state:worst)", "the same of the worst of a node"),
        .. HealthCounts(),
        new("cluster:gpu_devices:sum", "sum by (cluster) (max by (cluster, node) (gpu_devices))", "GPUs that drivers see"),
        new("cluster:gpu_devices_expected:sum", "sum by (cluster) (max by (cluster, node) (gpu_devices_expected))", "GPUs that nodes have"),
        .. NodeAndCluster("gpu_power_watts", "sum", "power now"),
        .. NodeAndCluster("gpu_power_limit_watts", "sum", "power that the GPUs are held to"),
        new("cluster:gpu_energy_joules:rate5m", "sum by (cluster) (rate(gpu_energy_joules_total[5m]))", "power by the energy counters, in watts"),
        new("node:gpu_utilization_ratio:avg", "avg by (cluster, node) (gpu_utilization_ratio)", "mean utilisation"),
        new("cluster:gpu_utilization_ratio:avg", "avg by (cluster) (gpu_utilization_ratio)", "mean utilisation"),
        new("node:gpu_memory_used_per_total_bytes:ratio", "sum by (cluster, node) (gpu_memory_used_bytes{mig_gi=\"\"}) / sum by (cluster, node) (gpu_memory_total_bytes{mig_gi=\"\"})", "share of the device memory in use"),
        new("cluster:gpu_memory_used_per_total_bytes:ratio", "sum by (cluster) (gpu_memory_used_bytes{mig_gi=\"\"}) / sum by (cluster) (gpu_memory_total_bytes{mig_gi=\"\"})", "share of the device memory in use"),
        new("node_sensor:gpu_temperature_celsius:max", "max by (cluster, node, sensor) (gpu_temperature_celsius)", "hottest GPU, hottest memory"),
        .. s_temperatures.Select(static limit => Bucket(limit.ToString(CultureInfo.InvariantCulture), $"sum by (cluster) (gpu_temperature_celsius{{sensor=\"gpu\"}} <= bool {limit})")),
        Bucket("+Inf", "count by (cluster) (gpu_temperature_celsius{sensor=\"gpu\"})"),
        new("node:gpu_thermal_margin_celsius:min", "min by (cluster, node) (gpu_thermal_margin_celsius - gpu_thermal_margin_slowdown_celsius)", "least degrees left until the hardware slows a GPU down"),
        new("node_gpu:gpu_throttle_seconds:harmful_rate5m",
            "max by (%per_gpu%) (rate(gpu_throttle_seconds_total{reason=~\"%harmful%\"}[5m]))",
            "share of time in which a fault held the GPU down: the worst reason, since reasons hold one another; the power cap is none"),
        new("node:gpu_throttle_seconds:harmful_rate5m", "avg by (cluster, node) (node_gpu:gpu_throttle_seconds:harmful_rate5m)", "mean of the node's GPUs"),
        new("cluster:gpu_throttle_seconds:harmful_rate5m", "avg by (cluster) (node_gpu:gpu_throttle_seconds:harmful_rate5m)", "mean of the cluster's GPUs"),
        new("cluster:gpu_throttled:ratio", "avg by (cluster) (node_gpu:gpu_throttle_seconds:harmful_rate5m > bool 0.01)", "share of the GPUs that a fault held down for more than 1 % of 5 minutes"),
        new("node_reason:gpu_throttle_seconds:rate5m", "avg by (cluster, node, reason) (rate(gpu_throttle_seconds_total[5m]))", "mean share of time by reason, the power cap too"),
        new("cluster_reason:gpu_throttle_seconds:rate5m", "avg by (cluster, reason) (rate(gpu_throttle_seconds_total[5m]))", "mean share of time by reason, the power cap too"),
        new("cluster_rule:gpu_rule_state:firing_sum", "sum by (cluster, rule) (gpu_rule_state{state=\"firing\"})", "GPUs or other instances for which an anomaly rule fires"),
        new("cluster:gpu_row_remap_pending:sum", "sum by (cluster) (gpu_row_remap_pending)", "GPUs that wait for a reset"),
        new("cluster:gpu_row_remap_failure:sum", "sum by (cluster) (gpu_row_remap_failure)", "GPUs that could not replace a memory row"),
        .. Traffic("transmit"),
        .. Traffic("receive"),
        new("node:gpu_nvlink_up:down_count", "sum by (cluster, node) (gpu_nvlink_up == bool 0)", "NVLinks that are down; boards whose links are not wired have some for ever"),
        new("cluster:gpu_infiniband_port_up:down_count", "sum by (cluster) (gpu_infiniband_port_up == bool 0)", "InfiniBand and RoCE ports that are down; those without a cable too"),
        new("cluster:gpu_job_info:count", "count by (cluster) (group by (cluster, node, gpu) (gpu_job_info))", "GPUs that work for a known job"),
        new("job:gpu_devices:count", "count by (cluster, job_id, job_name, user) (gpu_job_info)", "GPUs of a job"),
        new("job:gpu_utilization_ratio:avg", "avg by (cluster, job_id, job_name, user) (gpu_job_info * on (cluster, node, gpu) group_left () max by (cluster, node, gpu) (gpu_utilization_ratio))", "mean utilisation of a job's GPUs"),
        new("job:gpu_power_watts:sum", "sum by (cluster, job_id, job_name, user) (gpu_job_info * on (cluster, node, gpu) group_left () max by (cluster, node, gpu) (gpu_power_watts))", "power of a job's GPUs"),
    ];

    // A series that is new began at 0 where its node's agent was there before it.
    private static string Delta(string by, string series) =>
        $"{by} ({series}) - ({by} ({series} offset 5m) or 0 * {by} ({series})) > 0\nand on (cluster, node) node:gpu_agent_build_info:present offset 5m";

    // The node's own components are no GPU. A state without any GPU is 0, so that a panel shows it.
    private static IEnumerable<RecordingDefinition> HealthCounts() =>
        from state in ((string Name, int Value)[])[("healthy", 0), ("degraded", 1), ("unhealthy", 2)]
        select new RecordingDefinition("cluster_state:gpu_health_state:count", $"sum by (cluster) (node_gpu:gpu_health_state:worst{{gpu!=\"node\"}} == bool {state.Value})", "GPUs by the worst state of their components")
        {
            Labels = [("state", state.Name)],
        };

    private static IEnumerable<RecordingDefinition> NodeAndCluster(string metric, string operation, string meaning) =>
    [
        new($"node:{metric}:{operation}", $"{operation} by (cluster, node) ({metric})", meaning),
        new($"cluster:{metric}:{operation}", $"{operation} by (cluster) ({metric})", meaning),
    ];

    private static IEnumerable<RecordingDefinition> Traffic(string direction) =>
    [
        new("node_direction:gpu_nvlink_bytes:rate5m", $"sum by (cluster, node) (rate(gpu_nvlink_{direction}_bytes_total[5m]))", "NVLink traffic in bytes a second") { Labels = [("direction", direction)] },
        new("cluster_direction:gpu_nvlink_bytes:rate5m", $"sum by (cluster) (rate(gpu_nvlink_{direction}_bytes_total[5m]))", "NVLink traffic in bytes a second") { Labels = [("direction", direction)] },
    ];

    private static RecordingDefinition Bucket(string limit, string expression) =>
        new("cluster_le:gpu_temperature_celsius:bucket", expression, "GPUs not hotter than le, for a heatmap") { Labels = [("le", limit)] };
}
