using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Monitoring.Collector.Search.Documents;

namespace Monitoring.Collector.Search.Bootstrap;

/// <summary>What a part of the bootstrap is; decides where it says which version it has.</summary>
internal enum ServerPartKind
{
    ComponentTemplate,
    IndexTemplate,
    IlmPolicy,
    IsmPolicy,
}

/// <summary>Something that is to be in place at the server: a template or a policy, with the version of who made it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">Where it is put and asked for.</param>
/// <param name="Body">What is put there.</param>
/// <param name="Stream">The stream whose indices it is for; null for all.</param>
internal sealed record ServerPart(ServerPartKind Kind, string Path, JsonObject Body, SearchStream? Stream)
{
    /// <summary>Rises when a newer version of the collector makes other templates or policies; a newer one at the server is left alone.</summary>
    public const int Version = 1;

    /// <summary>Who makes them, in their <c>_meta</c>.</summary>
    public const string Maker = "gpu-collector";

    // Read by people in consoles as well.
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Makes a part; version and digest of its content go into its <c>_meta</c>, or its description where the server knows no other place.</summary>
    public static ServerPart Make(ServerPartKind kind, string path, JsonObject body, SearchStream? stream)
    {
        var mark = new PartMark(Version, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body.ToJsonString())).AsSpan(0, 8)));
        if (kind is ServerPartKind.IlmPolicy or ServerPartKind.IsmPolicy)
        {
            var policy = body["policy"] as JsonObject ?? throw new ArgumentException("A policy has a policy.", nameof(body));
            if (kind == ServerPartKind.IlmPolicy) policy["_meta"] = mark.ToJson();
            else policy["description"] = mark.ToText();
        }
        else
        {
            body["version"] = Version;
            body["_meta"] = mark.ToJson();
        }
        return new ServerPart(kind, path, body, stream);
    }

    /// <summary>The version and digest in the body.</summary>
    public PartMark Mark => Kind switch
    {
        ServerPartKind.IlmPolicy => PartMark.Of(Body["policy"]?["_meta"]),
        ServerPartKind.IsmPolicy => PartMark.Parse(Body["policy"]?["description"]),
        _ => PartMark.Of(Body["_meta"]),
    } ?? throw new InvalidOperationException("A part without a mark.");

    /// <summary>The body in one line of UTF-8.</summary>
    public byte[] ToJson() => Encoding.UTF8.GetBytes(Body.ToJsonString());

    /// <summary>The request as consoles of Kibana and OpenSearch Dashboards take it.</summary>
    public string ToConsole() => $"PUT /{Path}\n{Body.ToJsonString(Readable)}\n";

    /// <summary>What the server says of it in its answer to a GET; null where nobody of ours made it.</summary>
    public PartMark? InstalledMark(JsonElement answer) => Kind switch
    {
        ServerPartKind.ComponentTemplate => PartMark.Of(Node(answer, "component_templates", 0, "component_template", "_meta")),
        ServerPartKind.IndexTemplate => PartMark.Of(Node(answer, "index_templates", 0, "index_template", "_meta")),
        ServerPartKind.IlmPolicy => PartMark.Of(Node(answer, Path[(Path.LastIndexOf('/') + 1)..], "policy", "_meta")),
        _ => PartMark.Parse(Node(answer, "policy", "description")),
    };

    private static JsonNode? Node(JsonElement answer, params ReadOnlySpan<object> path)
    {
        JsonNode? at = answer.ValueKind == JsonValueKind.Object ? JsonObject.Create(answer) : null;
        foreach (var step in path)
        {
            at = (at, step) switch
            {
                (JsonObject members, string name) => members[name],
                (JsonArray list, int index) when index < list.Count => list[index],
                _ => null,
            };
        }
        return at;
    }
}
