using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OpenTelemetry.Exporter.Prometheus.Writing;

/// <summary>Label values and help as the exposition formats escape them.</summary>
internal static class LabelText
{
    private static readonly SearchValues<char> LabelEscapes = SearchValues.Create("\\\"\n");
    private static readonly SearchValues<char> HelpEscapes = SearchValues.Create("\\\n");

    // Deeper nesting than any attribute has; guards against a list that holds itself.
    private const int DeepestList = 4;

    /// <summary>A tag's value as text; lists as JSON, as the OpenTelemetry specification has them.</summary>
    internal static string ToText(object? value, int depth = 0) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable list when depth < DeepestList => $"[{string.Join(',', list.Cast<object?>().Select(item => ToJson(item, depth + 1)))}]",
        _ => value.ToString() ?? "",
    };

    private static string ToJson(object? value, int depth) => value switch
    {
        null => "null",
        string text => $"\"{JsonEncodedText.Encode(text)}\"",
        _ => ToText(value, depth),
    };

    internal static string EscapeLabelValue(string value)
        => value.AsSpan().ContainsAny(LabelEscapes) ? Escape(value, quotes: true) : value;

    /// <summary>In the text format a quote in a help text stands for itself; OpenMetrics wants it escaped.</summary>
    internal static string EscapeHelp(string help, bool openMetrics)
        => help.AsSpan().ContainsAny(openMetrics ? LabelEscapes : HelpEscapes) ? Escape(help, openMetrics) : help;

    private static string Escape(string text, bool quotes)
    {
        StringBuilder escaped = new(text.Length + 8);
        foreach (char character in text)
        {
            _ = character switch
            {
                '\\' => escaped.Append(@"\\"),
                '\n' => escaped.Append(@"\n"),
                '"' when quotes => escaped.Append("\\\""),
                _ => escaped.Append(character),
            };
        }
        return escaped.ToString();
    }
}
