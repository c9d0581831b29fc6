namespace Monitoring.Dashboards.Generator.Prometheus.Alerts;

/// <summary>The collector, and the way of events and documents to it and from it.</summary>
internal static class PipelineAlerts
{
    private const string Component = "pipeline";
    private const string PerSink = "cluster, sink, stream";

    internal static AlertGroup Group { get; } = new("gpu-pipeline",
    [
        new("GpuCollectorDown", Component, AlertScope.Pipeline,
            """
            max by (cluster, instance) (up{job=~"%collector_job%"}) == 0
            or
            absent(up{job=~"%collector_job%"})
            """,
            "The collector does not answer",
            "Prometheus gets no metrics of the collector (<value>: 0 is no answer, 1 no such target). Series of nodes end, events wait on the nodes, no capture is taken on request."),
        new("GpuCollectorRejecting", Component, AlertScope.Pipeline,
            """
            sum by (cluster, reason) (increase(gpu_collector_rejected_pushes_total[%window%])) > %threshold%
            or
            sum by (cluster, reason) (increase(gpu_collector_rejected_points_total[%window%])) > %threshold%
            """,
            "The collector refuses what agents send: <label:reason>",
            "<value:count> pushes or points were refused within %window% for the reason <label:reason>. The collector's log names the sender."),
        new("GpuCollectorStoreFailing", Component, AlertScope.Pipeline,
            """
            label_replace(sum by (cluster) (increase(gpu_collector_event_store_failures_total[%window%])) > %threshold%, "store", "events", "", "")
            or
            label_replace(sum by (cluster) (increase(gpu_collector_capture_store_failures_total[%window%])) > %threshold%, "store", "captures", "", "")
            or
            label_replace(sum by (cluster) (increase(gpu_collector_audit_failures_total[%window%])) > %threshold%, "store", "audit", "", "")
            or
            label_replace(sum by (cluster) (increase(gpu_collector_command_journal_failures_total[%window%])) > %threshold%, "store", "commands", "", "")
            """,
            "The collector cannot write its store of <label:store>",
            "<value:count> writes of the collector's store of <label:store> failed within %window%: a full or broken disk, or an object store that does not answer. Nodes keep what is not taken."),
        new("GpuEventsRefused", Component, AlertScope.Pipeline,
            """
            sum by (cluster, reason) (increase(gpu_collector_events_rejected_total[%window%])) > %threshold%
            or
            sum by (cluster, reason) (increase(gpu_collector_events_expired_total{reason="late"}[%window%])) > %threshold%
            """,
            "The collector does not keep events: <label:reason>",
            "<value:count> events were not kept within %window% (<label:reason>). Refused ones lie in dead-letters/events.ndjson of their node; late ones come from a node whose clock is far behind."),
        new("GpuNodeClockSkew", Component, AlertScope.Agent,
            "abs(max by (cluster, node) (gpu_collector_node_clock_skew_seconds)) > %threshold%",
            "The clock of <node> is wrong",
            "The clock of <node> is <value:duration> away from the collector's, more than %threshold% s: events are in the wrong order and readings look old. Set it right: chronyc tracking."),
        new("GpuNodeNameConflict", Component, AlertScope.Pipeline,
            """
            label_replace(max by (cluster) (gpu_collector_conflicting_series) > 0, "kind", "series", "", "")
            or
            label_replace(sum by (cluster) (increase(gpu_collector_command_streams_replaced_total[%window%])) > %threshold%, "kind", "streams", "", "")
            """,
            "Two agents seem to call themselves by one name",
            "<value> <label:kind> of one node come from two senders. Two agents have the same node name, such as machines of one image: give each its own setting node."),
        new("GpuCommandsExpired", Component, AlertScope.Pipeline,
            "sum by (cluster) (increase(gpu_collector_commands_expired_total[%window%])) > %threshold%",
            "Agents do not take their commands",
            "<value:count> commands, such as captures that were asked for, were not taken by their agents in time. gpuctl audit names them; look whether those agents are connected."),
        new("GpuSinkDroppingEvents", Component, AlertScope.Agent,
            "sum by (cluster, node, sink, stream, reason) (increase(gpu_sink_events_dropped_total[%window%])) > %threshold%",
            "{{ with $labels.node }}{{ . }}{{ else }}The collector{{ end }} loses events: <label:reason>",
            "<value:count> events on their way to <label:sink> {{ with $labels.stream }}({{ . }}) {{ end }}were lost within %window%, reason <label:reason>. Make room on disk, raise the limit of the journal, or bring the receiver back."),
        new("GpuSinkDeadLetters", Component, AlertScope.Agent,
            "sum by (cluster, node, sink, stream) (increase(gpu_sink_dead_letters_total[%window%])) > %threshold%",
            "{{ with $labels.node }}{{ . }}{{ else }}The collector{{ end }} set aside what <label:sink> refused",
            "<value:count> documents {{ with $labels.stream }}of {{ . }} {{ end }}were refused for good by <label:sink> within %window% and set aside. Look at the dead letters, correct the mapping or the limit, and send them again where the sink can."),
        // Something waits and nothing was taken lately, or ever. One node that cannot send is GpuNodeSinkStalled.
        new("GpuSinkStalled", Component, AlertScope.Pipeline,
            $"""
            sum by ({PerSink}) (gpu_sink_queue_length) > 0
            unless on ({PerSink}) time() - max by ({PerSink}) (gpu_sink_last_success_timestamp_seconds) <= %threshold%
            """,
            "Nobody can send to <label:sink>",
            "<value> items wait for <label:sink>{{ with $labels.stream }} ({{ . }}){{ end }}, and it took nothing for %threshold% s from anybody. Bring the receiver back; what waits is on disk."),
        new("GpuNodeSinkStalled", Component, AlertScope.Agent,
            """
            sum by (cluster, node, sink) (gpu_sink_queue_length{node!=""}) > 0
            unless on (cluster, node, sink) time() - max by (cluster, node, sink) (gpu_sink_last_success_timestamp_seconds) <= %threshold%
            or
            time() - max by (cluster, node, sink) (gpu_sink_last_success_timestamp_seconds{sink="otlp",node!=""}) > %threshold%
            """,
            "<node> cannot send to <label:sink>",
            "The agent of <node> has sent nothing to <label:sink> for %threshold% s though something waits (<value>). gpu-agent doctor on the node looks at the way to the collector."),
        // Fires always: whoever does not get it any more has no alerts.
        new("Watchdog", Component, AlertScope.Pipeline,
            "vector(1)",
            "The alerts reach you",
            "This alert fires always (value <value>). If it stops, Prometheus, Alertmanager or the way to you is broken."),
    ]);
}
