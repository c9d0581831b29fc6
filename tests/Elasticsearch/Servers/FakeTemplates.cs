using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>Component and index templates of the fake, with the refusals of the servers.</summary>
internal sealed class FakeTemplates(ServerFlavour flavour)
{
    private readonly SortedDictionary<string, JsonObject> _components = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, JsonObject> _indexTemplates = new(StringComparer.Ordinal);

    internal ServerAnswer Answer(ServerRequest request)
    {
        var isComponent = request.Segments[0] == "_component_template";
        var name = request.Segments.ElementAtOrDefault(1);
        return request.Method switch
        {
            "PUT" or "POST" when name is not null && isComponent => PutComponent(name, request.Body),
            "PUT" or "POST" when name is not null => PutIndexTemplate(name, request.Body),
            "GET" or "HEAD" => isComponent ? Get(_components, name, "component_template", "component template") : Get(_indexTemplates, name, "index_template", "index template"),
            "DELETE" when name is not null => Delete(name, isComponent),
            _ => FakeCluster.WrongMethod(request),
        };
    }

    /// <summary>What a new index is made of: the template of the highest priority that matches, over its components.</summary>
    /// <returns>Settings, mappings, aliases; and whether it is one of a data stream.</returns>
    internal (JsonObject Settings, JsonObject Mappings, JsonObject Aliases, bool IsDataStream) For(string index)
    {
        var template = _indexTemplates.Values.Where(one => Patterns(one).Any(pattern => Matches(pattern, index))).MaxBy(static one => one["priority"]?.GetValue<long>() ?? 0);
        var (settings, mappings, aliases) = (new JsonObject(), new JsonObject(), new JsonObject());
        if (template is null) return (settings, mappings, aliases, false);
        var layers = Strings(template["composed_of"]).Where(_components.ContainsKey).Select(name => _components[name]["template"]).Append(template["template"]);
        foreach (var layer in layers.OfType<JsonObject>())
        {
            foreach (var (name, value) in FakeSettings.Flatten(layer["settings"] as JsonObject ?? [])) settings[name] = value;
            Merge(mappings, layer["mappings"] as JsonObject ?? []);
            Merge(aliases, layer["aliases"] as JsonObject ?? []);
        }

        return (settings, mappings, aliases, template["data_stream"] is JsonObject);
    }

    internal static bool Matches(string pattern, string name) =>
        pattern is "_all" || Regex.IsMatch(name, "^" + Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal) + "$", RegexOptions.NonBacktracking);

    internal static void Merge(JsonObject into, JsonObject from)
    {
        foreach (var (name, value) in from)
        {
            if (value is JsonObject inner && into[name] is JsonObject existing) Merge(existing, inner);
            else into[name] = value?.DeepClone();
        }
    }

    private ServerAnswer PutComponent(string name, byte[] body)
    {
        if (!FakeCluster.TryParse(body, out var template)) return FakeCluster.NotJson;
        string[] allowed = flavour.IsOpenSearch ? ["template", "version", "_meta"] : ["template", "version", "_meta", "deprecated"];
        if (Unknown(template, allowed) is { } unknown) return UnknownField("component_template", unknown);
        if (template["template"] is not JsonObject content) return ServerAnswer.Error(400, "illegal_argument_exception", "Required [template]");
        if (RefuseContent(name, content, "component_template") is { } refusal) return refusal;
        _components[name] = template;
        return ServerAnswer.Acknowledged;
    }

    private ServerAnswer PutIndexTemplate(string name, byte[] body)
    {
        if (!FakeCluster.TryParse(body, out var template)) return FakeCluster.NotJson;
        List<string> allowed = ["index_patterns", "template", "composed_of", "priority", "version", "_meta", "data_stream"];
        if (!flavour.IsOpenSearch) allowed.Add("allow_auto_create");
        if (flavour is { IsOpenSearch: false, Major: >= 8 }) allowed.AddRange(["ignore_missing_component_templates", "deprecated"]);
        if (Unknown(template, allowed) is { } unknown) return UnknownField("index_template", unknown);
        if (template["index_patterns"] is null) return ServerAnswer.Error(400, "illegal_argument_exception", "Required [index_patterns]");
        if (template["template"] is JsonObject content && RefuseContent(name, content, "index_template") is { } refusal) return refusal;
        var ignored = Strings(template["ignore_missing_component_templates"]).ToHashSet(StringComparer.Ordinal);
        var missing = Strings(template["composed_of"]).Where(one => !_components.ContainsKey(one) && !ignored.Contains(one)).ToList();
        if (missing.Count > 0)
            return ServerAnswer.Error(400, "invalid_index_template_exception", $"index_template [{name}] invalid, cause [index template [{name}] specifies component templates [{string.Join(", ", missing)}] that do not exist]");
        var priority = template["priority"]?.GetValue<long>() ?? 0;
        foreach (var (other, existing) in _indexTemplates)
        {
            if (other == name || (existing["priority"]?.GetValue<long>() ?? 0) != priority) continue;
            var clash = Patterns(existing).Where(theirs => Patterns(template).Any(ours => Overlap(ours, theirs))).ToList();
            if (clash.Count == 0) continue;
            return ServerAnswer.Error(400, "illegal_argument_exception",
                $"index template [{name}] has index patterns [{string.Join(", ", Patterns(template))}] matching patterns from existing templates [{other}] with patterns ({other} => [{string.Join(", ", Patterns(existing))}]) that have the same priority [{priority}], multiple index templates may not match during index creation, please use a different priority");
        }

        _indexTemplates[name] = template;
        return ServerAnswer.Acknowledged;
    }

    private ServerAnswer? RefuseContent(string name, JsonObject content, string kind)
    {
        List<string> allowed = ["settings", "mappings", "aliases"];
        if (flavour is { IsOpenSearch: false, Major: >= 8 }) allowed.AddRange(["lifecycle", "data_stream_options"]);
        if (Unknown(content, allowed) is { } unknown) return UnknownField("template", unknown);
        if (content["settings"] is JsonObject settings && FakeSettings.Refuse(FakeSettings.Flatten(settings), flavour) is { } wrong)
        {
            // One of a component is looked at as it stands, one of an index template with what it is put together with.
            return kind == "component_template" ? ServerAnswer.Error(400, "illegal_argument_exception", FakeSettings.Unknown(FakeSettings.Flatten(settings), flavour)!)
                : ServerAnswer.Error(400, "invalid_index_template_exception", $"index_template [{name}] invalid, cause [Validation Failed: {wrong}]");
        }

        if (content["mappings"] is not JsonObject mappings) return null;
        var (_, error) = FakeField.Read(mappings, flavour);
        if (error is null) return null;
        var cause = ErrorJson.Of("mapper_parsing_exception", error);
        var whole = ErrorJson.Of("mapper_parsing_exception", $"Failed to parse mapping{(flavour is { IsOpenSearch: false, Major: >= 8 } ? "" : " [_doc]")}: {error}");
        whole["caused_by"] = cause;
        return ServerAnswer.Json(400, ErrorJson.Whole(400, whole));
    }

    private static ServerAnswer Get(SortedDictionary<string, JsonObject> templates, string? name, string property, string words)
    {
        var found = templates.Where(one => name is null || Matches(name, one.Key)).ToList();
        if (found.Count == 0 && name is not null && !name.Contains('*', StringComparison.Ordinal))
            return ServerAnswer.Error(404, "resource_not_found_exception", $"{words} matching [{name}] not found");
        return ServerAnswer.Json(200, new JsonObject
        {
            [property + "s"] = new JsonArray([.. found.Select(one => new JsonObject { ["name"] = one.Key, [property] = Normal(one.Value) })]),
        });
    }

    /// <summary>As the servers give a template back: settings nested and as text.</summary>
    private static JsonObject Normal(JsonObject template)
    {
        var copy = (JsonObject)template.DeepClone();
        if (copy["index_patterns"] is JsonValue single) copy["index_patterns"] = new JsonArray(single.DeepClone());
        if (copy["template"]?["settings"] is not JsonObject settings) return copy;
        var nested = new JsonObject();
        foreach (var (name, value) in FakeSettings.Flatten(settings))
        {
            var parent = nested;
            var parts = name.Split('.');
            foreach (var part in parts[..^1]) parent = (JsonObject)(parent[part] ??= new JsonObject());
            parent[parts[^1]] = value;
        }

        copy["template"]!["settings"] = nested;
        return copy;
    }

    private ServerAnswer Delete(string name, bool isComponent)
    {
        if (isComponent && _indexTemplates.Where(one => Strings(one.Value["composed_of"]).Contains(name)).Select(static one => one.Key).ToList() is { Count: > 0 } users)
            return ServerAnswer.Error(400, "illegal_argument_exception", $"component templates [{name}] cannot be removed as they are still in use by index templates [{string.Join(", ", users)}]");
        var templates = isComponent ? _components : _indexTemplates;
        var found = templates.Keys.Where(one => Matches(name, one)).ToList();
        if (found.Count == 0) return ServerAnswer.Error(404, isComponent ? "resource_not_found_exception" : "index_template_missing_exception", isComponent ? name : $"index_template [{name}] missing");
        foreach (var one in found) templates.Remove(one);
        return ServerAnswer.Acknowledged;
    }

    private static string? Unknown(JsonObject body, IEnumerable<string> allowed) => body.Select(static one => one.Key).FirstOrDefault(name => !allowed.Contains(name));

    private static ServerAnswer UnknownField(string parser, string field) => ServerAnswer.Error(400, "x_content_parse_exception", $"[1:2] [{parser}] unknown field [{field}]");

    private static IEnumerable<string> Patterns(JsonObject template) => Strings(template["index_patterns"]);

    private static IEnumerable<string> Strings(JsonNode? node) => node switch
    {
        JsonArray array => array.Select(static one => one!.ToString()),
        null => [],
        _ => [node.ToString()],
    };

    // Two patterns overlap where one matches the other with its stars as letters; enough for names, the servers intersect automata.
    private static bool Overlap(string one, string other) => Matches(one, other) || Matches(other, one);
}
