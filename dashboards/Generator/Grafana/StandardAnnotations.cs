namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>The marks that the pages have in common.</summary>
internal static class StandardAnnotations
{
    private const string ToNode = "/d/gpu-node?${__url_time_range}&var-datasource=${datasource}&var-logs=${logs}&var-cluster={{cluster}}&var-node={{node}}";
    private const string ToCaptures = "/d/gpu-captures?${__url_time_range}&var-datasource=${datasource}&var-logs=${logs}&var-cluster={{cluster}}&var-node={{node}}";

    /// <summary>Of some GPUs.</summary>
    /// <param name="selector">Which.</param>
    /// <param name="documents">The same in Lucene's language.</param>
    public static IReadOnlyList<Annotation> Of(string selector, string documents) =>
    [
        new SeriesAnnotation("Anomalies", Colours.Warning, $"sum by (cluster, node, gpu, rule) (increase(gpu_anomalies_total{{{selector}}}[$__rate_interval])) > 0",
            "{{rule}}", $"GPU {{{{gpu}}}} of {{{{node}}}}. <a href=\"{ToNode}\">Node</a>, <a href=\"{ToCaptures}\">captures</a>", "rule,node,gpu"),
        Captures(documents),
        AgentStarts(selector),
    ];

    /// <summary>Of many nodes: what the recording rules keep.</summary>
    public static IReadOnlyList<Annotation> OfFleet() =>
    [
        new SeriesAnnotation("Critical alerts", Colours.Bad, $"count by (alertname, cluster) (ALERTS{{{Selectors.Cluster},alertstate=\"firing\",severity=\"critical\"}})",
            "{{alertname}}", "Fires in {{cluster}}", "alertname,cluster"),
        Captures(Selectors.ClusterDocuments),
    ];

    /// <summary>Captures when they were finished, each with the address under which it lies.</summary>
    private static DocumentAnnotation Captures(string documents) =>
        new("Captures", Colours.Capture, $"data_stream.dataset:gpu.capture AND {documents}", "url.full", "gpu.capture.trigger.name");

    private static SeriesAnnotation AgentStarts(string selector)
    {
        var nodes = selector.Split(",gpu=")[0];
        return new("Agent started", Colours.Quiet, $"changes(gpu_agent_start_time_seconds{{{nodes}}}[$__rate_interval]) > 0", "Agent started", "on {{node}}", "node");
    }
}
