using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>Requests in an order in which each meets what those before it left, and a server's answers to them as a text that can be compared.</summary>
internal static partial class Exchanges
{
    private static readonly string LongId = new('a', 513);

    /// <summary>Method, path, body, and the type of the body.</summary>
    internal static IReadOnlyList<(string Method, string Path, string? Body, string? ContentType)> All { get; } =
    [
        Get("/"),
        Put("/_component_template/fields", """{"template":{"mappings":{"properties":{"n":{"type":"long"},"k":{"type":"keyword"},"s":{"type":"short"},"d":{"type":"date"},"b":{"type":"boolean"},"o":{"properties":{"x":{"type":"keyword"}}},"strict":{"dynamic":"strict","properties":{"known":{"type":"keyword"}}},"loose":{"type":"object","dynamic":"false"},"c":{"type":"constant_keyword","value":"one"}}}},"_meta":{"version":1}}"""),
        Put("/_component_template/wrong-type", """{"template":{"mappings":{"properties":{"n":{"type":"lunge"}}}}}"""),
        Put("/_component_template/wrong-field", """{"foo":{}}"""),
        Put("/_component_template/wrong-parameter", """{"template":{"mappings":{"properties":{"n":{"type":"keyword","foo":1}}}}}"""),
        Put("/_component_template/wrong-setting", """{"template":{"settings":{"index.foo":1}}}"""),
        Get("/_component_template/fields"),
        Get("/_component_template/nope"),
        Put("/_index_template/logs", """{"index_patterns":["t.*-*"],"priority":510,"composed_of":["fields"],"template":{"aliases":{"t-all":{}},"settings":{"index.number_of_replicas":0}},"_meta":{"version":1}}"""),
        Put("/_index_template/missing", """{"index_patterns":["u.*-*"],"priority":510,"composed_of":["missing"]}"""),
        Put("/_index_template/unknown", """{"index_patterns":["u.*-*"],"foo":1}"""),
        Put("/_index_template/nothing", """{"priority":1}"""),
        Put("/_index_template/clash", """{"index_patterns":["t.*-*"],"priority":510}"""),
        Get("/_index_template/logs"),
        Get("/_index_template/nope"),
        Delete("/_component_template/fields"),
        Bulk("/_bulk", """{"create":{"_index":"t.a-1","_id":"1"}}""", """{"n":1}"""),
        Bulk("/_bulk",
            """{"create":{"_index":"t.a-1","_id":"1"}}""", """{"n":1}""",
            """{"create":{"_index":"t.a-1","_id":"2"}}""", """{"n":"x"}""",
            """{"index":{"_index":"t.a-1","_id":"1"}}""", """{"n":2}""",
            """{"create":{"_index":"t.a-1","_id":"3"}}""", """{"k":{"o":1}}""",
            """{"create":{"_index":"t.a-1","_id":"4"}}""", """{"n":1,""",
            """{"create":{"_index":"T.a-1","_id":"5"}}""", "{}",
            """{"create":{"_index":"t.a-1","_id":"6"}}""", """{"s":70000}""",
            """{"create":{"_index":"t.a-1","_id":"7"}}""", """{"d":"yesterday"}""",
            """{"create":{"_index":"t.a-1","_id":"8"}}""", """{"o":1}""",
            """{"create":{"_index":"t.a-1","_id":"9"}}""", """{"strict":{"other":1}}""",
            """{"create":{"_index":"t.a-1","_id":"10"}}""", """{"b":"perhaps"}""",
            """{"create":{"_index":"t.a-1","_id":"11"}}""", """{"c":"two"}""",
            """{"create":{"_index":"t.a-1","_id":"12"}}""", """{"loose":{"anything":{"goes":1}},"new":"here","n":"17","d":1700000000000,"b":"true","c":"one"}"""),
        Bulk("/t.a-1/_bulk", """{"create":{"_id":"20"}}""", """{"n":1}"""),
        Bulk("/_bulk", """{"create":{"_id":"1"}}""", """{"n":1}"""),
        ("POST", "/_bulk", "{\"create\":{\"_index\":\"t.a-1\",\"_id\":\"9\"}}\n{\"n\":1}", "application/x-ndjson"),
        ("POST", "/_bulk", "", "application/x-ndjson"),
        Bulk("/_bulk", """{"create":{"_index":"t.a-1" """, """{"n":1}"""),
        Bulk("/_bulk", """{"bread":{"_index":"t.a-1"}}""", """{"n":1}"""),
        Bulk("/_bulk", """{"create":{"_index":"t.a-1","_foo":"9"}}""", """{"n":1}"""),
        Bulk("/_bulk", "[1]", """{"n":1}"""),
        Bulk("/_bulk", $$$"""{"create":{"_index":"t.a-1","_id":"{{{LongId}}}"}}""", """{"n":1}""", """{"create":{"_index":"t.a-1","_id":"77"}}""", """{"n":1}"""),
        Bulk("/_bulk?unheard=of", """{"create":{"_index":"t.a-1","_id":"78"}}""", """{"n":1}"""),
        Bulk("/_bulk?filter_path=errors,items.*.status,items.*.error,items.*._id", """{"create":{"_index":"t.a-1","_id":"30"}}""", """{"n":1}""", """{"create":{"_index":"t.a-1","_id":"31"}}""", """{"n":"x"}"""),
        Bulk("/_bulk?filter_path=items.*.error.type", """{"create":{"_index":"t.a-1","_id":"32"}}""", """{"n":1}""", """{"create":{"_index":"t.a-1","_id":"33"}}""", """{"n":"x"}"""),
        ("POST", "/_bulk", "{\"create\":{\"_index\":\"t.a-1\",\"_id\":\"34\"}}\n{\"n\":1}\n", "text/plain"),
        ("POST", "/_bulk", "{\"create\":{\"_index\":\"t.a-1\",\"_id\":\"35\"}}\n{\"n\":1}\n", "application/vnd.elasticsearch+x-ndjson;compatible-with=8"),
        ("PATCH", "/_bulk", null, null),
        Put("/t.a-1/_settings", """{"index.blocks.read_only_allow_delete":true}"""),
        Bulk("/_bulk", """{"create":{"_index":"t.a-1","_id":"40"}}""", """{"n":1}"""),
        Put("/t.a-1/_settings", """{"index.blocks.read_only_allow_delete":null,"index.blocks.write":true}"""),
        Put("/t.a-1/_settings", """{"index.blocks.read_only_allow_delete":null}"""),
        Put("/t.a-1/_settings", """{"index.blocks.write":true}"""),
        Bulk("/_bulk", """{"create":{"_index":"t.a-1","_id":"40"}}""", """{"n":1}"""),
        Put("/t.a-1/_settings", """{"index.blocks.write":null}"""),
        Put("/t.a-1/_settings", """{"index.foo":1}"""),
        Put("/nope/_settings", """{"index.blocks.write":null}"""),
        Put("/_cluster/settings", """{"persistent":{"action.auto_create_index":"false"}}"""),
        Bulk("/_bulk", """{"create":{"_index":"t.b-1","_id":"13"}}""", """{"n":1}"""),
        Put("/_cluster/settings", """{"persistent":{"action.auto_create_index":null}}"""),
        Put("/_cluster/settings", """{"persistent":{"cluster.max_shards_per_node":"1"}}"""),
        Put("/_cluster/settings", """{"persistent":{"cluster.max_shards_per_node":null}}"""),
        Post("/t.a-1/_refresh"),
        Post("/nope/_refresh"),
        Get("/t.a-1/_count"),
        Get("/t-all/_count"),
        Get("/nope/_count"),
        Post("/t-all/_count", """{"query":{"term":{"n":1}}}"""),
        Post("/t-all/_search", """{"query":{"ids":{"values":["1","3"]}}}"""),
        Post("/t-all/_search", """{"query":{"bool":{"filter":[{"term":{"n":17}}]}},"_source":false}"""),
        Post("/t-all/_search", """{"query":{"foo":{}}}"""),
        Get("/nope/_search"),
        Post("/t.a-1/_mget", """{"ids":["1","nope"]}"""),
        Post("/_mget", """{"docs":[{"_index":"t.a-1","_id":"1"},{"_index":"nope","_id":"1"}]}"""),
        Get("/t.a-1/_doc/1"),
        Get("/t.a-1/_doc/nope"),
        Get("/nope/_doc/nope"),
        Get("/_alias/t-all"),
        Get("/_alias/nope"),
        Put("/r.a-000001", """{"aliases":{"r":{"is_write_index":true}},"settings":{"number_of_replicas":0}}"""),
        Put("/r.a-000001"),
        Bulk("/_bulk", """{"create":{"_index":"r","_id":"1"}}""", """{"n":1}"""),
        Post("/r/_rollover"),
        Bulk("/_bulk", """{"create":{"_index":"r","_id":"1"}}""", """{"n":1}""", """{"create":{"_index":"r.a-000001","_id":"1"}}""", """{"n":1}"""),
        Post("/r/_rollover", """{"conditions":{"max_docs":1000}}"""),
        Get("/_alias/r"),
        Post("/nope/_rollover"),
        Post("/_aliases", """{"actions":[{"add":{"index":"t.a-1","alias":"zz"}}]}"""),
        Post("/_aliases", """{"actions":[{"add":{"index":"nope","alias":"zz"}}]}"""),
        Put("/_index_template/streams", """{"index_patterns":["ds.*-*"],"priority":510,"data_stream":{},"template":{"settings":{"number_of_replicas":0}}}"""),
        Bulk("/_bulk", """{"create":{"_index":"ds.a-1","_id":"1"}}""", """{"@timestamp":"2026-11-29T10:00:00Z"}""", """{"index":{"_index":"ds.a-1","_id":"2"}}""", """{"@timestamp":"2026-11-29T10:00:00Z"}"""),
        Post("/ds.a-1/_rollover"),
        Bulk("/_bulk", """{"create":{"_index":"ds.a-1","_id":"1"}}""", """{"@timestamp":"2026-11-29T10:00:00Z"}"""),
        Post("/ds.a-1/_refresh"),
        Get("/ds.a-1/_count"),
        Delete("/_data_stream/ds.a-1"),
        Delete("/t.a-1"),
        Delete("/t.a-1"),
        Delete("/r.a-*"),
        Put("/_ilm/policy/x", "{}"),
        Get("/_plugins/_ism/policies/x"),
        Delete("/_index_template/logs,streams"),
        Delete("/_component_template/fields"),
    ];

    /// <summary>Plays them all to a server.</summary>
    /// <returns>What was asked and answered, one text each; what differs from one server or run to another is masked.</returns>
    internal static async Task<List<string>> PlayAsync(SearchServer server)
    {
        List<string> played = [];
        foreach (var (method, path, body, contentType) in All)
        {
            var text = new StringBuilder();
            text.Append(method).Append(' ').Append(path).Append('\n');
            foreach (var line in (body ?? "").Replace(LongId, "(513 letters)", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries)) text.Append("  ").Append(line).Append('\n');
            var (status, answer, type) = await server.AskTextAsync(method, path, body, contentType);
            text.Append(status).Append(' ').Append(type ?? "(no body)").Append('\n');
            foreach (var line in Show(answer)) text.Append("  ").Append(line).Append('\n');
            played.Add(text.ToString());
        }

        return played;
    }

    private static IEnumerable<string> Show(string answer)
    {
        if (answer is "") return [];
        var node = JsonNode.Parse(answer)!;
        Mask(node);
        // One item a line.
        if (node["items"] is not JsonArray items) return [Plain(node)];
        List<string> lines = [.. items.Select(static item => Plain(item!))];
        node["items"] = new JsonArray();
        return lines.Prepend(Plain(node));
    }

    // Two methods that are allowed come in any order.
    private static string Plain(JsonNode node) => Allowed().Replace(Position().Replace(node.ToJsonString(ErrorJson.Options).Replace(LongId, "(513 letters)", StringComparison.Ordinal), "[1:1]"), "allowed: [*]");

    private static void Mask(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray array:
                foreach (var item in array) Mask(item);
                break;
            case JsonObject members:
                // A parser's own words on where it stopped, and what changes with time and place. Members have no order in JSON.
                foreach (var name in members.Select(static one => one.Key).ToList())
                {
                    if (name is "took" or "index_uuid" or "uuid" or "cluster_uuid" or "build_hash" or "build_date" or "name" or "cluster_name" or "line" or "col" or "_score" or "max_score" or "modified_date" or "lucene_version" or "build_type" && members[name] is JsonValue) members[name] = "*";
                    else Mask(members[name]);
                }

                if (members["caused_by"] is JsonObject cause && cause["type"]?.ToString() is "json_parse_exception" or "illegal_state_exception" or "illegal_argument_exception" or "input_coercion_exception" or "x_content_parse_exception" or "stream_read_exception" or "json_e_o_f_exception") members["caused_by"] = "*";
                if (members["type"]?.ToString() is "json_e_o_f_exception" or "x_content_e_o_f_exception") members["reason"] = "*";
                if (members["reason"] is JsonValue reason && reason.ToString().Contains("already exists", StringComparison.Ordinal)) members["reason"] = Identity().Replace(reason.ToString(), "/*]");
                var sorted = members.OrderBy(static one => one.Key, StringComparer.Ordinal).Select(static one => KeyValuePair.Create(one.Key, one.Value?.DeepClone())).ToList();
                members.Clear();
                foreach (var (name, value) in sorted) members[name] = value;
                break;
        }
    }

    private static (string, string, string?, string?) Get(string path) => ("GET", path, null, null);

    private static (string, string, string?, string?) Delete(string path) => ("DELETE", path, null, null);

    private static (string, string, string?, string?) Put(string path, string? body = null) => ("PUT", path, body, body is null ? null : "application/json");

    private static (string, string, string?, string?) Post(string path, string? body = null) => ("POST", path, body, body is null ? null : "application/json");

    private static (string, string, string?, string?) Bulk(string path, params string[] lines) => ("POST", path, string.Concat(lines.Select(static line => line + "\n")), "application/x-ndjson");

    [GeneratedRegex(@"\[\d+:\d+\]")]
    private static partial Regex Position();

    [GeneratedRegex(@"allowed: \[[A-Z, ]+\]")]
    private static partial Regex Allowed();

    [GeneratedRegex("/[^/\\]]+\\]")]
    private static partial Regex Identity();
}
