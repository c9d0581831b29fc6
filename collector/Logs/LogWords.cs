using System.Text;
using System.Text.Json;

namespace Monitoring.Collector.Logs;

/// <summary>Looks for words in log lines.</summary>
internal static class LogWords
{
    /// <summary>Whether each word is in what a line says, in any case.</summary>
    public static bool AreIn(ReadOnlyMemory<byte> json, IReadOnlyList<string> words)
    {
        if (words.Count == 0) return true;
        var text = TextOf(json);
        return words.All(word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>What a line says in words: message, logger, exception and labels.</summary>
    private static string TextOf(ReadOnlyMemory<byte> json)
    {
        var text = new StringBuilder();
        try
        {
            using var document = JsonDocument.Parse(json);
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.Name is "message") Add(property.Value);
                else if (property.Name is "log" or "error" or "labels" or "event" && property.Value.ValueKind == JsonValueKind.Object)
                    foreach (var inner in property.Value.EnumerateObject()) Add(inner.Value);
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // A text that is no Unicode; what was read before it counts.
        }

        return text.ToString();

        void Add(JsonElement value)
        {
            if (value.ValueKind is JsonValueKind.String) text.Append(value.GetString()).Append('\n');
            else if (value.ValueKind is JsonValueKind.Number) text.Append(value.GetRawText()).Append('\n');
        }
    }
}
