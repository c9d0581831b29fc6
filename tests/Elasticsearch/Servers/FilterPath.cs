using System.Buffers;
using System.Text.Json;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>The parameter <c>filter_path</c>: only what a pattern reaches stays, and what is left empty goes too.</summary>
internal static class FilterPath
{
    internal static ServerAnswer Apply(ServerAnswer answer, ServerRequest request)
    {
        if (answer.ContentType is null || !request.Query.TryGetValue("filter_path", out var text) || text is "") return answer;
        var patterns = text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static pattern => pattern.Split('.')).ToList();
        using var document = JsonDocument.Parse(answer.Body);
        var buffer = new ArrayBufferWriter<byte>(answer.Body.Length);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = ErrorJson.Options.Encoder }))
        {
            if (Reaches(document.RootElement, patterns)) Write(writer, document.RootElement, patterns);
            else writer.WriteRawValue("{}");
        }

        return answer with { Body = buffer.WrittenMemory };
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element, List<string[]> patterns)
    {
        if (patterns.Any(static pattern => pattern.Length == 0))
        {
            element.WriteTo(writer);
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            writer.WriteStartArray();
            foreach (var item in element.EnumerateArray())
            {
                if (Reaches(item, patterns)) Write(writer, item, patterns);
            }

            writer.WriteEndArray();
        }
        else
        {
            writer.WriteStartObject();
            foreach (var member in element.EnumerateObject())
            {
                var rest = Rest(patterns, member.Name);
                if (rest.Count == 0 || !Reaches(member.Value, rest)) continue;
                writer.WritePropertyName(member.Name);
                Write(writer, member.Value, rest);
            }

            writer.WriteEndObject();
        }
    }

    private static bool Reaches(JsonElement element, List<string[]> patterns) =>
        patterns.Any(static pattern => pattern.Length == 0)
        || element.ValueKind switch
        {
            JsonValueKind.Array => element.EnumerateArray().Any(item => Reaches(item, patterns)),
            JsonValueKind.Object => element.EnumerateObject().Any(member => Rest(patterns, member.Name) is { Count: > 0 } rest && Reaches(member.Value, rest)),
            _ => false,
        };

    private static List<string[]> Rest(List<string[]> patterns, string name) =>
        [.. patterns.Where(pattern => pattern[0] == "*" || pattern[0] == name).Select(static pattern => pattern[1..])];
}
