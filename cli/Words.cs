using System.Globalization;
using System.Text.Json;

namespace Monitoring.Cli;

/// <summary>Values of the wire as words.</summary>
internal static class Words
{
    /// <summary>An enum as its JSON has it.</summary>
    internal static string Of<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>A property as a text; empty where it is missing or null.</summary>
    internal static string Text(this JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() ?? "",
        JsonValueKind.Null or JsonValueKind.Undefined => "",
        _ => value.GetRawText(),
    } : "";

    /// <summary>A text without what could move the cursor: it comes from nodes.</summary>
    internal static string Plain(string text) => text.Any(char.IsControl)
        ? string.Concat(text.Select(static letter => char.IsControl(letter) ? ' ' : letter)) : text;

    /// <summary>A time of JSON to the second, in UTC; what is none as it is.</summary>
    internal static string Time(string text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
        ? time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) : text;

    /// <summary>A size as a person reads it.</summary>
    internal static string Bytes(long bytes)
    {
        ReadOnlySpan<string> units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double size = bytes;
        var unit = 0;
        for (; size >= 1024 && unit < units.Length - 1; unit++) size /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{size:0.#} {units[unit]}");
    }
}
