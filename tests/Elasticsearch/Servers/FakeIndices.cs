using System.Globalization;
using System.Text.Json.Nodes;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>The indices, aliases and data streams of the fake.</summary>
internal sealed class FakeIndices(FakeTemplates templates, ServerFlavour flavour, TimeProvider time)
{
    internal const int DefaultShardsAtMost = 1000;

    private const int DefaultFieldLimit = 1000;
    private const int ShardsOfAnIndex = 2;

    private readonly SortedDictionary<string, FakeIndex> _indices = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<FakeIndex>> _dataStreams = new(StringComparer.Ordinal);
    private int _created;

    /// <summary>Whether a document makes its index, as <c>action.auto_create_index</c>.</summary>
    internal bool CreatesIndices { get; set; } = true;

    /// <summary>How many shards there may be, as <c>cluster.max_shards_per_node</c>.</summary>
    internal int ShardsAtMost { get; set; } = DefaultShardsAtMost;

    internal IEnumerable<FakeIndex> All => _indices.Values;

    /// <summary>The index that a document goes to.</summary>
    /// <returns>The index; or, with the index where one was found, the error of its item and its status.</returns>
    internal (FakeIndex? Index, int Status, JsonObject? Error) ForWriting(string name, string operation)
    {
        if (_dataStreams.TryGetValue(name, out var stream) || (!_indices.ContainsKey(name) && templates.For(name).IsDataStream))
        {
            var backing = (stream ?? CreateDataStream(name))[^1];
            return operation == "create" ? (backing, 0, null) : (backing, 400, ErrorJson.Of("illegal_argument_exception", "only write ops with an op_type of create are allowed in data streams"));
        }

        if (_indices.TryGetValue(name, out var index)) return (index, 0, null);
        var behind = _indices.Values.Where(one => one.Aliases.ContainsKey(name)).ToList();
        if (behind.Count > 0)
        {
            var target = behind.Find(one => one.Aliases[name]["is_write_index"]?.GetValue<bool>() == true)
                ?? (behind is [var single] && single.Aliases[name]["is_write_index"] is null ? single : null);
            return target is not null ? (target, 0, null) : (null, 400, ErrorJson.Of("illegal_argument_exception",
                $"no write index is defined for alias [{name}]. The write index may be explicitly disabled using is_write_index=false or the alias points to multiple indices without one being designated as a write index"));
        }

        if (InvalidName(name) is { } wrong) return (null, 400, ErrorJson.Of("invalid_index_name_exception", $"Invalid index name [{name}], {wrong}", ("index", name), ("index_uuid", "_na_")));
        if (!CreatesIndices) return (null, 404, ErrorJson.NoSuchIndex(name, isExpression: true));
        var shards = _indices.Values.Sum(static one => one.Copies);
        return shards + ShardsOfAnIndex <= ShardsAtMost ? (Make(name, []), 0, null) : (null, 400, ErrorJson.Of("validation_exception",
            $"Validation Failed: 1: this action would add [{ShardsOfAnIndex}] {(flavour.IsOpenSearch ? "total shards" : "shards")}, but this cluster currently has [{shards}]/[{ShardsAtMost}] maximum {(flavour.IsOpenSearch ? "" : "normal ")}shards open;"));
    }

    /// <summary>Indices that names and patterns with commas reach, over aliases and data streams.</summary>
    /// <returns>The indices; or the first name that is not there.</returns>
    internal (List<FakeIndex> Indices, string? Missing) Find(string expression)
    {
        var found = new SortedDictionary<string, FakeIndex>(StringComparer.Ordinal);
        foreach (var part in expression.Split(','))
        {
            var matches = _indices.Values.Where(index => FakeTemplates.Matches(part, index.Name) || index.Aliases.Keys.Any(alias => FakeTemplates.Matches(part, alias))
                || (index.DataStream is not null && FakeTemplates.Matches(part, index.DataStream))).ToList();
            if (matches.Count == 0 && !part.Contains('*', StringComparison.Ordinal) && part != "_all") return ([], part);
            foreach (var index in matches) found[index.Name] = index;
        }

        return ([.. found.Values], null);
    }

    internal FakeIndex? ByName(string name) => _indices.GetValueOrDefault(name);

    internal ServerAnswer Create(string name, byte[] body)
    {
        var definition = new JsonObject();
        if (body.Length > 0 && !FakeCluster.TryParse(body, out definition)) return FakeCluster.NotJson;
        if (InvalidName(name) is { } wrong) return ServerAnswer.Error(400, "invalid_index_name_exception", $"Invalid index name [{name}], {wrong}", ("index", name), ("index_uuid", "_na_"));
        if (_indices.TryGetValue(name, out var existing))
            return ServerAnswer.Error(400, "resource_already_exists_exception", $"index [{name}/{existing.Uuid}] already exists", ("index", name), ("index_uuid", existing.Uuid));
        Make(name, definition);
        return ServerAnswer.Json(200, new JsonObject { ["acknowledged"] = true, ["shards_acknowledged"] = true, ["index"] = name });
    }

    internal ServerAnswer Delete(string expression)
    {
        if (_dataStreams.Remove(expression, out var stream))
        {
            foreach (var index in stream) _indices.Remove(index.Name);
            return ServerAnswer.Acknowledged;
        }

        var (indices, missing) = Find(expression);
        if (missing is not null) return ServerAnswer.Json(404, ErrorJson.Whole(404, ErrorJson.NoSuchIndex(missing)));
        foreach (var index in indices) _indices.Remove(index.Name);
        return ServerAnswer.Acknowledged;
    }

    /// <summary>A new index takes the place of the write index of an alias or a data stream.</summary>
    internal ServerAnswer RollOver(string target, JsonObject body)
    {
        FakeIndex? old;
        if (_dataStreams.TryGetValue(target, out var stream))
        {
            old = stream[^1];
        }
        else
        {
            var behind = _indices.Values.Where(index => index.Aliases.ContainsKey(target)).ToList();
            if (behind.Count == 0) return Illegal(_indices.ContainsKey(target) ? $"rollover target is a [concrete index] but one of [alias,data_stream] was expected" : $"rollover target [{target}] does not exist");
            old = behind.Find(index => index.Aliases[target]["is_write_index"]?.GetValue<bool>() == true) ?? (behind is [var single] ? single : null);
            if (old is null) return Illegal($"rollover target [{target}] does not point to a write index");
        }

        if (!TryIncrement(old.Name, out var next)) return Illegal($"index name [{old.Name}] does not match pattern '^.*-\\d+$'");
        var conditions = new JsonObject();
        foreach (var (name, value) in body["conditions"] as JsonObject ?? [])
            conditions[$"[{name}: {value}]"] = name == "max_docs" && old.Documents.Count >= value!.GetValue<long>();
        var isMet = conditions.Count == 0 || conditions.Any(static one => one.Value!.GetValue<bool>());
        if (isMet)
        {
            if (stream is not null)
            {
                stream.Add(Make(next, [], target));
            }
            else
            {
                var flag = old.Aliases[target];
                var isExplicit = flag["is_write_index"] is not null;
                var created = Make(next, []);
                if (isExplicit)
                {
                    created.Aliases[target] = (JsonObject)flag.DeepClone();
                    flag["is_write_index"] = false;
                }
                else
                {
                    created.Aliases[target] = [];
                    old.Aliases.Remove(target);
                }
            }
        }

        return ServerAnswer.Json(200, new JsonObject
        {
            ["acknowledged"] = isMet, ["shards_acknowledged"] = isMet, ["old_index"] = old.Name, ["new_index"] = next, ["rolled_over"] = isMet, ["dry_run"] = false, ["conditions"] = conditions,
        });
    }

    private FakeIndex Make(string name, JsonObject definition, string? dataStream = null)
    {
        var (settings, mappings, aliases, _) = templates.For(dataStream ?? name);
        foreach (var (key, value) in FakeSettings.Flatten(definition["settings"] as JsonObject ?? [])) settings[key] = value;
        FakeTemplates.Merge(mappings, definition["mappings"] as JsonObject ?? []);
        FakeTemplates.Merge(aliases, definition["aliases"] as JsonObject ?? []);
        var flat = FakeSettings.Flatten(settings).Where(static one => one.Value is not null).ToDictionary(static one => one.Key, static one => one.Value!, StringComparer.Ordinal);
        var limit = flat.TryGetValue("index.mapping.total_fields.limit", out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : DefaultFieldLimit;
        var (root, _) = FakeField.Read(mappings, flavour);
        var index = new FakeIndex(name, $"fake-index-{++_created:D11}", flat, new FakeMapping(root ?? new FakeField("object"), flavour, limit)) { DataStream = dataStream };
        foreach (var (alias, properties) in aliases) index.Aliases[alias] = (JsonObject)properties!.DeepClone();
        return _indices[name] = index;
    }

    private List<FakeIndex> CreateDataStream(string name)
    {
        var first = Make($".ds-{name}-{(flavour.IsOpenSearch ? "" : time.GetUtcNow().ToString("yyyy.MM.dd", CultureInfo.InvariantCulture) + "-")}000001", [], name);
        return _dataStreams[name] = [first];
    }

    private static bool TryIncrement(string name, out string next)
    {
        var dash = name.LastIndexOf('-');
        next = "";
        if (dash < 0 || !long.TryParse(name[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        next = string.Create(CultureInfo.InvariantCulture, $"{name[..dash]}-{number + 1:D6}");
        return true;
    }

    private static string? InvalidName(string name) =>
        name.Any(char.IsUpper) ? "must be lowercase"
        : name.IndexOfAny(['\\', '/', '*', '?', '"', '<', '>', '|', ' ', ',']) >= 0 ? "must not contain the following characters ['?','*','<','|','>','/',' ',',','\"','\\']"
        : name.Contains('#', StringComparison.Ordinal) ? "must not contain '#'"
        : name.Contains(':', StringComparison.Ordinal) ? "must not contain ':'"
        : name is "" or "." or ".." ? "must not be '.' or '..'"
        : name[0] is '_' or '-' or '+' ? "must not start with '_', '-', or '+'"
        : System.Text.Encoding.UTF8.GetByteCount(name) > 255 ? $"index name is too long, ({System.Text.Encoding.UTF8.GetByteCount(name)} > 255)"
        : null;

    private static ServerAnswer Illegal(string reason) => ServerAnswer.Error(400, "illegal_argument_exception", reason);
}
