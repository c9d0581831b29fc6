using Monitoring.Settings.Schema;
using Monitoring.Settings.Sources;

namespace Monitoring.Settings.Loading;

/// <summary>Turns what a source says into a property's value; null where anything about it is wrong, which is then noted.</summary>
internal sealed class ValueReader(List<SettingError> errors)
{
    /// <summary>One value; for lists and maps, of their elements.</summary>
    internal object? Scalar(PropertySchema property, string key, ScalarNode node)
    {
        if (node.Text is not null && property.Format is { } format && format.TryParse(node.Text, out var value) && property.IsWithinLimits(value))
            return value;
        errors.Add(Expectation.WrongValue(property, key, node));
        return null;
    }

    /// <summary>A list of values.</summary>
    internal object? List(PropertySchema property, string key, ListNode list)
    {
        var values = list.Items.Select((item, index) => Element(property, $"{key}.{index}", item)).ToArray();
        return values.OfType<object>().ToArray() is var whole && whole.Length == values.Length ? Collection.Of(property, whole) : null;
    }

    /// <summary>A map of values.</summary>
    internal object? Map(PropertySchema property, string key, IReadOnlyList<MapEntry> entries)
    {
        var map = Collection.EmptyMap(property);
        foreach (var entry in entries)
            if (Element(property, $"{key}.{entry.Key}", entry.Value) is { } value)
                map[entry.Key] = value;
        return map.Count == entries.Count ? map : null;
    }

    private object? Element(PropertySchema property, string key, SourceNode node)
    {
        if (node is ScalarNode { Text: not null } scalar)
            return Scalar(property, key, scalar);
        errors.Add(Expectation.NoScalar(property, key, node));
        return null;
    }
}
