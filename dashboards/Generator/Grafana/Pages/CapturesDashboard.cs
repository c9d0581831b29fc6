using static Monitoring.Dashboards.Generator.Grafana.Selectors;

namespace Monitoring.Dashboards.Generator.Grafana.Pages;

/// <summary>The recordings of moments: which there are, why, and how the machinery that takes them does.</summary>
internal static class CapturesDashboard
{
    /// <summary>What a table shows of a capture.</summary>
    internal static IReadOnlyList<DocumentColumn> Columns { get; } =
    [
        new("@timestamp", "Finished"), new("host.name", "Node"), new("gpu.index", "GPU"), new("gpu.job.id", "Job"), new("gpu.capture.trigger.kind", "Asked by"), new("gpu.capture.trigger.name", "Name"), new("gpu.capture.result", "Result"),
        new("gpu.capture.profilers", "Profilers"), new("gpu.capture.triage.code", "Stands out"), new("gpu.capture.size_bytes", "Size", Units.Bytes), new("url.full", "Address") { Address = "${__value.raw}" },
    ];

    /// <summary>Makes it.</summary>
    public static Dashboard Make() => new("gpu-captures", "GPU captures", "What was recorded, why, and what stands out in it? A click on the address opens a capture at the collector.")
    {
        Variables = [.. Variable.Sources, Variable.Cluster, Variable.Nodes],
        Annotations = StandardAnnotations.Of(Node, NodeDocuments),
        From = "now-7d",
        Rows = [new Row("Is anything wrong?", Verdict), new Row("Captures", Captures), new Row("Asked for and taken", Counts), new Row("The collector's store", Store), new Row("Stages", Logs)],
    };

    private static IReadOnlyList<Panel> Verdict =>
    [
        new StatPanel("Taken", "Captures that ended as done, once for each profiler. Good: some where there were anomalies.", new Query(Grown("", $"gpu_captures_total{{{Node},result=\"done\"}}", "$__range") + " or vector(0)")) { Decimals = 0, Filled = false },
        new StatPanel("Failed", "Captures that failed or were ended early since they cost too much. Good: 0. Why stands in the table of events below.", new Query(Grown("", $"gpu_captures_total{{{Node},result!=\"done\"}}", "$__range") + " or vector(0)")) { Decimals = 0, Scale = Scale.FewAreGood },
        new StatPanel("Refused", "Captures that were asked for and not taken. Good: few. By reason below.", new Query(Grown("", $"gpu_capture_refusals_total{{{Node}}}", "$__range") + " or vector(0)")) { Decimals = 0, Scale = Scale.FewAreGood },
        new StatPanel("Under way", "Captures that the budget counts as under way. Good: below the budget.", new Query("sum(gpu_collector_captures_under_way)")) { Filled = false },
        new StatPanel("Waiting on nodes", "Captures that were accepted and wait to be taken. Good: 0 or 1 a node.", new Query($"sum(gpu_capture_queue_length{{{Node}}})")) { Filled = false },
        new StatPanel("Kept at the collector", "Captures that the collector keeps, and those of them that nothing may remove. Good: grows until retention sets in.", new Query("sum(gpu_collector_captures_stored)", "kept"), new Query("sum(gpu_collector_captures_pinned)", "pinned")) { Filled = false, Named = true },
    ];

    private static IReadOnlyList<Panel> Captures =>
    [
        new DocumentTable("Captures", "Finished captures, the newest first. What stands out is explained in the capture itself, which a click on the address opens.", $"data_stream.dataset:gpu.capture AND {NodeDocuments}", Columns) { Height = 14 },
    ];

    private static IReadOnlyList<Panel> Counts =>
    [
        new GraphPanel("By what asked", "Captures in each step of the graph by what asked for them. Good: rules where there are anomalies; schedules in their rhythm.", new Query(Grown("trigger", $"gpu_captures_total{{{Node}}}"), "{{trigger}}")) { Bars = true, Stacked = true, Decimals = 0, Minimum = 0 },
        new GraphPanel("By profiler and result", "Captures in each step of the graph. Good: done. counters alone, where a profiler was wanted, means that none could: the agent's doctor says why.", new Query(Grown("profiler, result", $"gpu_captures_total{{{Node}}}"), "{{profiler}}, {{result}}")) { Bars = true, Stacked = true, Decimals = 0, Minimum = 0 },
        new GraphPanel("Refusals by reason", "Good: cooldown and budget, which do their work. disk_floor and disk_quota want room.", new Query(Grown("trigger, reason", $"gpu_capture_refusals_total{{{Node}}}"), "{{trigger}}, {{reason}}")) { Bars = true, Stacked = true, Decimals = 0, Minimum = 0 },
        new GraphPanel("Bundles on nodes", "Room that bundles take on the ten nodes with the most. Good: falls when they were sent.", new Query($"topk(10, gpu_capture_bytes{{{Node}}})", "{{node}}")) { Unit = Units.Bytes, Minimum = 0, Links = [DrillDown.ToNode] },
        new GraphPanel("Bundles removed on nodes", "Bundles that nodes removed to make room, in each step of the graph, the ten with the most. Good: 0, or those that the collector has.", new Query($"topk(10, increase(gpu_capture_bundles_removed_total{{{Node}}}[$__rate_interval]))", "{{node}}")) { Bars = true, Decimals = 0, Minimum = 0 },
        new GraphPanel("The collector's answers", "Captures that the cluster's budget let in and refused, and by reason what the collector refused of people, alerts, schedules and controls. Good: few refused.",
            new Query("sum by (answer) (increase(gpu_collector_capture_budget_answers_total[$__rate_interval]))", "budget: {{answer}}"), new Query("sum by (trigger, reason) (increase(gpu_collector_capture_refusals_total[$__rate_interval]))", "{{trigger}}: {{reason}}")) { Bars = true, Decimals = 0, Minimum = 0 },
    ];

    private static IReadOnlyList<Panel> Store =>
    [
        new GraphPanel("Size of the store", "Size of the captures that the collector keeps. Good: below its limit.", new Query("sum(gpu_collector_capture_store_bytes)", "kept")) { Unit = Units.Bytes, Minimum = 0, Tabular = false },
        new GraphPanel("Uploads", "Bytes that nodes send. Good: 0 between captures.", new Query("sum(rate(gpu_collector_upload_bytes_total[$__rate_interval]))", "received")) { Unit = Units.BytesPerSecond, Minimum = 0, Tabular = false },
        new GraphPanel("Uploads open and waiting", "Uploads under way, and captures that are on their way to the bucket. Good: back to 0.", new Query("sum(gpu_collector_uploads_open)", "uploads open"), new Query("sum(gpu_collector_captures_waiting)", "on the way to the bucket")) { Minimum = 0, Decimals = 0 },
        new GraphPanel("Captures that came", "Captures that came whole, and files that came again, in each step of the graph.  Good: as many as nodes took.", new Query("sum(increase(gpu_collector_captures_total[$__rate_interval]))", "came whole"), new Query("sum(increase(gpu_collector_capture_files_repeated_total[$__rate_interval]))", "files again")) { Bars = true, Decimals = 0, Minimum = 0 },
        new GraphPanel("Refused and failed", "Uploads refused and failures of the store by reason. Good: 0. quota and disk_floor want room, credentials and unreachable are the bucket's.",
            new Query("sum by (reason) (increase(gpu_collector_uploads_refused_total[$__rate_interval]))", "refused: {{reason}}"), new Query("sum by (reason) (increase(gpu_collector_capture_store_failures_total[$__rate_interval]))", "failed: {{reason}}")) { Bars = true, Decimals = 0, Minimum = 0 },
        new GraphPanel("Removed", "Captures that the collector removed, by reason. Good: age. size long before age means that the limit is low.", new Query("sum by (reason) (increase(gpu_collector_captures_removed_total[$__rate_interval]))", "{{reason}}")) { Bars = true, Decimals = 0, Minimum = 0 },
    ];

    private static IReadOnlyList<Panel> Logs =>
    [
        new GraphPanel("Alerts that asked", "Alerts that Alertmanager sent to the collector, in each step of the graph, by what was done about them. Good: captured follows the alerts that ask.", new Query("sum by (outcome) (increase(gpu_collector_capture_alerts_total[$__rate_interval]))", "{{outcome}}")) { Bars = true, Decimals = 0, Minimum = 0, Width = 12, Height = 7 },
        new GraphPanel("Words of nodes", "What nodes said of their captures: taken, older than what was known, rejected. Good: none rejected.", new Query("sum by (outcome) (increase(gpu_collector_capture_progress_total[$__rate_interval]))", "{{outcome}}")) { Bars = true, Decimals = 0, Minimum = 0, Width = 12, Height = 7 },
        new LogsPanel("Stages of captures", "Where captures came to: queued, recording, done, and why not. Good: every queued one is done.", $"data_stream.dataset:gpu.event AND gpu.kind:capture AND {NodeDocuments}"),
        new DocumentTable("Who asked for what", "The audit: what was asked of captures and schedules, by whom, with what outcome. Good: names that you know.", "data_stream.dataset:gpu.audit",
            new("@timestamp", "Time"), new("gpu.audit.by", "By"), new("event.action", "What"), new("gpu.audit.outcome", "Outcome"), new("event.reason", "Reason"), new("host.name", "Node"), new("gpu.capture.id", "Capture"), new("message", "Words")) { Height = 10 },
    ];
}
