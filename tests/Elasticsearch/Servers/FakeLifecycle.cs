using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>Index lifecycle policies as Elasticsearch takes them: phases, their actions, and what goes with what.</summary>
internal sealed partial class FakeLifecycle(ServerFlavour flavour, TimeProvider time)
{
    private static readonly Dictionary<string, string[]> ActionsOfPhases = new(StringComparer.Ordinal)
    {
        ["hot"] = ["set_priority", "unfollow", "rollover", "readonly", "downsample", "shrink", "forcemerge", "searchable_snapshot"],
        ["warm"] = ["set_priority", "unfollow", "readonly", "downsample", "allocate", "migrate", "shrink", "forcemerge"],
        ["cold"] = ["set_priority", "unfollow", "readonly", "downsample", "searchable_snapshot", "allocate", "migrate", "freeze"],
        ["frozen"] = ["unfollow", "searchable_snapshot"],
        ["delete"] = ["wait_for_snapshot", "delete"],
    };

    private static readonly Dictionary<string, string[]> OptionsOfActions = new(StringComparer.Ordinal)
    {
        ["set_priority"] = ["priority"], ["readonly"] = [], ["unfollow"] = [], ["freeze"] = [],
        ["rollover"] = ["max_age", "max_docs", "max_size", "max_primary_shard_size", "max_primary_shard_docs", "min_age", "min_docs", "min_size", "min_primary_shard_size", "min_primary_shard_docs"],
        ["forcemerge"] = ["max_num_segments", "index_codec"], ["shrink"] = ["number_of_shards", "max_primary_shard_size", "allow_write_after_shrink"],
        ["allocate"] = ["number_of_replicas", "include", "exclude", "require", "total_shards_per_node"], ["migrate"] = ["enabled"], ["delete"] = ["delete_searchable_snapshot"],
        ["wait_for_snapshot"] = ["policy"], ["searchable_snapshot"] = ["snapshot_repository", "force_merge_index"], ["downsample"] = ["fixed_interval", "wait_timeout"],
    };

    private readonly SortedDictionary<string, (JsonObject Policy, long Version)> _policies = new(StringComparer.Ordinal);

    internal ServerAnswer Answer(ServerRequest request)
    {
        var name = request.Segments.ElementAtOrDefault(2);
        switch (request.Method)
        {
            case "PUT" when name is not null:
                if (!FakeCluster.TryParse(request.Body, out var body)) return FakeCluster.NotJson;
                if (Refuse(body) is { } refusal) return refusal;
                _policies[name] = ((JsonObject)body["policy"]!.DeepClone(), _policies.TryGetValue(name, out var old) ? old.Version + 1 : 1);
                return ServerAnswer.Acknowledged;
            case "GET":
                if (name is not null && !_policies.ContainsKey(name)) return ServerAnswer.Error(404, "resource_not_found_exception", $"Lifecycle policy not found: {name}");
                var answer = new JsonObject();
                foreach (var (key, (policy, version)) in _policies.Where(one => name is null || one.Key == name))
                {
                    answer[key] = new JsonObject
                    {
                        ["version"] = version, ["modified_date"] = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture), ["policy"] = policy.DeepClone(),
                        ["in_use_by"] = new JsonObject { ["indices"] = new JsonArray(), ["data_streams"] = new JsonArray(), ["composable_templates"] = new JsonArray() },
                    };
                }

                return ServerAnswer.Json(200, answer);
            case "DELETE" when name is not null:
                return _policies.Remove(name) ? ServerAnswer.Acknowledged : ServerAnswer.Error(404, "resource_not_found_exception", $"Lifecycle policy not found: {name}");
            default:
                return FakeCluster.WrongMethod(request);
        }
    }

    private ServerAnswer? Refuse(JsonObject body)
    {
        if (body.FirstOrDefault(static one => one.Key != "policy").Key is { } stray) return Unknown("put_lifecycle_request", stray);
        if (body["policy"] is not JsonObject policy) return ServerAnswer.Error(400, "illegal_argument_exception", "Required [policy]");
        if (policy.FirstOrDefault(static one => one.Key is not ("phases" or "_meta" or "deprecated")).Key is { } unknown) return Unknown("lifecycle_policy", unknown);
        if (policy["phases"] is not JsonObject phases) return ServerAnswer.Error(400, "illegal_argument_exception", "Required [phases]");
        foreach (var (phase, definition) in phases)
        {
            if (!ActionsOfPhases.TryGetValue(phase, out var allowed)) return Illegal($"Timeseries lifecycle does not support phase [{phase}]");
            if (definition is not JsonObject fields) return Unknown("phase", phase);
            if (fields.FirstOrDefault(static one => one.Key is not ("min_age" or "actions")).Key is { } field) return Unknown("phase", field);
            if (fields["min_age"]?.ToString() is { } age && !Duration().IsMatch(age)) return Illegal($"failed to parse setting [min_age] with value [{age}] as a time value: unit is missing or unrecognized");
            var actions = fields["actions"] as JsonObject ?? [];
            if (RefuseActions(phase, allowed, actions) is { } refusal) return refusal;
        }

        return null;
    }

    private ServerAnswer? RefuseActions(string phase, string[] allowed, JsonObject actions)
    {
        foreach (var (action, options) in actions)
        {
            if (!OptionsOfActions.TryGetValue(action, out var known)) return ServerAnswer.Error(400, "named_object_not_found_exception", $"[1:2] unknown field [{action}]");
            // Freezing indices went with 9.
            if (!allowed.Contains(action) || (action == "freeze" && flavour.Major >= 9)) return Illegal($"invalid action [{action}] defined in phase [{phase}]");
            if (options is not JsonObject values) return Unknown(action, action);
            if (values.FirstOrDefault(one => !known.Contains(one.Key)).Key is { } option) return Unknown(action, option);
            // What came with later versions of 8.
            if (flavour.Major == 7 && values.FirstOrDefault(static one => one.Key.StartsWith("min_", StringComparison.Ordinal) || one.Key is "max_primary_shard_docs" or "allow_write_after_shrink").Key is { } tooNew) return Unknown(action, tooNew);
            if (action == "rollover" && !values.Any(static one => one.Key.StartsWith("max_", StringComparison.Ordinal))) return Illegal("At least one rollover condition must be set.");
            if (action == "forcemerge" && values["max_num_segments"] is null) return Illegal("Required [max_num_segments]");
            if (action == "shrink" && (values["number_of_shards"] is null) == (values["max_primary_shard_size"] is null)) return Illegal("Either [number_of_shards] or [max_primary_shard_size] must be set");
            foreach (var (key, value) in values)
            {
                if (key.EndsWith("_age", StringComparison.Ordinal) && !Duration().IsMatch(value?.ToString() ?? "")) return Illegal($"failed to parse setting [{key}] with value [{value}] as a time value: unit is missing or unrecognized");
                if (key.EndsWith("_size", StringComparison.Ordinal) && !ByteSize().IsMatch(value?.ToString() ?? "")) return Illegal($"failed to parse setting [{key}] with value [{value}] as a size in bytes: unit is missing or unrecognized");
            }
        }

        var alone = actions.Select(static one => one.Key).Where(static action => action is "readonly" or "downsample" or "shrink" or "forcemerge" or "searchable_snapshot").ToList();
        return phase == "hot" && actions["rollover"] is null && alone.Count > 0
            ? Illegal($"the [{string.Join(", ", alone)}] action(s) may not be used in the [hot] phase without an accompanying [rollover] action")
            : null;
    }

    private static ServerAnswer Unknown(string parser, string field) => ServerAnswer.Error(400, "x_content_parse_exception", $"[1:2] [{parser}] unknown field [{field}]");

    private static ServerAnswer Illegal(string reason) => ServerAnswer.Error(400, "illegal_argument_exception", reason);

    [GeneratedRegex("^([0-9]+(nanos|micros|ms|s|m|h|d)|0)$")]
    private static partial Regex Duration();

    [GeneratedRegex("^([0-9.]+(b|kb|mb|gb|tb|pb)|0)$", RegexOptions.IgnoreCase)]
    private static partial Regex ByteSize();
}
