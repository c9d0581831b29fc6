using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>Errors in the form of Elasticsearch and OpenSearch.</summary>
internal static class ErrorJson
{
    /// <summary>Quotes and brackets stand in answers as they are.</summary>
    internal static JsonSerializerOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static JsonObject Of(string type, string reason, params (string Name, JsonNode? Value)[] more)
    {
        var error = new JsonObject { ["type"] = type, ["reason"] = reason };
        foreach (var (name, value) in more) error[name] = value?.DeepClone();
        return error;
    }

    /// <summary>The body of a refused request.</summary>
    internal static JsonObject Whole(int status, JsonObject error)
    {
        var root = (JsonObject)error.DeepClone();
        // The root is the innermost cause, or the error itself.
        while (root["caused_by"] is JsonObject { } inner && inner["type"]?.GetValue<string>() == root["type"]?.GetValue<string>()) root = (JsonObject)inner.DeepClone();
        root.Remove("caused_by");
        var body = new JsonObject { ["root_cause"] = new JsonArray(root) };
        foreach (var (name, value) in error) body[name] = value?.DeepClone();
        return new JsonObject { ["error"] = body, ["status"] = status };
    }

    /// <param name="name">Of the index that is not there.</param>
    /// <param name="isExpression">Whether it was looked up as a name alone (a document's index) or as one that may be an alias.</param>
    internal static JsonObject NoSuchIndex(string name, bool isExpression = false) => Of("index_not_found_exception", $"no such index [{name}]",
        ("index", name), ("resource.id", name), ("resource.type", isExpression ? "index_expression" : "index_or_alias"), ("index_uuid", "_na_"));
}
