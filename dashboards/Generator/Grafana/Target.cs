using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>One question of a panel.</summary>
internal abstract record Target(DataSource Source)
{
    /// <summary>As the panel holds it.</summary>
    /// <param name="reference">Its letter in the panel.</param>
    public abstract JsonObject Json(string reference);
}

/// <summary>A question to Prometheus.</summary>
/// <param name="Expression">PromQL; variables of the dashboard are put in by Grafana.</param>
/// <param name="Legend">Name of each series; <c>{{label}}</c> stands for a label.</param>
internal sealed record Query(string Expression, string Legend = "") : Target(DataSource.Prometheus)
{
    /// <summary>True for the value at the end of the time shown alone.</summary>
    public bool Instant { get; init; }

    /// <summary>True for an answer with a column for each label.</summary>
    public bool AsTable { get; init; }

    /// <summary>True for an answer that is the buckets of a histogram.</summary>
    public bool AsHeatmap { get; init; }

    /// <inheritdoc/>
    public override JsonObject Json(string reference) => new()
    {
        ["datasource"] = Source.Json(),
        ["editorMode"] = "code",
        ["expr"] = Expression,
        ["format"] = AsTable ? "table" : AsHeatmap ? "heatmap" : "time_series",
        ["instant"] = Instant,
        ["range"] = !Instant,
        ["legendFormat"] = Legend.Length == 0 ? "__auto" : Legend,
        ["refId"] = reference,
    };
}

/// <summary>A question to Elasticsearch for documents themselves, the newest first.</summary>
/// <param name="Lucene">In Lucene's language.</param>
/// <param name="Limit">How many.</param>
internal sealed record Documents(string Lucene, int Limit = 100) : Target(DataSource.Elasticsearch)
{
    /// <summary>True for lines of a log, false for a table.</summary>
    public bool AsLogs { get; init; }

    /// <inheritdoc/>
    public override JsonObject Json(string reference)
    {
        var size = Limit.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new()
        {
            ["datasource"] = Source.Json(),
            ["query"] = Lucene,
            ["alias"] = "",
            ["metrics"] = new JsonArray(AsLogs
                ? new JsonObject { ["id"] = "1", ["type"] = "logs", ["settings"] = new JsonObject { ["limit"] = size } }
                : new JsonObject { ["id"] = "1", ["type"] = "raw_data", ["settings"] = new JsonObject { ["size"] = size } }),
            ["bucketAggs"] = new JsonArray(),
            ["timeField"] = "@timestamp",
            ["refId"] = reference,
        };
    }
}

/// <summary>A question to Elasticsearch for how many documents there were over time, by a field.</summary>
/// <param name="Lucene">In Lucene's language.</param>
/// <param name="Field">What tells the series apart.</param>
internal sealed record DocumentCounts(string Lucene, string Field) : Target(DataSource.Elasticsearch)
{
    /// <inheritdoc/>
    public override JsonObject Json(string reference) => new()
    {
        ["datasource"] = Source.Json(),
        ["query"] = Lucene,
        ["alias"] = "",
        ["metrics"] = new JsonArray(new JsonObject { ["id"] = "1", ["type"] = "count" }),
        ["bucketAggs"] = new JsonArray(
            new JsonObject
            {
                ["id"] = "3", ["type"] = "terms", ["field"] = Field,
                ["settings"] = new JsonObject { ["min_doc_count"] = "1", ["order"] = "desc", ["orderBy"] = "_count", ["size"] = "10" },
            },
            new JsonObject { ["id"] = "2", ["type"] = "date_histogram", ["field"] = "@timestamp", ["settings"] = new JsonObject { ["interval"] = "auto", ["min_doc_count"] = "0" } }),
        ["timeField"] = "@timestamp",
        ["refId"] = reference,
    };
}
