using Monitoring.Settings.Loading;
using Monitoring.Settings.Schema;
using Monitoring.Settings.Sources;

namespace Monitoring.Settings.Documents;

/// <summary>Values of settings as documents and reports write them.</summary>
internal static class SettingText
{
    /// <summary>The type in words, for tables.</summary>
    internal static string TypeOf(PropertySchema property) => property.Shape switch
    {
        PropertyShape.List => $"list of {property.Format?.TypeName}",
        PropertyShape.Map => $"map of {property.Format?.TypeName}",
        PropertyShape.SectionList => "list of groups",
        _ => property.Format?.TypeName ?? "group",
    };

    /// <summary>The limits for tables: <c>20ms to 10s</c>; empty without limits.</summary>
    internal static string LimitsOf(PropertySchema property) => (property.Attribute?.Minimum, property.Attribute?.Maximum) switch
    {
        (null, null) => "",
        ({ } low, null) => $"{low} or more",
        (null, { } high) => $"{high} or less",
        ({ } low, { } high) => $"{low} to {high}",
    };

    /// <summary>A value on one line in YAML; null where nothing is set. Secrets and passwords in URLs are masked.</summary>
    internal static string? Yaml(PropertySchema property, object? value) => property.Shape switch
    {
        _ when value is null => null,
        PropertyShape.Scalar => Element(property, value),
        PropertyShape.List => $"[{string.Join(", ", Collection.Items(value).Select(item => Element(property, item)))}]",
        PropertyShape.Map when Collection.Entries(value).Any() =>
            $"{{ {string.Join(", ", Collection.Entries(value).Select(entry => $"{Quoted(entry.Key)}: {Element(property, entry.Value)}"))} }}",
        PropertyShape.Map => "{}",
        _ => Collection.Items(value) is [] ? "[]" : null,
    };

    /// <summary>One value, or one element of a list or map.</summary>
    internal static string Element(PropertySchema property, object value) =>
        property.IsSecret ? $"\"{Shown.Secret}\""
        : property.Format is { } format ? Quoted(format.Redact(format.Write(value)))
        : "";

    /// <summary>Text as it is where YAML would read the same text back, in double quotes elsewhere.</summary>
    private static string Quoted(string text)
    {
        var isPlain = text is not ("" or "null" or "Null" or "NULL")
            && (char.IsAsciiLetterOrDigit(text[0]) || text[0] is '/' or '.' or '_' || (text[0] == '-' && text.Length > 1 && char.IsAsciiDigit(text[1])))
            && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '.' or '_' or '-' or '+' or ':' or '%' or '@')
            && text[^1] != ':';
        return isPlain ? text : $"\"{string.Concat(text.Select(Escaped))}\"";
    }

    private static string Escaped(char letter) => letter switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        _ when !Shown.IsPrintable(letter) => $"\\u{(int)letter:x4}",
        _ => letter.ToString(),
    };
}
