using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>How cells of tables look.</summary>
internal static class TableCells
{
    /// <summary>Text on the background of the page.</summary>
    public static JsonObject Plain() => new()
    {
        ["align"] = "auto",
        ["cellOptions"] = new JsonObject { ["type"] = "auto" },
        ["filterable"] = true,
        ["inspect"] = false,
    };

    /// <summary>A background in the colour of the value.</summary>
    public static JsonObject Coloured() => new() { ["type"] = "color-background", ["mode"] = "basic" };
}
