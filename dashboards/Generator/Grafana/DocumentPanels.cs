using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>Lines of events and logs from Elasticsearch, the newest first.</summary>
internal sealed record LogsPanel : Panel
{
    private const int LinesAtMost = 500;

    /// <param name="title">What it shows.</param>
    /// <param name="description">What good and bad look like.</param>
    /// <param name="lucene">Which lines.</param>
    public LogsPanel(string title, string description, string lucene)
        : base("logs", title, description, [new Documents(lucene, LinesAtMost) { AsLogs = true }])
    {
        Unit = Units.Text;
        Width = 24;
        Height = 10;
    }

    /// <inheritdoc/>
    protected override JsonObject Options() => new()
    {
        ["dedupStrategy"] = "none",
        ["enableLogDetails"] = true,
        ["prettifyLogMessage"] = false,
        ["showCommonLabels"] = false,
        ["showLabels"] = false,
        ["showLogContextToggle"] = false,
        ["showTime"] = true,
        ["sortOrder"] = "Descending",
        ["wrapLogMessage"] = true,
    };
}

/// <summary>Documents of Elasticsearch, a row each.</summary>
internal sealed record DocumentTable : Panel
{
    private readonly IReadOnlyList<DocumentColumn> columns;

    /// <param name="title">What it shows.</param>
    /// <param name="description">What good and bad look like.</param>
    /// <param name="lucene">Which documents.</param>
    /// <param name="columns">Their fields that are shown.</param>
    public DocumentTable(string title, string description, string lucene, params IReadOnlyList<DocumentColumn> columns)
        : base("table", title, description, [new Documents(lucene)])
    {
        this.columns = columns;
        Unit = Units.Text;
        Width = 24;
        Height = 12;
    }

    /// <summary>The fields that it shows, and by which it must be answered.</summary>
    internal IReadOnlyList<DocumentColumn> Columns => columns;

    /// <inheritdoc/>
    protected override JsonObject Options() => new() { ["cellHeight"] = "sm", ["frameIndex"] = 0, ["showHeader"] = true };

    /// <inheritdoc/>
    protected override JsonObject Custom() => TableCells.Plain();

    /// <inheritdoc/>
    protected override JsonArray Transformations()
    {
        var places = new JsonObject();
        var titles = new JsonObject();
        foreach (var (column, place) in columns.Select(static (column, place) => (column, place)))
        {
            places[column.Field] = place;
            titles[column.Field] = column.Title;
        }
        return new JsonArray(
            new JsonObject { ["id"] = "filterFieldsByName", ["options"] = new JsonObject { ["include"] = new JsonObject { ["names"] = new JsonArray([.. columns.Select(static column => (JsonNode)column.Field)]) } } },
            new JsonObject { ["id"] = "organize", ["options"] = new JsonObject { ["excludeByName"] = new JsonObject(), ["indexByName"] = places, ["renameByName"] = titles } });
    }

    /// <inheritdoc/>
    protected override IEnumerable<FieldOverride> OwnOverrides()
    {
        foreach (var column in columns)
        {
            var properties = new List<(string, JsonNode)>();
            if (column.Unit.Length > 0) properties.Add(("unit", column.Unit));
            if (column.Address is not null) properties.Add(("links", new JsonArray(new JsonObject { ["title"] = "Open", ["url"] = column.Address, ["targetBlank"] = true })));
            if (properties.Count > 0) yield return new FieldOverride(column.Title) { Properties = properties };
        }
    }
}

/// <summary>A field of documents.</summary>
/// <param name="Field">Its name in Elasticsearch.</param>
/// <param name="Title">Its name in the table.</param>
/// <param name="Unit">One of <see cref="Units"/>; empty for as it comes.</param>
internal sealed record DocumentColumn(string Field, string Title, string Unit = "")
{
    /// <summary>Where its value leads; Grafana puts in the value.</summary>
    public string? Address { get; init; }
}
