using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>Where answers come from: always the one that a person chose at the top.</summary>
/// <param name="Type">Grafana's name of the plugin.</param>
/// <param name="Variable">The variable that holds the choice.</param>
internal sealed record DataSource(string Type, string Variable)
{
    /// <summary>Prometheus, or what speaks its language.</summary>
    public static DataSource Prometheus { get; } = new("prometheus", "datasource");

    /// <summary>Elasticsearch, whose data source looks at <c>logs-gpu.*</c>.</summary>
    public static DataSource Elasticsearch { get; } = new("elasticsearch", "logs");

    /// <summary>The reference as panels and targets carry it.</summary>
    public JsonObject Json() => new() { ["type"] = Type, ["uid"] = $"${{{Variable}}}" };
}
