namespace Monitoring.Dashboards.Generator.Kibana;

/// <summary>The searches that come along.</summary>
internal static class SavedSearches
{
    public static readonly SavedSearch CriticalEvents = new(
        "critical-events", "GPU: critical events", "What should have paged somebody, and what to do about it.", DataViews.Events,
        $"{Fields.Severity}: critical and not {Fields.Phase}: ended",
        [Fields.Node, Fields.Gpu, Fields.Kind, Fields.Code, Fields.Message, Fields.SuggestedAction, Fields.Runbook, Fields.Job]);

    public static readonly SavedSearch FatalXids = new(
        "fatal-xids", "GPU: fatal XIDs", "XIDs after which a GPU or a node needs something, with NVIDIA's advice.", DataViews.Events,
        $"{Fields.Kind}: xid and {Fields.Severity}: critical",
        [Fields.Node, Fields.Gpu, Fields.Xid, Fields.XidMnemonic, Fields.XidBucket, Fields.SuggestedAction, Fields.Device, Fields.Job]);

    public static readonly SavedSearch NodeEvents = new(
        "node-events", "GPU: events of a node", "Everything that happened; choose a node by a filter on host.name.", DataViews.Events,
        "",
        [Fields.Node, Fields.Gpu, Fields.Severity, Fields.Action, Fields.Code, Fields.Component, Fields.Message, Fields.Boot]);

    public static readonly SavedSearch CapturesWithTriage = new(
        "captures-with-triage", "GPU: captures with triage", "What was recorded, what stands out in it, and the link to it.", DataViews.Captures,
        $"{Fields.TriageCode}: *",
        [Fields.Node, Fields.CaptureTriggerName, Fields.CaptureResult, Fields.TriageCode, Fields.TriageWords, Fields.TopKernel, Fields.BusyShare, Fields.Link]);

    public static readonly SavedSearch RefusedCaptures = new(
        "refused-captures", "GPU: refused captures", "Which captures were wanted and not taken, and why.", DataViews.Events,
        $"{Fields.Kind}: capture and {Fields.CaptureResult}: refused",
        [Fields.Node, Fields.Gpu, Fields.CaptureTrigger, Fields.CaptureTriggerName, Fields.CaptureRefusal, Fields.Message, Fields.Capture]);

    public static readonly SavedSearch AuditOfPerson = new(
        "audit-of-person", "GPU: audit of a person", "What was asked of captures; choose who by a filter on gpu.audit.by.", DataViews.Audit,
        "",
        [Fields.AuditBy, Fields.Action, Fields.AuditOutcome, Fields.CaptureRefusal, Fields.Reason, Fields.Node, Fields.Capture, Fields.SourceAddress]);

    public static readonly SavedSearch AgentErrors = new(
        "agent-errors", "GPU: errors of agents and collector", "What the monitoring itself has trouble with.", DataViews.Logs,
        $"{Fields.Level}: (error or critical)",
        [Fields.Service, Fields.Node, Fields.Level, Fields.Logger, Fields.Message, Fields.ErrorType, Fields.ErrorMessage]);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SavedSearch> All { get; } = [CriticalEvents, FatalXids, NodeEvents, CapturesWithTriage, RefusedCaptures, AuditOfPerson, AgentErrors];
}
