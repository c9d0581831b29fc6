namespace Monitoring.Dashboards.Generator.Prometheus.Alerts;

/// <summary>Whether the agents see what they should.</summary>
internal static class AgentAlerts
{
    private const string Component = "pipeline";

    internal static AlertGroup Group { get; } = new("gpu-agents",
    [
        new("GpuAgentDown", Component, AlertScope.Agent,
            "max by (cluster, node) (up{job=~\"%node_jobs%\"}) == 0",
            "There is no data of <node>",
            "Prometheus gets no metrics of <node> (up: <value>): its agent, its network or the node is down. The collector answers 503 for a node that is silent."),
        new("GpuAgentAbsent", Component, AlertScope.Agent,
            "max by (cluster, node) (last_over_time(node:gpu_agent_build_info:present[%window%])) unless on (cluster, node) group by (cluster, node) (gpu_agent_build_info)",
            "Node <node> has gone silent",
            "<node> had an agent within %window% and has none now (last seen: <value>). The node or its network is dead: check its BMC; silence this for a node that was taken away."),
        // By GPU, since one that hangs hides behind the others otherwise; a call in progress is what GpuDriverCallStuck shows.
        new("GpuCollectorStale", Component, AlertScope.Agent,
            "time() - max by (%per_gpu%, collector) (gpu_agent_last_collection_timestamp_seconds) > %threshold%",
            "<gpu> is not read any more (<label:collector>)",
            "The readings <label:collector> of <gpu> are <value:duration> old; %threshold% s is the limit. A call of the driver hangs (XID 119 often), the GPU is gone, or the node's clock is wrong. Run gpu-agent doctor on the node."),
        new("GpuAgentRestarting", Component, AlertScope.Agent,
            "max by (cluster, node) (changes(gpu_agent_start_time_seconds[%window%])) >= %threshold%",
            "The agent of <node> starts again and again",
            "The agent of <node> was started <value:count> times in %window%; the limit is %threshold%. Look at journalctl -u gpu-agent."),
        new("GpuAgentFault", Component, AlertScope.Agent,
            """
            sum by (cluster, node) (increase(gpu_agent_sampling_faults_total[%window%])) > %threshold%
            or
            sum by (cluster, node) (increase(gpu_agent_detection_faults_total[%window%])) > %threshold%
            """,
            "The agent of <node> has a fault of its own",
            "<value:count> rounds of sampling or detection of the agent of <node> ended in a fault of its own within %window%. Its log has the stack; report it."),
        new("GpuAgentDetectionLate", Component, AlertScope.Agent,
            "sum by (cluster, node) (increase(gpu_agent_detection_frames_missed_total[%window%])) > %threshold%",
            "The rules of <node> do not see every reading",
            "Detection on <node> missed <value:count> readings of GPUs within %window%, more than %threshold%. The node has no processor time left for the agent."),
        new("GpuAgentHeavy", Component, AlertScope.Agent,
            """
            label_replace(sum by (cluster, node) (rate(gpu_agent_cpu_seconds_total[%window%])) > %cores%, "kind", "processor cores", "", "")
            or
            label_replace(max by (cluster, node) (gpu_agent_resident_memory_bytes) > %memory%, "kind", "bytes of memory", "", "")
            """,
            "The agent of <node> takes more than it should",
            "The agent of <node> takes <value> <label:kind>; %cores% cores and %memory% bytes are the limits. Look at its readings and rules, and report it."),
        new("GpuProbeStuck", Component, AlertScope.Agent,
            "max by (cluster, node, probe) (gpu_agent_probe_stuck_seconds) > %threshold%",
            "The probe <label:probe> of <node> does not come back",
            "The look of the probe <label:probe> on <node> has lasted <value:duration>, more than %threshold% s: a read of sysfs or procfs hangs, as it does for a driver that is wedged."),
        new("GpuEventSourceDown", Component, AlertScope.Agent,
            "max by (cluster, node, source) (gpu_event_source_up) == 0",
            "<node> sees no events of <label:source>",
            "The source of events <label:source> of <node> sees nothing (up: <value>): faults that only it tells go unseen. gpu-agent doctor says why."),
        new("GpuEventsLost", Component, AlertScope.Agent,
            """
            sum by (cluster, node, source) (increase(gpu_event_sightings_dropped_total[%window%])) > %threshold%
            or
            sum by (cluster, node, source) (increase(gpu_kernel_log_lost_records_total[%window%])) > %threshold%
            """,
            "<node> lost what <label:source> saw",
            "<value:count> records or sightings of <label:source> on <node> were lost within %window%: something floods the kernel log, or the agent gets no processor time. An event of kind gap says when."),
        new("GpuJournalDamaged", Component, AlertScope.Agent,
            "sum by (cluster, node) (gpu_agent_journal_damages_total{kind=\"damaged\"}) > %threshold%",
            "The event journal of <node> was damaged",
            "The agent of <node> found <value> damaged places in its journal since it was started: its disk returns wrong data. Events may be lost; check the disk. A restart of the agent ends this alert."),
        new("GpuRulesNotLoaded", Component, AlertScope.Agent,
            "max by (cluster, node) (gpu_rules_last_reload_successful) == 0",
            "The rule files of <node> have a mistake",
            "The agent of <node> could not take the rule files as they are now (successful: <value>); older rules hold. gpu-agent check-rules names file, line and remedy."),
        // Against an hour ago and not by increase(): the first failure of a kind makes its series, which no rate can see.
        new("GpuCapturesFailing", Component, AlertScope.Agent,
            "sum by (cluster, node) (gpu_captures_total{result=\"failed\"}) - sum by (cluster, node) (gpu_captures_total{result=\"failed\"} offset %window%) >= %threshold%",
            "Captures fail on <node>",
            "<value:count> captures of <node> failed within %window%; the limit is %threshold%. gpu-agent captures says what each profiler can do and why not."),
        new("GpuCaptureDiskShort", Component, AlertScope.Agent,
            """
            sum by (cluster, node) (gpu_capture_refusals_total{reason=~"disk_floor|disk_quota"})
            - (sum by (cluster, node) (gpu_capture_refusals_total{reason=~"disk_floor|disk_quota"} offset %window%) or 0 * sum by (cluster, node) (gpu_capture_refusals_total{reason=~"disk_floor|disk_quota"}))
            > %threshold%
            and on (cluster, node) gpu_agent_build_info offset %window%
            """,
            "<node> has no room for captures",
            "<value:count> captures of <node> were refused within %window% because the disk is short. Make room below the state directory, unpin captures, or see why they do not leave for the collector."),
        new("GpuCapturesWaiting", Component, AlertScope.Agent,
            "max by (cluster, node) (gpu_capture_queue_length) > 0",
            "Captures of <node> wait and are not taken",
            "<value> captures of <node> have waited without an end. gpu-agent captures shows what is under way; a profiler may hang."),
    ]);
}
