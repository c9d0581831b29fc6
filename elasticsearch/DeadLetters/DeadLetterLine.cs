using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Elasticsearch.DeadLetters;

/// <summary>
/// A dead letter as a line: <c>error</c> (type, reason), <c>status</c>, <c>first_seen</c>, <c>attempts</c>, <c>target</c> (index, id) and the document
/// as <c>source</c>; one that is no JSON on one line stands as <c>source_base64</c>, so that nothing of it is lost.
/// </summary>
internal static class DeadLetterLine
{
    /// <summary>Documents may be nested deeply; this is more than the servers take.</summary>
    private const int DeepestNesting = 512;

    /// <summary>Writes the line with its end.</summary>
    internal static void Write(IBufferWriter<byte> target, DeadLetter letter)
    {
        using (var writer = new Utf8JsonWriter(target))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("error"u8);
            writer.WriteString("type"u8, Whole(letter.Error.Type));
            writer.WriteString("reason"u8, Whole(letter.Error.Reason));
            writer.WriteEndObject();
            if (letter.Status is { } status) writer.WriteNumber("status"u8, status);
            else writer.WriteNull("status"u8);
            writer.WriteString("first_seen"u8, letter.FirstSeen.UtcDateTime);
            writer.WriteNumber("attempts"u8, letter.Attempts);
            writer.WriteStartObject("target"u8);
            writer.WriteString("index"u8, Whole(letter.Document.Index));
            writer.WriteString("id"u8, Whole(letter.Document.Id));
            writer.WriteEndObject();
            if (IsObjectOnOneLine(letter.Document.Json.Span))
            {
                writer.WritePropertyName("source"u8);
                writer.WriteRawValue(letter.Document.Json.Span, skipInputValidation: true);
            }
            else
            {
                writer.WriteBase64String("source_base64"u8, letter.Document.Json.Span);
            }
            writer.WriteEndObject();
        }
        target.Write("\n"u8);
    }

    /// <summary>Reads a line without its end; null for what is no dead letter.</summary>
    /// <param name="line">The line.</param>
    /// <param name="place">The place that its document gets.</param>
    internal static DeadLetter? Read(ReadOnlyMemory<byte> line, ulong place)
    {
        try
        {
            using var json = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = DeepestNesting });
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("target", out var target)) return null;
            var source = root.TryGetProperty("source", out var raw) ? JsonBytes(raw) : root.GetProperty("source_base64").GetBytesFromBase64();
            var error = root.TryGetProperty("error", out var told) ? ServerError.Read(told, 0) : null;
            return new DeadLetter(
                new SourceDocument(place, target.GetProperty("index").GetString() ?? "", target.GetProperty("id").GetString() ?? "", source),
                root.TryGetProperty("status", out var status) && status.ValueKind == JsonValueKind.Number ? status.GetInt32() : null,
                error ?? new ServerError("error", ""),
                root.TryGetProperty("first_seen", out var seen) && seen.TryGetDateTimeOffset(out var at) ? at : default,
                root.TryGetProperty("attempts", out var attempts) && attempts.TryGetInt32(out var count) ? count : 0);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static byte[] JsonBytes(JsonElement element) => JsonMarshal.GetRawUtf8Value(element).ToArray();

    /// <summary>The text, with what is no text replaced: half a surrogate pair can be in a name that was never sent for that reason.</summary>
    private static string Whole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static bool IsObjectOnOneLine(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty || json[0] != (byte)'{' || json.ContainsAny((byte)'\n', (byte)'\r') || !Utf8.IsValid(json)) return false;
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DeepestNesting / 2 });
            while (reader.Read())
            {
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
