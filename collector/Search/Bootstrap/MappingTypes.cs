using System.Text.Json.Nodes;
using Monitoring.Collector.Search.Documents;
using Monitoring.Elasticsearch.Connection;

namespace Monitoring.Collector.Search.Bootstrap;

/// <summary>What the types of fields are called by a server; the next best where it lacks one.</summary>
/// <param name="HasConstantKeyword">OpenSearch has one from 2.14 on, of which a <c>terms</c> aggregation gives names of indices (seen in 2.19.1): it is left out there.</param>
/// <param name="HasMatchOnlyText">OpenSearch has it from 2.12 on.</param>
/// <param name="HasWildcard">OpenSearch has it from 2.15 on.</param>
/// <param name="Flattened">Its name; null where there is none. OpenSearch has one from 2.7 on.</param>
internal sealed record MappingTypes(bool HasConstantKeyword, bool HasMatchOnlyText, bool HasWildcard, string? Flattened)
{
    /// <summary>The types of a server; Elasticsearch has all of them in every version that is supported.</summary>
    public static MappingTypes Of(bool isOpenSearch, int major, int minor)
    {
        if (!isOpenSearch) return new MappingTypes(true, true, true, "flattened");
        bool Since(int since) => major > 2 || (major == 2 && minor >= since);
        return new MappingTypes(false, Since(12), Since(15), Since(7) ? "flat_object" : null);
    }

    /// <summary>The types of a server that answered.</summary>
    public static MappingTypes Of(ElasticsearchServer server) => Of(server.IsOpenSearch, server.Major, server.Minor);

    /// <summary>
    /// The properties of a stream's mapping, objects within objects; without those that are the same in every document, whose values the index
    /// template names.
    /// </summary>
    public JsonObject Properties(SearchStream stream)
    {
        var root = new JsonObject();
        foreach (var field in DocumentFields.Of(stream).Where(static field => field.Type != FieldType.ConstantKeyword))
        {
            var properties = root;
            var parts = field.Name.Split('.');
            foreach (var part in parts[..^1]) properties = Inside(properties, part);
            properties[parts[^1]] = Mapping(field.Type);
        }
        return root;
    }

    /// <summary>The properties of an object, which is made where it is not there.</summary>
    private static JsonObject Inside(JsonObject properties, string name)
    {
        if (properties[name] is JsonObject known && known["properties"] is JsonObject inner) return inner;
        var made = new JsonObject();
        properties[name] = new JsonObject { ["properties"] = made };
        return made;
    }

    /// <summary>The mapping of a field that has one value in all documents of an index.</summary>
    public JsonObject Constant(string value) => HasConstantKeyword ? new JsonObject { ["type"] = "constant_keyword", ["value"] = value } : Keyword(DocumentFields.LongestKeyword);

    private JsonObject Mapping(FieldType type) => type switch
    {
        FieldType.Keyword => Keyword(DocumentFields.LongestKeyword),
        // A keyword finds parts too, with a wildcard in the search and more work for the server.
        FieldType.Wildcard => HasWildcard ? Named("wildcard") : Keyword(DocumentText.LongestWildcard),
        FieldType.Text => Named(HasMatchOnlyText ? "match_only_text" : "text"),
        FieldType.Shown => new JsonObject { ["type"] = "keyword", ["index"] = false, ["doc_values"] = false },
        FieldType.Date => Named("date"),
        FieldType.Integer => Named("integer"),
        FieldType.Long => Named("long"),
        FieldType.Number => Named("double"),
        FieldType.YesNo => Named("boolean"),
        FieldType.Address => Named("ip"),
        FieldType.Flattened => Flattened is { } name ? Named(name) : new JsonObject { ["type"] = "object", ["enabled"] = false },
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no type of a field"),
    };

    private static JsonObject Keyword(int longest) => new() { ["type"] = "keyword", ["ignore_above"] = longest };

    private static JsonObject Named(string type) => new() { ["type"] = type };
}
