using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>One number that is green or not.</summary>
internal sealed record StatPanel : Panel
{
    private const int Narrow = 4;
    private const int Low = 4;

    /// <param name="title">What it shows.</param>
    /// <param name="description">What good and bad look like.</param>
    /// <param name="queries">What it asks, for the value at the end of the time shown.</param>
    public StatPanel(string title, string description, params IReadOnlyList<Query> queries)
        : base("stat", title, description, [.. queries.Select(static query => query with { Instant = true })])
    {
        Width = Narrow;
        Height = Low;
    }

    /// <summary>True for a background in the colour of the value.</summary>
    public bool Filled { get; init; } = true;

    /// <summary>True for a value with the name of its series beside it.</summary>
    public bool Named { get; init; }

    /// <inheritdoc/>
    protected override JsonObject Options() => new()
    {
        ["colorMode"] = Filled ? "background" : "value",
        ["graphMode"] = "none",
        ["justifyMode"] = "auto",
        ["orientation"] = "auto",
        ["percentChangeColorMode"] = "standard",
        ["reduceOptions"] = new JsonObject { ["calcs"] = new JsonArray("lastNotNull"), ["fields"] = "", ["values"] = false },
        ["showPercentChange"] = false,
        ["textMode"] = Named ? "value_and_name" : "value",
        ["wideLayout"] = true,
    };
}
