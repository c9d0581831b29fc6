using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Kibana.Lens;

/// <summary>A chart or table made with Lens: what is looked for, the columns, and how they are drawn.</summary>
/// <param name="View">Where it looks.</param>
/// <param name="Query">What it looks for, in KQL; empty for everything.</param>
/// <param name="Columns">Those to group by come first, the outer one before the inner.</param>
/// <param name="Drawing">How the columns are drawn.</param>
internal sealed record LensChart(DataView View, string Query, IReadOnlyList<LensColumn> Columns, LensDrawing Drawing)
{
    /// <summary>Name of the reference to the data view, within the chart; a dashboard puts the panel's id before it.</summary>
    public static string ReferenceName(string layer) => $"indexpattern-datasource-layer-{layer}";

    /// <summary>As Lens keeps it.</summary>
    /// <param name="layer">Id of the layer that holds the columns.</param>
    public JsonObject ToJson(string layer)
    {
        var columns = new JsonObject();
        foreach (var column in Columns) columns[column.Key] = column.ToJson();
        return new JsonObject
        {
            ["title"] = "",
            ["description"] = "",
            ["type"] = "lens",
            ["visualizationType"] = Drawing.Type,
            ["references"] = new JsonArray(new JsonObject { ["id"] = View.Id, ["name"] = ReferenceName(layer), ["type"] = SavedObjectTypes.DataView }),
            ["state"] = new JsonObject
            {
                ["visualization"] = Drawing.Draw(layer, Columns),
                ["query"] = Kql.Of(Query),
                ["filters"] = new JsonArray(),
                ["datasourceStates"] = new JsonObject
                {
                    ["formBased"] = new JsonObject
                    {
                        ["layers"] = new JsonObject
                        {
                            [layer] = new JsonObject
                            {
                                ["columns"] = columns,
                                ["columnOrder"] = new JsonArray([.. Columns.Select(static column => column.Key)]),
                                ["incompleteColumns"] = new JsonObject(),
                                ["sampling"] = 1,
                            },
                        },
                    },
                    ["textBased"] = new JsonObject { ["layers"] = new JsonObject() },
                },
                ["internalReferences"] = new JsonArray(),
                ["adHocDataViews"] = new JsonObject(),
            },
        };
    }
}
