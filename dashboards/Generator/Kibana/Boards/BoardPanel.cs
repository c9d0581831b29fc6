using System.Text.Json.Nodes;
using Monitoring.Dashboards.Generator.Kibana.Lens;

namespace Monitoring.Dashboards.Generator.Kibana.Boards;

/// <summary>A rectangle of a dashboard.</summary>
/// <param name="Width">Of the 48 units of a row.</param>
/// <param name="Title">What stands over it; unique within the dashboard.</param>
internal abstract record BoardPanel(int Width, string Title)
{
    /// <summary>As Kibana keeps it.</summary>
    /// <param name="board">Name of the dashboard.</param>
    /// <param name="references">Gets what the panel needs.</param>
    public JsonObject ToJson(string board, int left, int top, int height, List<SavedReference> references)
    {
        var id = StableId.Of("panel", board, Title);
        var panel = new JsonObject
        {
            ["version"] = SavedObjectVersions.Panel,
            ["gridData"] = new JsonObject { ["x"] = left, ["y"] = top, ["w"] = Width, ["h"] = height, ["i"] = id },
            ["panelIndex"] = id,
            ["title"] = Title,
        };
        Fill(panel, id, references);
        return panel;
    }

    /// <summary>Adds what the kind of panel needs.</summary>
    protected abstract void Fill(JsonObject panel, string id, List<SavedReference> references);
}

/// <summary>A chart or table of its own.</summary>
internal sealed record ChartPanel(int Width, string Title, LensChart Chart) : BoardPanel(Width, Title)
{
    protected override void Fill(JsonObject panel, string id, List<SavedReference> references)
    {
        var layer = StableId.Of("layer", id);
        panel["type"] = "lens";
        panel["embeddableConfig"] = new JsonObject { ["attributes"] = Chart.ToJson(layer), ["enhancements"] = new JsonObject() };
        references.Add(SavedReference.To(Chart.View, $"{id}:{LensChart.ReferenceName(layer)}"));
    }
}

/// <summary>A saved search as a table.</summary>
internal sealed record SearchPanel(int Width, SavedSearch Search) : BoardPanel(Width, Search.Title)
{
    protected override void Fill(JsonObject panel, string id, List<SavedReference> references)
    {
        panel["type"] = "search";
        panel["embeddableConfig"] = new JsonObject { ["enhancements"] = new JsonObject() };
        panel["panelRefName"] = $"panel_{id}";
        references.Add(new SavedReference($"{id}:panel_{id}", SavedObjectTypes.Search, Search.Id));
    }
}

/// <summary>Words for people, in Markdown.</summary>
internal sealed record TextPanel(int Width, string Title, string Markdown) : BoardPanel(Width, Title)
{
    private const int FontSize = 12;

    protected override void Fill(JsonObject panel, string id, List<SavedReference> references)
    {
        panel["type"] = "visualization";
        panel["embeddableConfig"] = new JsonObject
        {
            ["savedVis"] = new JsonObject
            {
                ["id"] = "",
                ["title"] = "",
                ["description"] = "",
                ["type"] = "markdown",
                ["params"] = new JsonObject { ["fontSize"] = FontSize, ["openLinksInNewTab"] = false, ["markdown"] = Markdown },
                ["uiState"] = new JsonObject(),
                ["data"] = new JsonObject
                {
                    ["aggs"] = new JsonArray(),
                    ["searchSource"] = new JsonObject { ["query"] = Kql.Of(""), ["filter"] = new JsonArray() },
                },
            },
            ["enhancements"] = new JsonObject(),
            ["hidePanelTitles"] = true,
        };
    }
}
