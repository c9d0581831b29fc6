using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Kibana.Lens;

/// <summary>A way to draw columns.</summary>
/// <param name="Type">Lens's name of it.</param>
internal abstract record LensDrawing(string Type)
{
    /// <summary>What Lens keeps of the drawing.</summary>
    public abstract JsonObject Draw(string layer, IReadOnlyList<LensColumn> columns);

    /// <summary>Keys of the columns that group, or of those that do not.</summary>
    protected static string[] Keys(IReadOnlyList<LensColumn> columns, bool bucketed) => [.. columns.Where(column => column.IsBucketed == bucketed).Select(static column => column.Key)];
}

/// <summary>One large number.</summary>
/// <param name="Color">Of its background, as #RRGGBB.</param>
internal sealed record NumberDrawing(string Color) : LensDrawing("lnsMetric")
{
    public override JsonObject Draw(string layer, IReadOnlyList<LensColumn> columns) =>
        new() { ["layerId"] = layer, ["layerType"] = "data", ["metricAccessor"] = Keys(columns, bucketed: false)[0], ["color"] = Color };
}

/// <summary>Bars: the first column that groups runs along the axis, a second splits the bars.</summary>
/// <param name="IsHorizontal">Whether bars lie, for long names.</param>
internal sealed record BarDrawing(bool IsHorizontal = false) : LensDrawing("lnsXY")
{
    public override JsonObject Draw(string layer, IReadOnlyList<LensColumn> columns)
    {
        var groups = Keys(columns, bucketed: true);
        var series = IsHorizontal ? "bar_horizontal_stacked" : "bar_stacked";
        var bars = new JsonObject { ["layerId"] = layer, ["layerType"] = "data", ["seriesType"] = series };
        // Where time is among the groups it runs along the axis, whichever groups first.
        var along = columns.FirstOrDefault(static column => column is TimeColumn)?.Key ?? groups[0];
        bars["xAccessor"] = along;
        if (groups.FirstOrDefault(key => key != along) is { } split) bars["splitAccessor"] = split;
        bars["accessors"] = new JsonArray([.. Keys(columns, bucketed: false)]);
        return new JsonObject
        {
            ["legend"] = new JsonObject { ["isVisible"] = true, ["position"] = "right" },
            ["valueLabels"] = "hide",
            ["fittingFunction"] = "None",
            ["axisTitlesVisibilitySettings"] = new JsonObject { ["x"] = false, ["yLeft"] = true, ["yRight"] = false },
            ["preferredSeriesType"] = series,
            ["layers"] = new JsonArray(bars),
        };
    }
}

/// <summary>A ring of shares.</summary>
internal sealed record RingDrawing() : LensDrawing("lnsPie")
{
    public override JsonObject Draw(string layer, IReadOnlyList<LensColumn> columns) => new()
    {
        ["shape"] = "donut",
        ["layers"] = new JsonArray(new JsonObject
        {
            ["layerId"] = layer,
            ["layerType"] = "data",
            ["primaryGroups"] = new JsonArray([.. Keys(columns, bucketed: true)]),
            ["metrics"] = new JsonArray([.. Keys(columns, bucketed: false)]),
            ["numberDisplay"] = "value",
            ["categoryDisplay"] = "default",
            ["legendDisplay"] = "default",
            ["nestedLegend"] = false,
        }),
    };
}

/// <summary>A table, sorted by a column.</summary>
/// <param name="SortBy">Key of the column; empty for the order of the groups.</param>
internal sealed record TableDrawing(string SortBy = "") : LensDrawing("lnsDatatable")
{
    private const int RowsOfPage = 10;

    public override JsonObject Draw(string layer, IReadOnlyList<LensColumn> columns)
    {
        var table = new JsonObject
        {
            ["layerId"] = layer,
            ["layerType"] = "data",
            ["columns"] = new JsonArray([.. columns.Select(static column => new JsonObject { ["columnId"] = column.Key, ["isTransposed"] = false })]),
            ["paging"] = new JsonObject { ["size"] = RowsOfPage, ["enabled"] = true },
        };
        if (SortBy.Length > 0) table["sorting"] = new JsonObject { ["columnId"] = SortBy, ["direction"] = "desc" };
        return table;
    }
}
