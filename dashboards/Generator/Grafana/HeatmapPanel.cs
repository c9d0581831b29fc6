using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>How many were in which range, over time.</summary>
internal sealed record HeatmapPanel : Panel
{
    /// <param name="title">What it shows.</param>
    /// <param name="description">What good and bad look like.</param>
    /// <param name="buckets">Series with the label le, as a histogram has them.</param>
    public HeatmapPanel(string title, string description, Query buckets)
        : base("heatmap", title, description, [buckets with { AsHeatmap = true }])
    {
    }

    /// <inheritdoc/>
    protected override JsonObject Options() => new()
    {
        ["calculate"] = false,
        ["cellGap"] = 1,
        ["color"] = new JsonObject { ["exponent"] = 0.5, ["fill"] = Colours.Warning, ["mode"] = "scheme", ["reverse"] = false, ["scale"] = "exponential", ["scheme"] = "Oranges", ["steps"] = 64 },
        ["exemplars"] = new JsonObject { ["color"] = "rgba(255,0,255,0.7)" },
        ["filterValues"] = new JsonObject { ["le"] = 1e-9 },
        ["legend"] = new JsonObject { ["show"] = true },
        ["rowsFrame"] = new JsonObject { ["layout"] = "auto" },
        ["showValue"] = "never",
        ["tooltip"] = new JsonObject { ["mode"] = "single", ["showColorScale"] = false, ["yHistogram"] = true },
        ["yAxis"] = new JsonObject { ["axisPlacement"] = "left", ["reverse"] = false, ["unit"] = Unit },
    };

    /// <inheritdoc/>
    protected override JsonObject Custom() => new()
    {
        ["hideFrom"] = new JsonObject { ["legend"] = false, ["tooltip"] = false, ["viz"] = false }, ["scaleDistribution"] = new JsonObject { ["type"] = "linear" },
    };
}
