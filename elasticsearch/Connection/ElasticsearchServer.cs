using System.Text.Json;

namespace Monitoring.Elasticsearch.Connection;

/// <summary>What answers at the configured addresses, as <c>GET /</c> says.</summary>
/// <param name="IsOpenSearch">True for OpenSearch, false for Elasticsearch; they differ in templates and life cycles, not in <c>_bulk</c>.</param>
/// <param name="Version">The version as it is written: <c>8.17.0</c>.</param>
/// <param name="Major">Its first number.</param>
/// <param name="Minor">Its second number.</param>
/// <param name="ClusterName">Name of the cluster.</param>
/// <param name="ClusterId">Its UUID; empty before the cluster has formed.</param>
public sealed record ElasticsearchServer(bool IsOpenSearch, string Version, int Major, int Minor, string ClusterName, string ClusterId)
{
    /// <summary>True for what this is tested with: Elasticsearch from 7.17 on and OpenSearch from 1.0 on.</summary>
    public bool IsSupported => IsOpenSearch ? Major >= 1 : Major > 7 || (Major == 7 && Minor >= 17);

    /// <summary>Name and version, for a person.</summary>
    public override string ToString() => $"{(IsOpenSearch ? "OpenSearch" : "Elasticsearch")} {Version}, cluster {ClusterName}";

    /// <summary>Reads the answer to <c>GET /</c>; null for what is neither.</summary>
    internal static ElasticsearchServer? Read(ElasticsearchReply reply)
    {
        using var json = reply.ReadJson();
        if (!reply.IsSuccess || json is not { RootElement: { ValueKind: JsonValueKind.Object } root }) return null;
        if (!root.TryGetProperty("version", out var version) || version.ValueKind != JsonValueKind.Object || Text(version, "number") is not { Length: > 0 } number) return null;
        var parts = number.Split('.');
        if (!int.TryParse(parts[0], out var major)) return null;
        return new ElasticsearchServer(
            Text(version, "distribution") == "opensearch", number, major, parts.Length > 1 && int.TryParse(parts[1], out var minor) ? minor : 0,
            Text(root, "cluster_name"), Text(root, "cluster_uuid") is var id && id == "_na_" ? "" : id);
    }

    private static string Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
}
