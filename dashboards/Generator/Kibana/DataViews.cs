namespace Monitoring.Dashboards.Generator.Kibana;

/// <summary>The data views: one for each kind of document, and one for what both programs log. Ids are public and stay.</summary>
internal static class DataViews
{
    public static readonly DataView Events = new("logs-gpu.event", "logs-gpu.event-*", "GPU events", [Fields.EventLink, Fields.RunbookLink], []);

    public static readonly DataView Captures = new(
        "logs-gpu.capture", "logs-gpu.capture-*", "GPU captures", [Fields.Link, Fields.Files],
        [Fields.TopKernelShare, Fields.BusyShare, Fields.NcclShare, Fields.CaptureCost]);

    public static readonly DataView Audit = new("logs-gpu.audit", "logs-gpu.audit-*", "GPU audit", [Fields.Link], []);

    public static readonly DataView Logs = new("logs-gpu.logs", "logs-gpu.agent-*,logs-gpu.collector-*", "GPU agents' and collector's logs", [], []);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<DataView> All { get; } = [Events, Captures, Audit, Logs];
}
