using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Monitoring.Elasticsearch.Connection;

/// <summary>Errors of servers and proxies as one line for a person.</summary>
internal static class ErrorWords
{
    /// <summary>What is shown of a body that is no JSON.</summary>
    private const int ShownCharacters = 200;

    /// <summary>Errors are nested by their causes; the innermost of those that are read says most.</summary>
    private const int CausesAtMost = 8;

    /// <summary>The status with type and reason of the error, or with the beginning of what came instead.</summary>
    internal static string Of(int status, ReadOnlySpan<byte> body)
    {
        var said = string.Create(CultureInfo.InvariantCulture, $"HTTP {status}");
        if (body.IsEmpty) return said;
        return ReadError(body) is { } error ? $"{said} {error}" : $"{said} with '{Shown(body)}'";
    }

    /// <summary>Type and reason of the error of a whole request; null where the body is no error of Elasticsearch.</summary>
    internal static ServerError? ReadError(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            if (!JsonElement.TryParseValue(ref reader, out var parsed) || parsed is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("error", out var error)) return null;
            return ServerError.Read(error, CausesAtMost);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The beginning of a text of unknown origin, on one line.</summary>
    internal static string Shown(ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body[..Math.Min(body.Length, ShownCharacters)]);
        return string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) + (body.Length > ShownCharacters ? " ..." : "");
    }
}
