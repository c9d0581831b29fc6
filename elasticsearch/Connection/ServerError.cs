using System.Text.Json;

namespace Monitoring.Elasticsearch.Connection;

/// <summary>An error as Elasticsearch and OpenSearch tell it.</summary>
/// <param name="Type">Its type: <c>mapper_parsing_exception</c>.</param>
/// <param name="Reason">Its reason with those of its causes.</param>
internal sealed record ServerError(string Type, string Reason)
{
    /// <summary>The type of the error of a full disk, and of an index or a cluster that is closed to writing; with 403 or 429.</summary>
    private const string ClusterBlock = "cluster_block_exception";

    /// <summary>Reasons quote what was sent; more than this of one tells nobody more.</summary>
    private const int ReasonCharacters = 2000;

    /// <summary>True for a full disk, and for what is closed to writing.</summary>
    internal bool IsClusterBlock => Type == ClusterBlock;

    /// <summary>Type and reason.</summary>
    public override string ToString() => Reason.Length == 0 ? Type : $"{Type}: {Reason}";

    /// <summary>Reads an <c>error</c>: an object, or as very old servers and proxies say it, a text.</summary>
    internal static ServerError? Read(JsonElement error, int causes)
    {
        if (error.ValueKind == JsonValueKind.String) return new ServerError("error", Cut(error.GetString() ?? ""));
        if (error.ValueKind != JsonValueKind.Object) return null;
        var reason = Text(error, "reason");
        if (causes > 0 && error.TryGetProperty("caused_by", out var cause) && Read(cause, causes - 1) is { } inner)
            reason = reason.Length == 0 ? inner.ToString() : $"{reason}; caused by {inner}";
        return new ServerError(Text(error, "type") is { Length: > 0 } type ? type : "error", Cut(reason));
    }

    private static string Cut(string reason) => reason.Length > ReasonCharacters ? reason[..ReasonCharacters] : reason;

    private static string Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
}
