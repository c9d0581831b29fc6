namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>Series that the recording rules in <c>dashboards/prometheus</c> make, so that the fleet's page asks a thousand nodes for little.</summary>
internal static class Recorded
{
    internal const string DevicesSeen = "cluster:gpu_devices:sum";
    internal const string DevicesExpected = "cluster:gpu_devices_expected:sum";
    internal const string GpusByHealth = "cluster_state:gpu_health_state:count";
    internal const string NodeHealth = "node:gpu_health_state:worst";
    internal const string NodePower = "node:gpu_power_watts:sum";
    internal const string NodeUtilization = "node:gpu_utilization_ratio:avg";
    internal const string NodeMemory = "node:gpu_memory_used_per_total_bytes:ratio";
    internal const string NodeTemperature = "node_sensor:gpu_temperature_celsius:max";
    internal const string TemperatureBuckets = "cluster_le:gpu_temperature_celsius:bucket";
    internal const string Headroom = "node:gpu_thermal_margin_celsius:min";
    internal const string MedianClock = "node:gpu_clock_hertz:median_busy_sm";
    internal const string ThrottleByReason = "cluster_reason:gpu_throttle_seconds:rate5m";
    internal const string NodeThrottle = "node:gpu_throttle_seconds:harmful_rate5m";
    internal const string ThrottledRatio = "cluster:gpu_throttled:ratio";
    internal const string Xids = "cluster_xid:gpu_xid_events:delta5m";
    internal const string NodeXids = "node_xid:gpu_xid_events:delta5m";
    internal const string Anomalies = "cluster_rule:gpu_anomalies:delta5m";
    internal const string NodeAnomalies = "node_rule:gpu_anomalies:delta5m";
    internal const string RulesFiring = "cluster_rule:gpu_rule_state:firing_sum";
    internal const string RemapPending = "cluster:gpu_row_remap_pending:sum";
    internal const string RemapFailure = "cluster:gpu_row_remap_failure:sum";
    internal const string NodeNvlinksDown = "node:gpu_nvlink_up:down_count";
    internal const string PortsDown = "cluster:gpu_infiniband_port_up:down_count";
    internal const string NvlinkTraffic = "cluster_direction:gpu_nvlink_bytes:rate5m";
    internal const string NodeNvlinkTraffic = "node_direction:gpu_nvlink_bytes:rate5m";
    internal const string JobUtilization = "job:gpu_utilization_ratio:avg";
    internal const string JobPower = "job:gpu_power_watts:sum";
    internal const string JobGpus = "job:gpu_devices:count";
    internal const string GpusWithJob = "cluster:gpu_job_info:count";
}
