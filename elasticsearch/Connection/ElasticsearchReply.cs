using System.Text.Json;

namespace Monitoring.Elasticsearch.Connection;

/// <summary>What a server answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body, decompressed; empty where there was none.</param>
/// <param name="Node">The address that answered.</param>
/// <param name="RetryAfter">How long it asks to be left alone; null where it does not say.</param>
public sealed record ElasticsearchReply(int Status, ReadOnlyMemory<byte> Body, Uri Node, TimeSpan? RetryAfter = null)
{
    /// <summary>True for a status of 2xx.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>True where what was asked for meets a full disk, or an index or a cluster that is closed to writing.</summary>
    public bool IsClusterBlock => ErrorWords.ReadError(Body.Span) is { IsClusterBlock: true };

    /// <summary>The body as JSON; null where it is none, as the page of a proxy.</summary>
    public JsonDocument? ReadJson()
    {
        try
        {
            return Body.IsEmpty ? null : JsonDocument.Parse(Body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The answer in words, for a person: status, type and reason of the error, or the beginning of what came instead.</summary>
    public string Describe() => ErrorWords.Of(Status, Body.Span);
}
