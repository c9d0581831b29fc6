namespace Monitoring.Dashboards.Generator.Prometheus.Alerts;

/// <summary>Heat, power, and GPUs that are slower than their neighbours.</summary>
internal static class ThermalAlerts
{
    private const string Thermal = "thermal";

    internal static AlertGroup Group { get; } = new("gpu-thermal",
    [
        new("GpuHwThermalSlowdown", Thermal, AlertScope.Gpu,
            "sum by (%per_gpu%) (rate(gpu_throttle_seconds_total{reason=\"hw_thermal\"}[%window%])) > %threshold%",
            "<gpu> is slowed down by its hardware because it is too hot",
            "The hardware held the clocks of <gpu> down for <value:percent> of %window%, more than %threshold:percent%. Drain the node; check airflow or pump and the thermal interface before it gets new work."),
        new("GpuSwThermalSlowdown", Thermal, AlertScope.Gpu,
            "sum by (%per_gpu%) (rate(gpu_throttle_seconds_total{reason=\"sw_thermal\"}[%window%])) > %threshold%",
            "The driver slows <gpu> down to keep its temperature",
            "The driver held the clocks of <gpu> down for <value:percent> of %window%, more than %threshold:percent%. Check inlet temperature, fan policy and neighbours."),
        // The brake acts on a node or a rack: one alert a node, with the number of its GPUs.
        new("GpuHwPowerBrake", "power", AlertScope.Node,
            "count by (cluster, node) (sum by (cluster, node, gpu) (rate(gpu_throttle_seconds_total{reason=\"hw_power_brake\"}[%window%])) > %threshold%)",
            "The power supply of <node> slows its GPUs down",
            "The power brake held <value> GPUs of <node> for more than %threshold:percent% of %window%; this is not the ordinary power cap. Check the redundancy of power supplies and PDU and the power cap of the rack."),
        // Degrees to the slowdown; the absolute thresholds are gone from the driver's interface for Ada and later.
        new("GpuThermalMarginNegative", Thermal, AlertScope.Gpu,
            "min by (%per_gpu%) (gpu_thermal_margin_celsius - gpu_thermal_margin_slowdown_celsius) < %threshold%",
            "<gpu> is hotter than where its hardware slows it down",
            "<gpu> is <value> degrees from the slowdown of its hardware. Drain the node and check its cooling."),
        new("GpuThermalMarginLow", Thermal, AlertScope.Gpu,
            "min by (%per_gpu%) (gpu_thermal_margin_celsius - gpu_thermal_margin_slowdown_celsius) < %threshold%",
            "<gpu> is about to be slowed down by heat",
            "<gpu> is <value> degrees from the slowdown of its hardware, fewer than %threshold%. Look at the inlet temperature of the rack before it throttles."),
        new("GpuMemoryHot", Thermal, AlertScope.Gpu,
            "max by (%per_gpu%) (gpu_temperature_celsius{sensor=\"memory\"}) >= %threshold%",
            "The memory of <gpu> is at the end of its temperature range",
            "The memory of <gpu> has <value> C, the limit is %threshold% C. Check the node's cooling before errors of the memory follow."),
        new("GpuThermalFleetEvent", Thermal, AlertScope.Cluster,
            """
            count by (cluster) (
              sum by (cluster, node) (rate(gpu_throttle_seconds_total{reason=~"hw_thermal|sw_thermal"}[%window%])) > %node_threshold%
            ) >= %nodes%
            and
            count by (cluster) (
              sum by (cluster, node) (rate(gpu_throttle_seconds_total{reason=~"hw_thermal|sw_thermal"}[%window%])) > %node_threshold%
            ) / cluster:gpu_agent_build_info:count > %threshold%
            """,
            "Many nodes of cluster <label:cluster> are too hot at once",
            "<value> nodes of cluster <label:cluster>, at least %nodes% and more than %threshold:percent% of all, throttle for heat. This is an incident of the building, not of that many GPUs: cooling, CDU, chilled water."),
        // The clock is compared with those of the node's GPUs that work, and only where there are enough of them.
        new("GpuClockStraggler", "performance", AlertScope.Gpu,
            """
            max by (%per_gpu%) (gpu_clock_hertz{domain="sm"})
            / on (cluster, node) group_left () (node:gpu_clock_hertz:median_busy_sm and node:gpu_utilization_ratio:busy_count >= %peers%)
            < %threshold%
            and on (cluster, node, gpu) avg_over_time(gpu_utilization_ratio[%window%]) > %busy%
            """,
            "<gpu> works slower than its neighbours",
            "<gpu> works at <value:percent> of the median clock of the node's GPUs that work, less than %threshold:percent%. Compare throttle reasons, power and temperature with the neighbours, and swap slots."),
    ]);
}
