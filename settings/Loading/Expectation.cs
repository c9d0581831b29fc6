using Monitoring.Settings.Schema;
using Monitoring.Settings.Sources;

namespace Monitoring.Settings.Loading;

/// <summary>Errors about values: what was found and what the setting takes.</summary>
internal static class Expectation
{
    /// <summary>A value of the right shape that cannot be read or is out of range.</summary>
    internal static SettingError WrongValue(PropertySchema property, string key, ScalarNode node) =>
        new(node.Origin, Shown.Text(key), Value(property, node.Text ?? ""), Scalar(property));

    /// <summary>A list or a section in place of a value, or nothing at all.</summary>
    internal static SettingError NoScalar(PropertySchema property, string key, SourceNode node) => Wrong(key, node, Scalar(property));

    /// <summary>Something else in place of the section in a list.</summary>
    internal static SettingError NoSection(PropertySchema property, string key, SourceNode node) => Wrong(key, node, Keys(property, key));

    /// <summary>A list, a section or a value where the setting is laid out otherwise.</summary>
    internal static SettingError WrongShape(PropertySchema property, string key, SourceNode node)
    {
        var expected = property.Shape switch
        {
            PropertyShape.Scalar => Scalar(property),
            PropertyShape.List => $"a list, one '- value' per line, each {Scalar(property)}",
            PropertyShape.Map => $"names with values, 'name: value' in the file and name=value,name=value elsewhere, each value {Scalar(property)}",
            PropertyShape.Section => Keys(property, key),
            _ => $"a list, each element of it {Keys(property, $"{key}.0")}",
        };
        return node is ScalarNode { Text: { } text } && property.Format is not null
            ? new SettingError(node.Origin, key, Value(property, text), expected)
            : Wrong(key, node, expected);
    }

    /// <summary>What one value of the setting may be: type, limits, an example.</summary>
    internal static string Scalar(PropertySchema property) =>
        property.Format?.Description + property.Limits + (property.Format?.Example is { } example ? $", such as {Example(property, example)}" : "");

    /// <summary>A value as errors may show it.</summary>
    internal static string Value(PropertySchema property, string text) =>
        property.IsSecret ? Shown.Secret : Shown.Text(property.Format?.Redact(text) ?? text);

    private static string Keys(PropertySchema property, string key) => $"a group of keys, such as {key}.{property.Section.Properties[0].Name}";

    /// <summary>A limit is an example that is allowed; the format's own might not be.</summary>
    private static string Example(PropertySchema property, string example) => property.Attribute?.Minimum ?? property.Attribute?.Maximum ?? example;

    private static SettingError Wrong(string key, SourceNode node, string expected) => new(node.Origin, Shown.Text(key), null, node switch
    {
        ListNode => $"is a list, expected {expected}",
        MapNode => $"is a group of keys, expected {expected}",
        ScalarNode { Text: null } => $"has no value, expected {expected}; remove the key to keep the default",
        _ => $"is a single value, expected {expected}",
    });
}
