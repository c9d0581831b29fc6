using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>States over time, a row for each series.</summary>
internal sealed record TimelinePanel : Panel
{
    /// <param name="title">What it shows.</param>
    /// <param name="description">What good and bad look like.</param>
    /// <param name="names">What the values mean.</param>
    /// <param name="queries">What it asks.</param>
    public TimelinePanel(string title, string description, ValueNames names, params IReadOnlyList<Query> queries)
        : base("state-timeline", title, description, queries)
    {
        Names = names;
        Unit = Units.None;
        Width = 24;
    }

    /// <summary>Rows on a page of the panel; the rest is behind a switch.</summary>
    private const int RowsAtMost = 36;

    /// <inheritdoc/>
    protected override JsonObject Options() => new()
    {
        ["alignValue"] = "left",
        ["legend"] = new JsonObject { ["calcs"] = new JsonArray(), ["displayMode"] = "list", ["placement"] = "bottom", ["showLegend"] = true },
        ["mergeValues"] = true,
        ["perPage"] = RowsAtMost,
        ["rowHeight"] = 0.85,
        ["showValue"] = "never",
        ["tooltip"] = new JsonObject { ["mode"] = "single", ["sort"] = "none" },
    };

    /// <inheritdoc/>
    protected override JsonObject Custom() => new() { ["fillOpacity"] = 85, ["lineWidth"] = 0 };
}
