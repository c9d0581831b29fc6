using System.Text;
using System.Text.Json.Nodes;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>An answer as a server gives it.</summary>
/// <param name="Status">Status of HTTP.</param>
/// <param name="ContentType">Null where there is no body.</param>
/// <param name="Body">The body, whole.</param>
/// <param name="Headers">What else is in the head.</param>
internal sealed record ServerAnswer(int Status, string? ContentType, ReadOnlyMemory<byte> Body, params (string Name, string Value)[] Headers)
{
    internal static ServerAnswer Json(int status, ReadOnlyMemory<byte> body) => new(status, "application/json; charset=UTF-8", body);

    internal static ServerAnswer Json(int status, JsonNode body) => Json(status, Encoding.UTF8.GetBytes(body.ToJsonString(ErrorJson.Options)));

    internal static ServerAnswer Acknowledged { get; } = Json(200, """{"acknowledged":true}"""u8.ToArray());

    /// <summary>A refusal in the form that both products use: the error, and again as its own cause.</summary>
    internal static ServerAnswer Error(int status, string type, string reason, params (string Name, JsonNode? Value)[] more) =>
        Json(status, ErrorJson.Whole(status, ErrorJson.Of(type, reason, more)));

    internal string Text => Encoding.UTF8.GetString(Body.Span);
}
