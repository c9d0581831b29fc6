namespace Monitoring.Dashboards.Generator.Prometheus.Alerts;

/// <summary>XIDs, what the driver asks for, and GPUs that are gone.</summary>
internal static class DriverAlerts
{
    internal static AlertGroup Group { get; } = new("gpu-driver",
    [
        // The kernel can say that a GPU is lost without an XID; that is counted for the node.
        new("GpuFallenOffBus", "pcie", AlertScope.Gpu,
            """
            sum by (%per_gpu%) (node_gpu_xid:gpu_xid_events:increase%incident_window%{xid=~"%xids_off_bus%"}) > 0
            or
            sum by (cluster, node) (increase(gpu_events_total{kind="gpu_off_bus"}[%incident_window%])) > 0
            """,
            "{{ with $labels.gpu }}GPU {{ . }}{{ else }}A GPU{{ end }} of <node> has fallen off the bus",
            "XID 79 or the kernel's word of a lost GPU came <value:count> times on <node>{{ with $labels.gpu }}, GPU {{ . }}{{ end }}. Drain the node, collect nvidia-bug-report, and power it off and on; return the GPU if it happens again in the same slot."),
        new("GpuXidFatal", "", AlertScope.Gpu,
            XidLists.WithLabel(
                "sum by (%per_gpu%, xid) (node_gpu_xid:gpu_xid_events:increase%incident_window%{xid=~\"%xids_fatal%\"})",
                "component", XidLists.FatalEntries, static entry => entry.Component) + " > 0",
            "<gpu> reported XID <label:xid>, after which it must be reset",
            "XID <label:xid> (<label:component>) came <value:count> times on <gpu>. Drain it and run nvidia-smi --gpu-reset; the same XID again after the reset - reboot; again - replace."),
        new("GpuXidRepeated", "compute", AlertScope.Gpu,
            "node_gpu:gpu_xid_events:fatal_increase1d >= %threshold%",
            "Fatal XIDs come again and again on <gpu>",
            "<value:count> fatal XIDs on <gpu> in a day, the limit is %threshold%. Stop resetting: take the node out and open a case with the vendor."),
        new("GpuXidAppRepeated", "application", AlertScope.Gpu,
            "node_gpu_xid:gpu_xid_events:application_increase1d >= %threshold%",
            "Programs fault on <gpu> again and again (XID <label:xid>)",
            "XID <label:xid> came <value:count> times on <gpu> in a day, the limit is %threshold%. One GPU and many jobs - run the field diagnostic; many GPUs and one job - a bug of the program (compute-sanitizer)."),
        new("GpuRecoveryActionRequired", "driver", AlertScope.Gpu,
            "max by (%per_gpu%, action) (gpu_recovery_action{action!=\"none\"}) == 1",
            "The driver asks for <label:action> on <gpu>",
            "The recovery action of <gpu> is <label:action> (flag <value>). Drain it and do what the driver says; nvidia-smi -q shows it as GPU Recovery Action."),
        // Without a driver there is no count of devices, and every GPU is missing.
        new("GpuMissing", "pcie", AlertScope.Node,
            """
            max by (cluster, node) (gpu_devices_expected)
            - (max by (cluster, node) (gpu_devices) or 0 * max by (cluster, node) (gpu_devices_expected))
            > 0
            """,
            "<node> misses <value:count> of its GPUs",
            "The driver of <node> sees <value:count> GPUs fewer than the node has. Look for XID 79 and PCIe errors, reboot once, then have the GPU replaced."),
        new("GpuDriverCallStuck", "driver", AlertScope.Gpu,
            "max by (%per_gpu%) (gpu_agent_driver_call_stuck_seconds) > %threshold%",
            "A driver call for <gpu> does not come back",
            "A call of the driver for <gpu> has lasted <value:duration>; more than %threshold% s is stuck. Drain the node, look for XID 119 and processes in state D, and reboot if the call stays stuck."),
        new("GpuDriverVersionMismatch", "driver", AlertScope.Node,
            "max by (cluster, node) (gpu_driver_version_mismatch) == 1",
            "Kernel module and library of the driver differ on <node>",
            "The loaded kernel module, the NVML library or its file on <node> are of different driver versions (flag <value>): new programs fail with a version mismatch. Drain the node and load the new driver, or reboot."),
        new("GpuVersionSkew", "driver", AlertScope.Cluster,
            "count by (cluster) (count by (cluster, driver_version) (gpu_info)) > 1",
            "Cluster <label:cluster> runs <value> driver versions",
            "<value> driver versions are in use in cluster <label:cluster>. Finish the rollout, or silence this while it lasts; count by (driver_version) (gpu_info) shows them."),
    ]);
}
