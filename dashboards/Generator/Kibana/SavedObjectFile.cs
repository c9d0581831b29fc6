using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Kibana;

/// <summary>Writes saved objects as lines of JSON, with the line of export details that Kibana puts last.</summary>
internal static class SavedObjectFile
{
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The file that Kibana imports.</summary>
    public static string ForKibana(IReadOnlyCollection<SavedObject> objects) => Write(objects, static (line, saved) =>
    {
        line["coreMigrationVersion"] = SavedObjectVersions.Core;
        line["typeMigrationVersion"] = saved.TypeVersion;
        line["managed"] = false;
    });

    /// <summary>The file that OpenSearch Dashboards imports, which keeps versions as Kibana 7 did.</summary>
    public static string ForOpenSearchDashboards(IReadOnlyCollection<SavedObject> objects, IReadOnlyDictionary<string, string> versions) =>
        Write(objects, (line, saved) => line["migrationVersion"] = new JsonObject { [saved.Type] = versions[saved.Type] });

    /// <summary>A value as the JSON text that Kibana keeps inside of attributes.</summary>
    public static string Text(JsonNode value) => value.ToJsonString(OneLine);

    private static string Write(IReadOnlyCollection<SavedObject> objects, Action<JsonObject, SavedObject> addVersions)
    {
        var text = new StringBuilder();
        foreach (var saved in objects)
        {
            var line = new JsonObject { ["id"] = saved.Id, ["type"] = saved.Type, ["attributes"] = saved.Attributes.DeepClone() };
            line["references"] = new JsonArray([.. saved.References.Select(static reference =>
                new JsonObject { ["id"] = reference.Id, ["name"] = reference.Name, ["type"] = reference.Type })]);
            addVersions(line, saved);
            text.Append(Text(line)).Append('\n');
        }

        var details = new JsonObject
        {
            ["excludedObjects"] = new JsonArray(), ["excludedObjectsCount"] = 0, ["exportedCount"] = objects.Count, ["missingRefCount"] = 0, ["missingReferences"] = new JsonArray(),
        };
        return text.Append(Text(details)).Append('\n').ToString();
    }
}
