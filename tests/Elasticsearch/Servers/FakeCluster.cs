using System.Text.Json;
using System.Text.Json.Nodes;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>
/// A cluster in memory that answers as Elasticsearch or OpenSearch does: bulk requests, templates, lifecycle policies, aliases, rollover
/// and the few searches that tests ask. What those would refuse it refuses.
/// </summary>
internal sealed class FakeCluster : IServerBackend
{
    private readonly Lock _lock = new();
    private readonly FakeTemplates _templates;
    private readonly FakeIndices _indices;
    private readonly FakeBulk _bulk;
    private readonly FakeSearch _search;
    private readonly FakeLifecycle _lifecycle;
    private readonly FakeStateManagement _stateManagement = new();

    internal FakeCluster(ServerFlavour flavour, TimeProvider? time = null)
    {
        Flavour = flavour;
        _templates = new FakeTemplates(flavour);
        _indices = new FakeIndices(_templates, flavour, time ?? TimeProvider.System);
        _bulk = new FakeBulk(_indices, flavour);
        _search = new FakeSearch(_indices, flavour);
        _lifecycle = new FakeLifecycle(flavour, time ?? TimeProvider.System);
    }

    public ServerFlavour Flavour { get; }

    /// <summary>Whether OpenSearch's index state management is there; its smallest distribution has none.</summary>
    internal bool HasStateManagement { get; init; } = true;

    internal static ServerAnswer NotJson { get; } = ServerAnswer.Error(400, "parse_exception", "Failed to parse content to map");

    internal static ServerAnswer WrongMethod(ServerRequest request) =>
        ServerAnswer.Json(405, new JsonObject { ["error"] = $"Incorrect HTTP method for uri [{request.Path}] and method [{request.Method}], allowed: [GET, PUT]", ["status"] = 405 });

    internal static bool TryParse(byte[] body, out JsonObject parsed)
    {
        parsed = [];
        try
        {
            if (JsonNode.Parse(body) is not JsonObject whole) return false;
            parsed = whole;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public Task<ServerAnswer> AnswerAsync(ServerRequest request, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(Answer(request));
        }
    }

    public async IAsyncEnumerable<StoredDocument> ReadAllAsync(string pattern)
    {
        List<StoredDocument> documents;
        lock (_lock)
        {
            documents = [.. _indices.Find(pattern).Indices.SelectMany(static index => index.Documents.Select(one => new StoredDocument(index.Name, one.Key, one.Value.Version, one.Value.Json)))];
        }

        await Task.CompletedTask;
        foreach (var document in documents) yield return document;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ServerAnswer Answer(ServerRequest request)
    {
        if (request.Body.Length > 0 && !Flavour.Takes(request.ContentType)) return WrongContentType(request.ContentType);
        return request.Segments switch
        {
            [] => Welcome(),
            ["_bulk"] or [_, "_bulk"] => request.IsBulk ? _bulk.Answer(request) : ServerAnswer.Json(405, new JsonObject
            {
                ["error"] = $"Incorrect HTTP method for uri [{request.Path}] and method [{request.Method}], allowed: [PUT, POST]", ["status"] = 405,
            }) with { Headers = [("Allow", "PUT,POST")] },
            ["_component_template" or "_index_template", ..] => _templates.Answer(request),
            ["_ilm", "status"] when !Flavour.IsOpenSearch => ServerAnswer.Json(200, new JsonObject { ["operation_mode"] = "RUNNING" }),
            ["_ilm", "policy", ..] when !Flavour.IsOpenSearch => _lifecycle.Answer(request),
            ["_plugins" or "_opendistro", "_ism", "policies", ..] when Flavour.IsOpenSearch && HasStateManagement => _stateManagement.Answer(request),
            ["_cluster", "settings"] when request.Method == "PUT" => SetCluster(request),
            ["_cluster", "health", ..] => ServerAnswer.Json(200, new JsonObject { ["cluster_name"] = "fake", ["status"] = "green", ["timed_out"] = false, ["number_of_nodes"] = 1 }),
            ["_aliases"] => ChangeAliases(request),
            ["_alias", var alias] => ShowAlias(alias),
            ["_mget"] => _search.GetMany(null, request.Body),
            ["_search"] => _search.Search("_all", request.Body),
            ["_count"] => _search.Count("_all", request.Body),
            ["_refresh"] => Refresh("_all"),
            ["_data_stream", var stream] when request.Method == "DELETE" => _indices.Delete(stream),
            [var index, "_mget"] => _search.GetMany(index, request.Body),
            [var index, "_search"] => _search.Search(index, request.Body),
            [var index, "_count"] => _search.Count(index, request.Body),
            [var index, "_refresh"] => Refresh(index),
            [var index, "_doc", var id] when request.Method is "GET" or "HEAD" => _search.GetOne(index, id),
            [var index, "_mapping"] when request.Method == "PUT" => FakeMappings.Put(_indices, Flavour, index, request),
            [var index, "_alias"] when request.Method == "GET" => FakeMappings.ShowAliases(_indices, index),
            [var index, "_settings"] when request.Method == "PUT" => SetIndex(index, request),
            [var index, "_rollover"] when request.Method == "POST" => _indices.RollOver(index, request.Body.Length > 0 && TryParse(request.Body, out var body) ? body : []),
            [var index] when request.Method == "PUT" && !index.StartsWith('_') => _indices.Create(index, request.Body),
            [var index] when request.Method == "DELETE" => _indices.Delete(index),
            [var index] when request.Method is "HEAD" or "GET" && !index.StartsWith('_') => Show(index),
            _ => ServerAnswer.Json(400, new JsonObject { ["error"] = $"no handler found for uri [{request.Path}] and method [{request.Method}]" }),
        };
    }

    private ServerAnswer Welcome()
    {
        var version = new JsonObject { ["number"] = Flavour.Version, ["build_hash"] = "f65e9d338dc1d07b642e14a27f338990148ee5b6", ["build_date"] = "2022-08-23T11:08:48.893373482Z", ["build_snapshot"] = false };
        if (Flavour.IsOpenSearch) version.Insert(0, "distribution", "opensearch");
        else version["build_flavor"] = "default";
        version["build_type"] = "unknown";
        version["lucene_version"] = Flavour switch { { IsOpenSearch: true } => "9.12.1", { Major: 7 } => "8.11.1", { Major: 8 } => "9.12.0", _ => "10.2.2" };
        version["minimum_wire_compatibility_version"] = Flavour switch { { IsOpenSearch: true } => "7.10.0", { Major: 7 } => "6.8.0", { Major: 8 } => "7.17.0", _ => "8.19.0" };
        version["minimum_index_compatibility_version"] = Flavour switch { { IsOpenSearch: true } => "7.0.0", { Major: 7 } => "6.0.0-beta1", { Major: 8 } => "7.0.0", _ => "8.0.0" };
        return ServerAnswer.Json(200, new JsonObject
        {
            ["name"] = "fake", ["cluster_name"] = "fake", ["cluster_uuid"] = "fake-cluster-000000001", ["version"] = version,
            ["tagline"] = Flavour.IsOpenSearch ? "The OpenSearch Project: https://opensearch.org/" : "You Know, for Search",
        });
    }

    private ServerAnswer WrongContentType(string? contentType) => Flavour is { IsOpenSearch: false, Major: >= 8 } && contentType is not null
        ? ServerAnswer.Error(406, "media_type_header_exception", $"Invalid media-type value on headers [Content-Type]")
        : ServerAnswer.Json(406, new JsonObject { ["error"] = $"Content-Type header [{contentType}] is not supported", ["status"] = 406 });

    private ServerAnswer SetCluster(ServerRequest request)
    {
        if (!TryParse(request.Body, out var body)) return NotJson;
        var persistent = body["persistent"] as JsonObject ?? [];
        if (persistent.ContainsKey("action.auto_create_index")) _indices.CreatesIndices = persistent["action.auto_create_index"]?.ToString() != "false";
        if (persistent.ContainsKey("cluster.max_shards_per_node"))
            _indices.ShardsAtMost = int.TryParse(persistent["cluster.max_shards_per_node"]?.ToString(), System.Globalization.CultureInfo.InvariantCulture, out var most) ? most : FakeIndices.DefaultShardsAtMost;
        var shown = new JsonObject();
        if (_indices.ShardsAtMost != FakeIndices.DefaultShardsAtMost) shown["cluster"] = new JsonObject { ["max_shards_per_node"] = $"{_indices.ShardsAtMost}" };
        if (!_indices.CreatesIndices) shown["action"] = new JsonObject { ["auto_create_index"] = "false" };
        return ServerAnswer.Json(200, new JsonObject { ["acknowledged"] = true, ["persistent"] = shown, ["transient"] = new JsonObject() });
    }

    private ServerAnswer SetIndex(string expression, ServerRequest request)
    {
        if (!TryParse(request.Body, out var body)) return NotJson;
        var (indices, missing) = _indices.Find(expression);
        if (missing is not null) return ServerAnswer.Json(404, ErrorJson.Whole(404, ErrorJson.NoSuchIndex(missing)));
        var settings = FakeSettings.Flatten(body);
        if (FakeSettings.Unknown(settings, Flavour) is { } unknown) return ServerAnswer.Error(400, "illegal_argument_exception", unknown);
        // A blocked index takes no settings but those of the block itself.
        if (settings.Keys.Any(static name => !name.StartsWith("index.blocks.", StringComparison.Ordinal)) is var others && indices.Find(index => index.WriteBlock is { Status: 429 } && (others || settings.Count > 1 || !settings.ContainsKey("index.blocks.read_only_allow_delete"))) is { } blocked)
            return ServerAnswer.Error(429, "cluster_block_exception", blocked.WriteBlock!.Value.Reason);
        foreach (var index in indices)
        {
            foreach (var (name, value) in settings)
            {
                if (value is null) index.Settings.Remove(name);
                else index.Settings[name] = value;
            }
        }

        return ServerAnswer.Acknowledged;
    }

    private ServerAnswer ChangeAliases(ServerRequest request)
    {
        if (!TryParse(request.Body, out var body)) return NotJson;
        foreach (var action in (body["actions"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var (kind, value) = action.First();
            if (kind is not ("add" or "remove") || value is not JsonObject change) return ServerAnswer.Error(400, "x_content_parse_exception", $"[1:2] [alias_action] unknown field [{kind}]");
            var name = change["index"]?.ToString() ?? "";
            var (indices, missing) = _indices.Find(name);
            if (missing is not null) return ServerAnswer.Json(404, ErrorJson.Whole(404, ErrorJson.NoSuchIndex(missing)));
            var alias = change["alias"]!.ToString();
            foreach (var index in indices)
            {
                if (kind == "remove") index.Aliases.Remove(alias);
                else index.Aliases[alias] = new JsonObject(change.Where(static one => one.Key is not ("index" or "alias")).Select(static one => KeyValuePair.Create(one.Key, one.Value?.DeepClone())));
            }
        }

        return ServerAnswer.Acknowledged;
    }

    private ServerAnswer ShowAlias(string alias)
    {
        var shown = new JsonObject();
        foreach (var index in _indices.All)
        {
            var found = index.Aliases.Where(one => FakeTemplates.Matches(alias, one.Key)).ToList();
            if (found.Count > 0) shown[index.Name] = new JsonObject { ["aliases"] = new JsonObject(found.Select(static one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value.DeepClone()))) };
        }

        return shown.Count > 0 ? ServerAnswer.Json(200, shown) : ServerAnswer.Json(404, new JsonObject { ["error"] = $"alias [{alias}] missing", ["status"] = 404 });
    }

    private ServerAnswer Refresh(string expression)
    {
        var (indices, missing) = _indices.Find(expression);
        return missing is not null
            ? ServerAnswer.Json(404, ErrorJson.Whole(404, ErrorJson.NoSuchIndex(missing)))
            : ServerAnswer.Json(200, new JsonObject { ["_shards"] = new JsonObject { ["total"] = indices.Sum(static index => index.Copies), ["successful"] = indices.Count, ["failed"] = 0 } });
    }

    private ServerAnswer Show(string expression)
    {
        var (indices, missing) = _indices.Find(expression);
        if (missing is not null) return ServerAnswer.Json(404, ErrorJson.Whole(404, ErrorJson.NoSuchIndex(missing)));
        var shown = new JsonObject();
        foreach (var index in indices)
        {
            shown[index.Name] = new JsonObject
            {
                ["aliases"] = new JsonObject(index.Aliases.Select(static one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value.DeepClone()))),
                ["settings"] = new JsonObject { ["index"] = new JsonObject { ["uuid"] = index.Uuid, ["provided_name"] = index.Name } },
            };
        }

        return ServerAnswer.Json(200, shown);
    }
}
