using System.Text.Json.Nodes;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>Fields that are added to indices which are there already, as <c>PUT INDEX/_mapping</c> does; the type of a field never changes.</summary>
internal static class FakeMappings
{
    internal static ServerAnswer Put(FakeIndices indices, ServerFlavour flavour, string expression, ServerRequest request)
    {
        if (!FakeCluster.TryParse(request.Body, out var body)) return FakeCluster.NotJson;
        var (found, missing) = indices.Find(expression);
        if (missing is not null) return ServerAnswer.Json(404, ErrorJson.Whole(404, ErrorJson.NoSuchIndex(missing)));
        var (field, error) = FakeField.Read(body, flavour);
        if (field is null) return ServerAnswer.Error(400, "mapper_parsing_exception", error!);
        foreach (var index in found)
        {
            if (Merge(index.Mapping.Root, field, "") is { } conflict) return ServerAnswer.Error(400, "illegal_argument_exception", conflict);
        }

        return ServerAnswer.Acknowledged;
    }

    /// <summary>The aliases of indices that a pattern names.</summary>
    internal static ServerAnswer ShowAliases(FakeIndices indices, string expression)
    {
        var (found, missing) = indices.Find(expression);
        if (missing is not null) return ServerAnswer.Json(404, ErrorJson.Whole(404, ErrorJson.NoSuchIndex(missing)));
        return ServerAnswer.Json(200, new JsonObject(found.Select(static index => KeyValuePair.Create(index.Name,
            (JsonNode?)new JsonObject { ["aliases"] = new JsonObject(index.Aliases.Select(static one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value.DeepClone()))) }))));
    }

    private static string? Merge(FakeField into, FakeField from, string path)
    {
        foreach (var (name, child) in from.Children)
        {
            if (!into.Children.TryGetValue(name, out var known)) into.Add(name, child);
            else if (known.Type != child.Type) return $"mapper [{path}{name}] cannot be changed from type [{known.Type}] to [{child.Type}]";
            else if (Merge(known, child, $"{path}{name}.") is { } conflict) return conflict;
        }

        return null;
    }
}
