using System.Text.Json;

namespace Monitoring.Collector.Search.Sources;

/// <summary>Puts the collector's namespace in place of the sender's, who does not know it; an index of the collector's takes no other.</summary>
internal static class LineNamespace
{
    /// <summary>The document with a namespace where it names one.</summary>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> json, string name)
    {
        if (Find(json.Span) is not var (start, end) || json.Span[start..end].SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(name))) return json;
        return (byte[])[.. json.Span[..start], .. JsonSerializer.SerializeToUtf8Bytes(name), .. json.Span[end..]];
    }

    /// <summary>Where the value of <c>data_stream.namespace</c> stands, its quotes included; null for nowhere.</summary>
    private static (int Start, int End)? Find(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isFlat = reader.ValueTextEquals("data_stream.namespace"u8);
            var isStream = reader.ValueTextEquals("data_stream"u8);
            reader.Read();
            if (isFlat && reader.TokenType == JsonTokenType.String) return Place(reader);
            if (!isStream || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isNamespace = reader.ValueTextEquals("namespace"u8);
                reader.Read();
                if (isNamespace && reader.TokenType == JsonTokenType.String) return Place(reader);
                reader.Skip();
            }
        }

        return null;
    }

    private static (int Start, int End) Place(in Utf8JsonReader reader) => ((int)reader.TokenStartIndex, (int)reader.BytesConsumed);
}
