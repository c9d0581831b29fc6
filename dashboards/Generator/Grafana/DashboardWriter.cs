using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>Writes a dashboard in Grafana's classic model, which provisioning takes and versions from 10 on open.</summary>
internal static class DashboardWriter
{
    /// <summary>A newer Grafana migrates an older number forward, never back; what these dashboards use is in all from this one on (Grafana 11).</summary>
    private const int SchemaVersion = 39;

    /// <summary>A crosshair over all graphs of a page.</summary>
    private const int CrosshairForAll = 1;

    // The files are read by people and no part of a web page: quotes and signs stay as they are.
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text of its file.</summary>
    public static string Write(Dashboard dashboard) => Json(dashboard).ToJsonString(Readable) + "\n";

    private static JsonObject Json(Dashboard dashboard) => new()
    {
        ["uid"] = dashboard.Uid,
        ["title"] = dashboard.Title,
        ["description"] = dashboard.Description,
        ["tags"] = new JsonArray(Dashboard.Tag),
        ["schemaVersion"] = SchemaVersion,
        ["editable"] = false,
        ["graphTooltip"] = CrosshairForAll,
        ["timezone"] = "browser",
        ["refresh"] = "1m",
        ["time"] = new JsonObject { ["from"] = dashboard.From, ["to"] = "now" },
        ["timepicker"] = new JsonObject(),
        ["links"] = new JsonArray(new JsonObject
        {
            ["type"] = "dashboards",
            ["title"] = "GPU dashboards",
            ["tags"] = new JsonArray(Dashboard.Tag),
            ["asDropdown"] = true,
            ["icon"] = "external link",
            ["includeVars"] = true,
            ["keepTime"] = true,
            ["targetBlank"] = false,
            ["tooltip"] = "The other pages, with the same time and the same choices",
        }),
        ["annotations"] = new JsonObject { ["list"] = new JsonArray([Annotation.BuiltIn(), .. dashboard.Annotations.Select(static one => one.Json())]) },
        ["templating"] = new JsonObject { ["list"] = new JsonArray([.. dashboard.Variables.Select(static one => one.Json())]) },
        ["panels"] = Panels(dashboard.Rows),
    };

    private static JsonArray Panels(IReadOnlyList<Row> rows)
    {
        var panels = new JsonArray();
        var layout = new GridLayout();
        var id = 1;
        foreach (var row in rows)
        {
            var title = new JsonObject { ["id"] = id++, ["type"] = "row", ["title"] = row.Title, ["collapsed"] = row.Collapsed, ["gridPos"] = layout.Title() };
            var top = layout.Top();
            var within = row.Panels.Select(panel => panel.Json(id++, layout.Next(panel.Width, panel.Height))).ToArray();
            title["panels"] = row.Collapsed ? new JsonArray([.. within]) : [];
            panels.Add(title);
            if (row.Collapsed) layout.Collapse(top);
            else foreach (var panel in within) panels.Add(panel);
        }
        return panels;
    }
}
