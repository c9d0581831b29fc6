using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>A link from a value to the dashboard that explains it; time and data sources go along.</summary>
/// <param name="Title">What a person reads.</param>
/// <param name="Uid">The dashboard.</param>
/// <param name="Variables">Its variables, with where their values are.</param>
internal sealed record DrillDown(string Title, string Uid, params IReadOnlyList<(string Variable, string Value)> Variables)
{
    /// <summary>To a node, from a series with the labels cluster and node.</summary>
    public static DrillDown ToNode { get; } = new("Open the node ${__field.labels.node}", "gpu-node", ("cluster", "${__field.labels.cluster}"), ("node", "${__field.labels.node}"));

    /// <summary>To a GPU, from a series with the label gpu on the page of one node.</summary>
    public static DrillDown ToGpuOfNode { get; } = new("Open GPU ${__field.labels.gpu}", "gpu-device", ("cluster", "${cluster:queryparam}"), ("node", "${node:queryparam}"), ("gpu", "${__field.labels.gpu}"));

    /// <summary>To a GPU, from a series with the labels cluster, node and gpu.</summary>
    public static DrillDown ToGpu { get; } = new(
        "Open GPU ${__field.labels.gpu} of ${__field.labels.node}", "gpu-device", ("cluster", "${__field.labels.cluster}"), ("node", "${__field.labels.node}"), ("gpu", "${__field.labels.gpu}"));

    /// <summary>To the captures of what is chosen.</summary>
    public static DrillDown ToCaptures { get; } = new("Open the captures", "gpu-captures", ("cluster", "${cluster:queryparam}"), ("node", "${node:queryparam}"));

    /// <summary>To a node, from a row of a table with the columns cluster and node.</summary>
    public static DrillDown RowToNode { get; } = new("Open the node ${__data.fields.node}", "gpu-node", ("cluster", "${__data.fields.cluster}"), ("node", "${__data.fields.node}"));

    /// <summary>To a GPU, from a row of a table with the columns cluster, node and gpu.</summary>
    public static DrillDown RowToGpu { get; } = new(
        "Open GPU ${__data.fields.gpu} of ${__data.fields.node}", "gpu-device", ("cluster", "${__data.fields.cluster}"), ("node", "${__data.fields.node}"), ("gpu", "${__data.fields.gpu}"));

    /// <summary>To a job, from a row of a table with the columns cluster and job_id.</summary>
    public static DrillDown RowToJob { get; } = new("Open the job ${__data.fields.job_id}", "gpu-job", ("cluster", "${__data.fields.cluster}"), ("job_id", "${__data.fields.job_id}"));

    /// <summary>The address.</summary>
    public string Url
    {
        get
        {
            // A variable's own queryparam form is name and value together, once for each chosen value.
            var chosen = Variables.Select(static one => one.Value.EndsWith(":queryparam}", StringComparison.Ordinal) ? one.Value : $"var-{one.Variable}={one.Value}");
            return $"/d/{Uid}?{string.Join('&', ["${__url_time_range}", "var-datasource=${datasource}", "var-logs=${logs}", .. chosen])}";
        }
    }

    /// <summary>As a field holds it.</summary>
    public JsonObject Json() => new() { ["title"] = Title, ["url"] = Url };
}
