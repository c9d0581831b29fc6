using System.Globalization;
using System.Text.Json.Nodes;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>Policies of OpenSearch's index state management: states, their actions and transitions.</summary>
internal sealed class FakeStateManagement
{
    private static readonly string[] Actions =
    [
        "force_merge", "read_only", "read_write", "replica_count", "shrink", "close", "open", "delete", "rollover", "notification", "snapshot", "index_priority", "allocation", "alias", "rollup",
        "transform", "stop_replication",
    ];

    private static readonly string[] ParametersOfActions = ["timeout", "retry"];

    private static readonly Dictionary<string, string[]> Options = new(StringComparer.Ordinal)
    {
        ["force_merge"] = ["max_num_segments", "wait_for_completion", "task_execution_timeout"], ["delete"] = [], ["read_only"] = [], ["replica_count"] = ["number_of_replicas"],
        ["index_priority"] = ["priority"], ["rollover"] = ["min_size", "min_primary_shard_size", "min_doc_count", "min_index_age", "copy_alias"],
    };

    private readonly SortedDictionary<string, (JsonObject Policy, long SequenceNumber, long Version)> _policies = new(StringComparer.Ordinal);
    private long _sequence;

    internal ServerAnswer Answer(ServerRequest request)
    {
        var name = request.Segments.ElementAtOrDefault(3);
        switch (request.Method)
        {
            case "PUT" when name is not null:
                return Put(name, request);
            case "GET" when name is not null:
                return _policies.TryGetValue(name, out var found) ? Show(200, name, found) : ServerAnswer.Error(404, "status_exception", "Policy not found");
            case "GET":
                return ServerAnswer.Json(200, new JsonObject
                {
                    ["policies"] = new JsonArray([.. _policies.Select(static one => Body(one.Key, one.Value))]), ["total_policies"] = _policies.Count,
                });
            case "DELETE" when name is not null:
                return _policies.Remove(name) ? ServerAnswer.Json(200, new JsonObject { ["_id"] = name, ["result"] = "deleted" }) : ServerAnswer.Error(404, "status_exception", "Policy not found");
            default:
                return FakeCluster.WrongMethod(request);
        }
    }

    private ServerAnswer Put(string name, ServerRequest request)
    {
        if (!FakeCluster.TryParse(request.Body, out var body)) return FakeCluster.NotJson;
        if (Refuse(body) is { } reason) return ServerAnswer.Error(400, "illegal_argument_exception", reason);
        var known = _policies.TryGetValue(name, out var old);
        var expected = request.Query.TryGetValue("if_seq_no", out var text) ? long.Parse(text, CultureInfo.InvariantCulture) : (long?)null;
        if (known && expected is null)
            return ServerAnswer.Error(409, "version_conflict_engine_exception", $"[{name}]: version conflict, document already exists (current version [{old.Version}])");
        if (expected is not null && (!known || old.SequenceNumber != expected))
            return ServerAnswer.Error(409, "version_conflict_engine_exception", $"[{name}]: version conflict, required seqNo [{expected}], primary term [1]. current document has seqNo [{old.SequenceNumber}] and primary term [1]");
        var policy = (JsonObject)body["policy"]!.DeepClone();
        _policies[name] = (policy, _sequence++, old.Version + 1);
        return Show(known ? 200 : 201, name, _policies[name]);
    }

    private static string? Refuse(JsonObject body)
    {
        if (body["policy"] is not JsonObject policy) return "Required [policy]";
        if (policy.FirstOrDefault(static one => one.Key is not ("description" or "default_state" or "states" or "ism_template" or "error_notification" or "policy_id" or "schema_version" or "last_updated_time" or "user")).Key is { } unknown)
            return $"Invalid field: [{unknown}] found in Policy.";
        if (policy["states"] is not JsonArray { Count: > 0 } states) return "Policy must contain at least one State";
        var names = states.Select(static state => state?["name"]?.ToString()).ToList();
        if (policy["default_state"]?.ToString() is not { } start) return "default_state is null";
        if (!names.Contains(start)) return $"Policy must have a valid default state [{start}]";
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Count) return "Policy cannot have duplicate state names";
        foreach (var state in states.OfType<JsonObject>())
        {
            if (state.FirstOrDefault(static one => one.Key is not ("name" or "actions" or "transitions")).Key is { } field) return $"Invalid field: [{field}] found in State.";
            foreach (var action in (state["actions"] as JsonArray ?? []).OfType<JsonObject>())
            {
                var (kind, options) = action.FirstOrDefault(static one => !ParametersOfActions.Contains(one.Key));
                if (kind is null || !Actions.Contains(kind)) return $"Invalid field: [{kind}] found in Action.";
                if (options is JsonObject values && Options.TryGetValue(kind, out var known) && values.FirstOrDefault(one => !known.Contains(one.Key)).Key is { } option)
                    return $"Invalid field: [{option}] found in {kind} action.";
            }

            foreach (var transition in (state["transitions"] as JsonArray ?? []).OfType<JsonObject>())
            {
                if (transition.FirstOrDefault(static one => one.Key is not ("state_name" or "conditions")).Key is { } wrong) return $"Invalid field: [{wrong}] found in Transition.";
                if (!names.Contains(transition["state_name"]?.ToString())) return $"Policy contains a transition in state={state["name"]} pointing to a nonexistent state={transition["state_name"]}";
                if (transition["conditions"] is JsonObject conditions && conditions.FirstOrDefault(static one => one.Key is not ("min_index_age" or "min_doc_count" or "min_size" or "cron" or "min_rollover_age")).Key is { } condition)
                    return $"Invalid field: [{condition}] found in Conditions.";
            }
        }

        foreach (var template in (policy["ism_template"] switch { JsonArray array => array, JsonObject one => new JsonArray(one.DeepClone()), _ => [] }).OfType<JsonObject>())
        {
            if (template.FirstOrDefault(static one => one.Key is not ("index_patterns" or "priority" or "last_updated_time")).Key is { } field) return $"Invalid field: [{field}] found in ISMTemplate.";
        }

        return null;
    }

    private static ServerAnswer Show(int status, string name, (JsonObject, long, long) policy) => ServerAnswer.Json(status, Body(name, policy));

    private static JsonObject Body(string name, (JsonObject Policy, long SequenceNumber, long Version) policy)
    {
        var shown = (JsonObject)policy.Policy.DeepClone();
        shown["policy_id"] = name;
        return new JsonObject { ["_id"] = name, ["_version"] = policy.Version, ["_seq_no"] = policy.SequenceNumber, ["_primary_term"] = 1, ["policy"] = shown };
    }
}
