using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Monitoring.Collector.Logs;
using Monitoring.Settings.Logs;

namespace Monitoring.Collector.Ingest;

/// <summary>What is asked of a log line by queries, as its document says it.</summary>
/// <param name="Time">The field <c>@timestamp</c>, in UTC.</param>
/// <param name="Node">The field <c>host.name</c>; empty for none.</param>
/// <param name="Level">The field <c>log.level</c>; information where it says nothing that is known.</param>
internal readonly record struct LogDocument(DateTimeOffset Time, string Node, LogThreshold Level)
{
    /// <summary>Reads all of a document, so that what is no JSON is kept out.</summary>
    /// <param name="json">The document.</param>
    /// <param name="document">What it says.</param>
    /// <param name="wrong">What is wrong with it.</param>
    public static bool TryRead(ReadOnlySpan<byte> json, out LogDocument document, out string wrong)
    {
        document = default;
        wrong = "the document is not UTF-8: encode it so";
        if (!Utf8.IsValid(json)) return false;
        string? time = null, node = null, level = null;
        try
        {
            var reader = new Utf8JsonReader(json);
            wrong = "the document is no JSON object";
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("@timestamp"u8)) time = TextOf(ref reader);
                else if (reader.ValueTextEquals("host.name"u8)) node = TextOf(ref reader);
                else if (reader.ValueTextEquals("log.level"u8)) level = TextOf(ref reader);
                else if (reader.ValueTextEquals("host"u8)) node = InnerText(ref reader, "name"u8) ?? node;
                else if (reader.ValueTextEquals("log"u8)) level = InnerText(ref reader, "level"u8) ?? level;
                else reader.Skip();
            }

            // Whatever stands behind the object throws.
            reader.Read();
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            wrong = $"the document is no JSON object: {fault.Message}";
            return false;
        }

        wrong = $"@timestamp is '{time}', expected a time of RFC 3339, such as 2026-01-31T12:00:00.000Z";
        if (time is not { Length: >= 20 } || time[4] != '-' || time[10] is not ('T' or 't')
            || !DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var written)) return false;
        wrong = $"host.name has {node?.Length} characters, expected a name of at most {LogLine.MostNameBytes} bytes";
        if (node is not null && Encoding.UTF8.GetByteCount(node) > LogLine.MostNameBytes) return false;
        document = new LogDocument(written, node ?? "", LogLevelWords.Read(level ?? "") ?? LogThreshold.Information);
        return true;
    }

    /// <summary>The text behind a name; null for another value.</summary>
    private static string? TextOf(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.GetString();
        reader.Skip();
        return null;
    }

    /// <summary>The text of a property of the object behind a name; null for none.</summary>
    private static string? InnerText(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        string? text = null;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(name)) text = TextOf(ref reader);
            else reader.Skip();
        }

        return text;
    }
}
