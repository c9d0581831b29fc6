using System.Text.Json;
using System.Text.Json.Nodes;
using Monitoring.Collector.Search.Documents;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Tests.Collector.Search.Bootstrap;

/// <summary>For each value of a document a search that is to find the document by it.</summary>
internal static class SearchedFor
{
    internal static IEnumerable<(string Field, string Query)> In(SourceDocument document, IEnumerable<DocumentField> fields)
    {
        using var json = JsonDocument.Parse(document.Json);
        foreach (var field in fields.Where(static field => field.Type != FieldType.Shown))
        {
            foreach (var value in Values(json.RootElement, field.Name.Split('.')))
            {
                if (field.Type != FieldType.Flattened) yield return (field.Name, Query(field, JsonNode.Parse(value.GetRawText())!));
                else foreach (var one in value.EnumerateObject()) yield return (field.Name, Leaf("term", $"{field.Name}.{one.Name}", one.Value.GetString()!));
            }
        }
    }

    private static IEnumerable<JsonElement> Values(JsonElement at, ReadOnlyMemory<string> path)
    {
        if (at.ValueKind == JsonValueKind.Array) return at.EnumerateArray().SelectMany(item => Values(item, path)).ToList();
        if (path.IsEmpty) return [at.Clone()];
        return at.ValueKind == JsonValueKind.Object && at.TryGetProperty(path.Span[0], out var inner) ? Values(inner, path[1..]) : [];
    }

    private static string Query(DocumentField field, JsonNode value) => field.Type switch
    {
        FieldType.Text => new JsonObject { ["match"] = new JsonObject { [field.Name] = new JsonObject { ["query"] = value, ["operator"] = "and" } } }.ToJsonString(),
        FieldType.Wildcard => Leaf("wildcard", field.Name, "*" + value.ToString()[1..^1].Replace("*", "\\*", StringComparison.Ordinal).Replace("?", "\\?", StringComparison.Ordinal) + "*"),
        _ => Leaf("term", field.Name, value),
    };

    private static string Leaf(string kind, string field, JsonNode value) => new JsonObject { [kind] = new JsonObject { [field] = new JsonObject { ["value"] = value } } }.ToJsonString();
}
