using System.Text.Json;
using System.Text.Json.Nodes;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>The few queries that tests ask the fake: match_all, ids, term, terms, exists and bool of these.</summary>
internal sealed class FakeSearch(FakeIndices indices, ServerFlavour flavour)
{
    private const int DefaultSize = 10;

    internal ServerAnswer Search(string expression, byte[] body)
    {
        if (!Read(expression, body, ["query", "size", "from", "_source", "track_total_hits"], out var request, out var found, out var refusal)) return refusal!;
        if (!TryMatch(found, request["query"] as JsonObject, out var hits, out refusal)) return refusal!;
        var page = hits.Skip(request["from"]?.GetValue<int>() ?? 0).Take(request["size"]?.GetValue<int>() ?? DefaultSize).Select(hit =>
        {
            var shown = Named(hit.Index.Name, hit.Id);
            shown["_score"] = 1.0;
            if (request["_source"] is not JsonValue source || source.GetValueKind() != JsonValueKind.False) shown["_source"] = JsonNode.Parse(hit.Document.Json);
            return (JsonNode)shown;
        }).ToArray();
        return ServerAnswer.Json(200, new JsonObject
        {
            ["took"] = 1, ["timed_out"] = false, ["_shards"] = Shards(found.Count),
            ["hits"] = new JsonObject { ["total"] = new JsonObject { ["value"] = hits.Count, ["relation"] = "eq" }, ["max_score"] = hits.Count > 0 ? 1.0 : null, ["hits"] = new JsonArray(page) },
        });
    }

    internal ServerAnswer Count(string expression, byte[] body)
    {
        if (!Read(expression, body, ["query"], out var request, out var found, out var refusal)) return refusal!;
        return TryMatch(found, request["query"] as JsonObject, out var hits, out refusal)
            ? ServerAnswer.Json(200, new JsonObject { ["count"] = hits.Count, ["_shards"] = Shards(found.Count) })
            : refusal!;
    }

    internal ServerAnswer GetMany(string? index, byte[] body)
    {
        if (!FakeCluster.TryParse(body, out var request)) return FakeCluster.NotJson;
        var wanted = request["ids"] is JsonArray ids
            ? ids.Select(id => (Index: index, Id: id!.ToString()))
            : (request["docs"] as JsonArray ?? []).Select(one => (Index: one!["_index"]?.ToString() ?? index, Id: one["_id"]!.ToString()));
        return ServerAnswer.Json(200, new JsonObject { ["docs"] = new JsonArray([.. wanted.Select(one => Get(one.Index ?? "", one.Id).Body)]) });
    }

    internal ServerAnswer GetOne(string index, string id)
    {
        var (status, body) = Get(index, id);
        return ServerAnswer.Json(status, body["error"] is JsonObject error ? new JsonObject { ["error"] = error.DeepClone(), ["status"] = 404 } : body);
    }

    private (int Status, JsonObject Body) Get(string expression, string id)
    {
        var (found, missing) = indices.Find(expression);
        var shown = Named(expression, id);
        if (missing is not null)
        {
            shown["error"] = ErrorJson.Whole(404, ErrorJson.NoSuchIndex(missing, isExpression: true))["error"]!.DeepClone();
            return (404, shown);
        }

        if (found.Select(index => (index, Document: index.Documents.GetValueOrDefault(id))).FirstOrDefault(static one => one.Document is not null) is not { Document: { } document, index: var holder })
        {
            shown["found"] = false;
            return (404, shown);
        }

        shown["_index"] = holder.Name;
        shown["_version"] = document.Version;
        shown["_seq_no"] = document.SequenceNumber;
        shown["_primary_term"] = 1;
        shown["found"] = true;
        shown["_source"] = JsonNode.Parse(document.Json);
        return (200, shown);
    }

    private bool Read(string expression, byte[] body, string[] allowed, out JsonObject request, out List<FakeIndex> found, out ServerAnswer? refusal)
    {
        request = [];
        refusal = null;
        (found, var missing) = indices.Find(expression);
        if (body.Length > 0 && !FakeCluster.TryParse(body, out request)) refusal = FakeCluster.NotJson;
        else if (request.Select(static one => one.Key).FirstOrDefault(name => !allowed.Contains(name)) is { } unknown) refusal = ServerAnswer.Error(400, "parsing_exception", $"Unknown key for a START_OBJECT in [{unknown}].", ("line", 1), ("col", 2));
        else if (missing is not null) refusal = ServerAnswer.Json(404, ErrorJson.Whole(404, ErrorJson.NoSuchIndex(missing)));
        return refusal is null;
    }

    private static bool TryMatch(List<FakeIndex> found, JsonObject? query, out List<(FakeIndex Index, string Id, FakeDocument Document)> hits, out ServerAnswer? refusal)
    {
        hits = [];
        refusal = null;
        var all = found.SelectMany(static index => index.Documents.Select(one => (index, one.Key, one.Value)));
        try
        {
            hits = query is null ? [.. all] : [.. all.Where(one => Matches(query, one.Key, one.Value.Json))];
            // Also where there is nothing to match, a query is read.
            if (query is not null) Matches(query, "", "{}"u8.ToArray());
        }
        catch (NotSupportedException unknown)
        {
            refusal = ServerAnswer.Json(400, ErrorJson.Whole(400, UnknownQuery(unknown.Message)));
        }

        return refusal is null;
    }

    private static JsonObject UnknownQuery(string name)
    {
        var error = ErrorJson.Of("parsing_exception", $"unknown query [{name}]", ("line", 1), ("col", 17));
        error["caused_by"] = ErrorJson.Of("named_object_not_found_exception", $"[1:17] unknown field [{name}]");
        return error;
    }

    private static bool Matches(JsonObject query, string id, byte[] json)
    {
        var (kind, body) = query.First();
        switch (kind)
        {
            case "match_all":
                return true;
            case "ids":
                return body!["values"]!.AsArray().Any(value => value!.ToString() == id);
            case "bool":
                return Clauses(body, "filter").Concat(Clauses(body, "must")).All(clause => Matches(clause, id, json)) && !Clauses(body, "must_not").Any(clause => Matches(clause, id, json));
            case "exists":
                return Values(json, body!["field"]!.ToString()).Count > 0;
            case "term":
                var (field, value) = ((JsonObject)body!).First();
                var text = (value is JsonObject inner ? inner["value"] : value)!.ToString();
                return Values(json, field).Contains(text);
            case "terms":
                var (fields, values) = ((JsonObject)body!).First();
                return Values(json, fields).Intersect(values!.AsArray().Select(static one => one!.ToString())).Any();
            default:
                throw new NotSupportedException(kind);
        }
    }

    private static IEnumerable<JsonObject> Clauses(JsonNode? body, string kind) => body?[kind] switch
    {
        JsonArray array => array.OfType<JsonObject>(),
        JsonObject one => [one],
        _ => [],
    };

    private static List<string> Values(byte[] json, string field)
    {
        using var document = JsonDocument.Parse(json);
        List<string> values = [];
        Walk(document.RootElement, field);
        return values;

        void Walk(JsonElement element, string rest)
        {
            if (element.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in element.EnumerateArray()) Walk(item, rest);
            }
            else if (rest is "")
            {
                if (element.ValueKind is not (JsonValueKind.Null or JsonValueKind.Object)) values.Add(element.ValueKind is JsonValueKind.True ? "true" : element.ValueKind is JsonValueKind.False ? "false" : element.ToString());
            }
            else if (element.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in element.EnumerateObject())
                {
                    if (member.Name == rest) Walk(member.Value, "");
                    else if (rest.StartsWith(member.Name + ".", StringComparison.Ordinal)) Walk(member.Value, rest[(member.Name.Length + 1)..]);
                }
            }
        }
    }

    private JsonObject Named(string index, string id)
    {
        var shown = new JsonObject { ["_index"] = index };
        if (flavour.ShowsTypes) shown["_type"] = "_doc";
        shown["_id"] = id;
        return shown;
    }

    private static JsonObject Shards(int count) => new() { ["total"] = count, ["successful"] = count, ["skipped"] = 0, ["failed"] = 0 };
}
