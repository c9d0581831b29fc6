using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>A choice at the top of a dashboard.</summary>
/// <param name="Name">As queries and links use it.</param>
/// <param name="Label">As people see it.</param>
internal abstract record Variable(string Name, string Label)
{
    /// <summary>As the dashboard holds it.</summary>
    public abstract JsonObject Json();

    /// <summary>Which Prometheus, and which Elasticsearch.</summary>
    public static IReadOnlyList<Variable> Sources { get; } = [new SourceVariable(DataSource.Prometheus, "Data source"), new SourceVariable(DataSource.Elasticsearch, "Logs")];

    /// <summary>Clusters, any number of them.</summary>
    public static Variable Cluster { get; } = new LabelVariable("cluster", "Cluster", "label_values(gpu_agent_build_info, cluster)");

    /// <summary>Nodes of the clusters, any number of them.</summary>
    public static Variable Nodes { get; } = new LabelVariable("node", "Node", "label_values(gpu_agent_build_info{cluster=~\"$cluster\"}, node)");

    /// <summary>One node.</summary>
    public static Variable Node { get; } = new LabelVariable("node", "Node", "label_values(gpu_agent_build_info{cluster=~\"$cluster\"}, node)") { Single = true };
}

/// <summary>A choice among the data sources of a kind.</summary>
internal sealed record SourceVariable(DataSource Source, string Label) : Variable(Source.Variable, Label)
{
    /// <inheritdoc/>
    public override JsonObject Json() => new()
    {
        ["type"] = "datasource",
        ["name"] = Name,
        ["label"] = Label,
        ["query"] = Source.Type,
        ["refresh"] = 1,
        ["hide"] = 0,
        ["includeAll"] = false,
        ["multi"] = false,
        ["regex"] = "",
        ["options"] = new JsonArray(),
    };
}

/// <summary>A choice among the values of a label.</summary>
/// <param name="Query">A <c>label_values</c> of Prometheus.</param>
internal sealed record LabelVariable(string Name, string Label, string Query) : Variable(Name, Label)
{
    private const int OnTimeRangeChanged = 2;
    private const int NaturalAscending = 7;
    private const int Hidden = 2;

    /// <summary>True where exactly one value makes sense.</summary>
    public bool Single { get; init; }

    /// <summary>True where "All" is to name every value instead of <c>.+</c>, so that queries touch no others.</summary>
    public bool AllByName { get; init; }

    /// <summary>True for one that follows from others and is not shown.</summary>
    public bool IsHidden { get; init; }

    /// <inheritdoc/>
    public override JsonObject Json()
    {
        var json = new JsonObject
        {
            ["type"] = "query",
            ["name"] = Name,
            ["label"] = Label,
            ["datasource"] = DataSource.Prometheus.Json(),
            ["query"] = new JsonObject { ["query"] = Query, ["refId"] = $"variable-{Name}" },
            ["refresh"] = OnTimeRangeChanged,
            ["sort"] = NaturalAscending,
            ["hide"] = IsHidden ? Hidden : 0,
            ["includeAll"] = !Single,
            ["multi"] = !Single,
            ["regex"] = "",
            ["options"] = new JsonArray(),
        };
        if (Single) return json;
        if (!AllByName) json["allValue"] = ".+";
        json["current"] = new JsonObject { ["selected"] = true, ["text"] = new JsonArray("All"), ["value"] = new JsonArray("$__all") };
        return json;
    }
}
