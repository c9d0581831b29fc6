using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>Lines over time.</summary>
internal sealed record GraphPanel : Panel
{
    /// <param name="title">What it shows.</param>
    /// <param name="description">What good and bad look like.</param>
    /// <param name="targets">What it asks.</param>
    public GraphPanel(string title, string description, params IReadOnlyList<Target> targets)
        : base("timeseries", title, description, targets)
    {
    }

    /// <summary>True for parts of a whole.</summary>
    public bool Stacked { get; init; }

    /// <summary>True for counts of what happened: a bar for each step.</summary>
    public bool Bars { get; init; }

    /// <summary>True for a legend with the last and the highest value of each line.</summary>
    public bool Tabular { get; init; } = true;

    /// <inheritdoc/>
    protected override string ColourMode => "palette-classic";

    /// <inheritdoc/>
    protected override JsonObject Options() => new()
    {
        ["legend"] = new JsonObject
        {
            ["calcs"] = Tabular ? new JsonArray("lastNotNull", "max") : [], ["displayMode"] = Tabular ? "table" : "list", ["placement"] = "bottom", ["showLegend"] = true,
        },
        ["tooltip"] = new JsonObject { ["mode"] = "multi", ["sort"] = "desc" },
    };

    /// <inheritdoc/>
    protected override JsonObject Custom() => new()
    {
        ["drawStyle"] = Bars ? "bars" : "line",
        ["lineInterpolation"] = "linear",
        ["lineWidth"] = 1,
        ["fillOpacity"] = Bars ? 70 : Stacked ? 30 : 5,
        ["showPoints"] = "never",
        ["spanNulls"] = false,
        ["stacking"] = new JsonObject { ["group"] = "A", ["mode"] = Stacked ? "normal" : "none" },
        ["thresholdsStyle"] = new JsonObject { ["mode"] = Scale.Steps.Count > 0 ? "dashed" : "off" },
    };
}
