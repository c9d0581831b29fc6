using System.Text.Json.Nodes;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>A field of a mapping with those below it.</summary>
/// <param name="type">As in the mapping; <c>object</c> where there are fields below.</param>
internal sealed class FakeField(string type)
{
    private static readonly HashSet<string> Types = new(StringComparer.Ordinal)
    {
        "keyword", "text", "long", "integer", "short", "byte", "double", "float", "half_float", "scaled_float", "unsigned_long", "date", "date_nanos", "boolean", "binary", "ip",
        "object", "nested", "alias", "wildcard", "match_only_text", "constant_keyword", "geo_point",
    };

    private static readonly HashSet<string> Parameters = new(StringComparer.Ordinal)
    {
        "type", "index", "doc_values", "store", "ignore_above", "null_value", "copy_to", "fields", "norms", "format", "ignore_malformed", "coerce", "scaling_factor", "value", "path",
        "enabled", "dynamic", "properties", "analyzer", "search_analyzer", "similarity", "meta", "eager_global_ordinals", "index_options", "depth_limit", "split_queries_on_whitespace",
        "normalizer", "term_vector", "subobjects",
    };

    // A match_only_text has nothing to choose but its subfields.
    private static readonly HashSet<string> ParametersOfMatchOnlyText = new(StringComparer.Ordinal) { "type", "fields", "meta", "analyzer", "search_analyzer" };

    internal string Type { get; } = type;

    /// <summary>What happens to fields that the mapping does not know: true, false, strict; null as the parent has it.</summary>
    internal string? Dynamic { get; private set; }

    /// <summary>False: whatever is below is kept and not looked at.</summary>
    internal bool IsEnabled { get; private set; } = true;

    /// <summary>Whether a value that does not fit is left out in place of refusing the document.</summary>
    internal bool IgnoresMalformed { get; private set; }

    /// <summary>The one value of a constant_keyword; set by the first document where the mapping has none.</summary>
    internal string? Constant { get; set; }

    internal Dictionary<string, FakeField> Children { get; } = new(StringComparer.Ordinal);

    internal bool IsObject => Type is "object" or "nested";

    internal int Count => 1 + Children.Values.Sum(static child => child.Count);

    /// <summary>Reads a mapping.</summary>
    /// <returns>The root; or the error of <c>mapper_parsing_exception</c> in words.</returns>
    internal static (FakeField? Field, string? Error) Read(JsonObject mapping, ServerFlavour flavour, string name = "")
    {
        var field = new FakeField(Text(mapping["type"]) ?? "object");
        if (!Types.Contains(field.Type) && field.Type != (flavour.IsOpenSearch ? "flat_object" : "flattened"))
            return (null, $"No handler for type [{field.Type}] declared on field [{name}]");
        if (name is not "" && mapping.FirstOrDefault(one => !(field.Type == "match_only_text" ? ParametersOfMatchOnlyText : Parameters).Contains(one.Key)).Key is { } unknown)
            return (null, $"unknown parameter [{unknown}] on mapper [{name}] of type [{field.Type}]");
        field.Dynamic = Text(mapping["dynamic"]);
        if (field.Dynamic is not (null or "true" or "false" or "strict" or "runtime" or "strict_allow_templates"))
            return (null, $"Could not convert [{name}.dynamic] to a dynamic value: [{field.Dynamic}]");
        field.IsEnabled = Text(mapping["enabled"]) != "false";
        field.IgnoresMalformed = Text(mapping["ignore_malformed"]) == "true";
        field.Constant = field.Type == "constant_keyword" ? Text(mapping["value"]) : null;
        if (flavour.IsOpenSearch && field is { Type: "constant_keyword", Constant: null }) return (null, $"Field [{name}] is missing required parameter [value]");
        if (mapping["properties"] is JsonObject properties)
        {
            if (!field.IsObject) return (null, $"Mapping definition for [{name}] has unsupported parameters:  [properties : {properties.ToJsonString()}]");
            foreach (var (child, definition) in properties)
            {
                if (definition is not JsonObject inner) return (null, $"Expected map for property [fields] on field [{child}] but got a class java.lang.String");
                var (read, error) = Read(inner, flavour, child);
                if (read is null) return (null, error);
                field.Add(child, read);
            }
        }

        return (field, null);
    }

    /// <summary>Puts a field below this one; dots in its name are objects.</summary>
    internal void Add(string name, FakeField child)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            Children[name] = child;
            return;
        }

        if (!Children.TryGetValue(name[..dot], out var parent)) Children[name[..dot]] = parent = new FakeField("object");
        parent.Add(name[(dot + 1)..], child);
    }

    private static string? Text(JsonNode? node) => node?.ToString();
}
