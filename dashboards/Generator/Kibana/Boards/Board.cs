using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Kibana.Boards;

/// <summary>A dashboard: rows of panels under a line of controls.</summary>
/// <param name="Name">Makes its id and those of everything in it.</param>
/// <param name="Title">What people choose by.</param>
/// <param name="Description">What it answers.</param>
/// <param name="From">Time from which it shows at first, such as <c>now-7d</c>.</param>
/// <param name="Controls">Lists of values to choose from.</param>
/// <param name="Rows">Panels from top to bottom.</param>
internal sealed record Board(string Name, string Title, string Description, string From, IReadOnlyList<BoardControl> Controls, IReadOnlyList<BoardRow> Rows)
{
    /// <summary>The same in every version.</summary>
    public string Id => $"gpu-{Name}";

    /// <summary>As Kibana keeps it.</summary>
    public SavedObject ToSavedObject()
    {
        var references = new List<SavedReference>();
        var panels = new JsonArray();
        var top = 0;
        foreach (var row in Rows)
        {
            var left = 0;
            foreach (var panel in row.Panels)
            {
                panels.Add(panel.ToJson(Name, left, top, row.Height, references));
                left += panel.Width;
            }

            top += row.Height;
        }

        return new SavedObject(
            SavedObjectTypes.Dashboard,
            Id,
            SavedObjectVersions.Dashboard,
            new JsonObject
            {
                ["title"] = Title,
                ["description"] = Description,
                ["timeRestore"] = true,
                ["timeFrom"] = From,
                ["timeTo"] = "now",
                ["controlGroupInput"] = ControlGroup(references),
                ["kibanaSavedObjectMeta"] = new JsonObject
                {
                    ["searchSourceJSON"] = SavedObjectFile.Text(new JsonObject { ["query"] = Kql.Of(""), ["filter"] = new JsonArray() }),
                },
                ["optionsJSON"] = SavedObjectFile.Text(new JsonObject
                {
                    ["useMargins"] = true, ["syncColors"] = true, ["syncCursor"] = true, ["syncTooltips"] = false, ["hidePanelTitles"] = false,
                }),
                ["panelsJSON"] = SavedObjectFile.Text(panels),
                ["version"] = 1,
            },
            references);
    }

    private JsonObject ControlGroup(List<SavedReference> references)
    {
        var controls = new JsonObject();
        foreach (var (order, control) in Controls.Index())
        {
            var id = StableId.Of("control", Name, control.Field);
            controls[id] = control.ToJson(id, order);
            references.Add(SavedReference.To(control.View, $"controlGroup_{id}:optionsListDataView"));
        }

        return new JsonObject
        {
            ["controlStyle"] = "oneLine",
            ["chainingSystem"] = "HIERARCHICAL",
            ["panelsJSON"] = SavedObjectFile.Text(controls),
            ["ignoreParentSettingsJSON"] = SavedObjectFile.Text(new JsonObject
            {
                ["ignoreFilters"] = false, ["ignoreQuery"] = false, ["ignoreTimerange"] = false, ["ignoreValidations"] = false,
            }),
        };
    }
}

/// <summary>Panels side by side.</summary>
/// <param name="Height">In units of Kibana's grid, which is 48 wide.</param>
internal sealed record BoardRow(int Height, params IReadOnlyList<BoardPanel> Panels);

/// <summary>A list of a field's values to choose from.</summary>
/// <param name="View">Where the values come from.</param>
internal sealed record BoardControl(DataView View, string Field, string Title)
{
    /// <summary>As Kibana keeps it.</summary>
    public JsonObject ToJson(string id, int order) => new()
    {
        ["order"] = order,
        ["width"] = "medium",
        ["grow"] = true,
        ["type"] = "optionsListControl",
        ["explicitInput"] = new JsonObject { ["id"] = id, ["fieldName"] = Field, ["title"] = Title, ["selectedOptions"] = new JsonArray(), ["enhancements"] = new JsonObject() },
    };
}
