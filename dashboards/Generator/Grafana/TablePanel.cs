using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>A table with a row for each combination of labels and a column for each question.</summary>
internal sealed record TablePanel : Panel
{
    private readonly IReadOnlyList<KeyColumn> keys;
    private readonly IReadOnlyList<ValueColumn> values;

    /// <param name="title">What it shows.</param>
    /// <param name="description">What good and bad look like.</param>
    /// <param name="keys">The labels that make a row.</param>
    /// <param name="values">A column for each question, all aggregated by the labels.</param>
    public TablePanel(string title, string description, IReadOnlyList<KeyColumn> keys, params IReadOnlyList<ValueColumn> values)
        : base("table", title, description, [.. values.Select(static column => new Query(column.Expression) { Instant = true, AsTable = true })])
    {
        this.keys = keys;
        this.values = values;
        Width = 24;
    }

    /// <summary>The title of the column by which rows are sorted, the highest first.</summary>
    public string SortBy { get; init; } = "";

    /// <inheritdoc/>
    protected override JsonObject Options()
    {
        var options = new JsonObject { ["cellHeight"] = "sm", ["frameIndex"] = 0, ["showHeader"] = true };
        if (SortBy.Length > 0) options["sortBy"] = new JsonArray(new JsonObject { ["desc"] = true, ["displayName"] = SortBy });
        return options;
    }

    /// <inheritdoc/>
    protected override JsonObject Custom() => TableCells.Plain();

    /// <inheritdoc/>
    protected override JsonArray Transformations()
    {
        var excluded = new JsonObject { ["Time"] = true };
        var places = new JsonObject();
        var titles = new JsonObject();
        foreach (var (key, place) in keys.Select(static (key, place) => (key, place)))
        {
            places[key.Label] = place;
            titles[key.Label] = key.Title;
        }
        foreach (var (value, number) in values.Select(static (value, number) => (value, number)))
        {
            var field = values.Count == 1 ? "Value" : $"Value #{ReferenceOf(number)}";
            places[field] = keys.Count + number;
            titles[field] = value.Title;
            if (value.IsHidden) excluded[field] = true;
        }
        return new JsonArray(
            new JsonObject { ["id"] = "merge", ["options"] = new JsonObject() },
            new JsonObject { ["id"] = "organize", ["options"] = new JsonObject { ["excludeByName"] = excluded, ["indexByName"] = places, ["renameByName"] = titles } });
    }

    /// <inheritdoc/>
    protected override IEnumerable<FieldOverride> OwnOverrides()
    {
        foreach (var key in keys.Where(static key => key.Link is not null))
            yield return new FieldOverride(key.Title) { Properties = [("links", new JsonArray(key.Link!.Json()))] };
        foreach (var value in values.Where(static value => !value.IsHidden))
        {
            var properties = new List<(string, JsonNode)> { ("unit", value.Unit) };
            if (value.Scale is not null || value.Names is not null)
            {
                properties.Add(("custom.cellOptions", TableCells.Coloured()));
                properties.Add(("color", new JsonObject { ["mode"] = "thresholds" }));
            }
            if (value.Scale is not null) properties.Add(("thresholds", value.Scale.Json()));
            if (value.Names is not null) properties.Add(("mappings", value.Names.Json()));
            yield return new FieldOverride(value.Title) { Properties = properties };
        }
    }
}

/// <summary>A label that tells rows apart.</summary>
/// <param name="Label">Its name in the answers; links of other columns use it.</param>
/// <param name="Title">Its name in the table.</param>
/// <param name="Link">Where it leads.</param>
internal sealed record KeyColumn(string Label, string Title, DrillDown? Link = null);

/// <summary>A number of each row.</summary>
/// <param name="Title">Its name.</param>
/// <param name="Expression">PromQL, aggregated by the labels of the table.</param>
/// <param name="Unit">One of <see cref="Units"/>.</param>
internal sealed record ValueColumn(string Title, string Expression, string Unit = Units.Count)
{
    /// <summary>Colours of the cells.</summary>
    public Scale? Scale { get; init; }

    /// <summary>Words for the values.</summary>
    public ValueNames? Names { get; init; }

    /// <summary>True for one that only makes the rows, such as that of an info metric.</summary>
    public bool IsHidden { get; init; }
}
