using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Kibana;

/// <summary>What Kibana needs to search one kind of document.</summary>
/// <param name="Id">Fixed, so that objects of people's own can build on it.</param>
/// <param name="Pattern">The names that are searched: the aliases of the indices, see ADR 10.</param>
/// <param name="Name">What people choose by.</param>
/// <param name="Links">Fields that are shown as links.</param>
/// <param name="Shares">Fields between 0 and 1 that are shown in per cent.</param>
internal sealed record DataView(string Id, string Pattern, string Name, IReadOnlyList<string> Links, IReadOnlyList<string> Shares)
{
    /// <summary>As Kibana keeps it.</summary>
    public SavedObject ToSavedObject() => new(
        SavedObjectTypes.DataView,
        Id,
        SavedObjectVersions.DataView,
        new JsonObject
        {
            ["title"] = Pattern,
            ["name"] = Name,
            ["timeFieldName"] = Fields.Timestamp,
            ["allowNoIndex"] = true,
            ["fieldFormatMap"] = SavedObjectFile.Text(Formats()),
            ["fieldAttrs"] = "{}",
            ["fields"] = "[]",
            ["runtimeFieldMap"] = "{}",
            ["sourceFilters"] = "[]",
            ["typeMeta"] = "{}",
        },
        []);

    private JsonObject Formats()
    {
        var formats = new JsonObject();
        foreach (var field in Links) formats[field] = new JsonObject { ["id"] = "url", ["params"] = new JsonObject { ["type"] = "a", ["openLinkInCurrentTab"] = false } };
        foreach (var field in Shares) formats[field] = new JsonObject { ["id"] = "percent", ["params"] = new JsonObject { ["pattern"] = "0.0%" } };
        return formats;
    }
}
