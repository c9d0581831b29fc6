using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Kibana;

/// <summary>A search that people open as it is, or see as a table in a dashboard.</summary>
/// <param name="Name">Makes its id.</param>
/// <param name="Title">What people choose by.</param>
/// <param name="Description">What it answers.</param>
/// <param name="View">Where it looks.</param>
/// <param name="Query">What it looks for, in KQL; empty for everything.</param>
/// <param name="Columns">The fields that are shown beside the time.</param>
internal sealed record SavedSearch(string Name, string Title, string Description, DataView View, string Query, IReadOnlyList<string> Columns)
{
    private const string IndexReference = "kibanaSavedObjectMeta.searchSourceJSON.index";

    /// <summary>The same in every version.</summary>
    public string Id => $"gpu-{Name}";

    /// <summary>As Kibana keeps it.</summary>
    public SavedObject ToSavedObject() => new(
        SavedObjectTypes.Search,
        Id,
        SavedObjectVersions.Search,
        new JsonObject
        {
            ["title"] = Title,
            ["description"] = Description,
            ["columns"] = new JsonArray([.. Columns]),
            ["sort"] = new JsonArray(new JsonArray(Fields.Timestamp, "desc")),
            ["grid"] = new JsonObject(),
            ["hideChart"] = false,
            ["isTextBasedQuery"] = false,
            ["timeRestore"] = false,
            ["kibanaSavedObjectMeta"] = new JsonObject
            {
                ["searchSourceJSON"] = SavedObjectFile.Text(new JsonObject
                {
                    ["query"] = Kql.Of(Query), ["filter"] = new JsonArray(), ["indexRefName"] = IndexReference,
                }),
            },
        },
        [SavedReference.To(View, IndexReference)]);
}

/// <summary>Queries in Kibana's own language.</summary>
internal static class Kql
{
    /// <summary>As Kibana keeps a query.</summary>
    public static JsonObject Of(string query) => new() { ["query"] = query, ["language"] = "kuery" };
}
