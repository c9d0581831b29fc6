using System.Collections;
using Monitoring.Settings.Schema;

namespace Monitoring.Settings.Loading;

/// <summary>Lists and maps of the types that properties declare.</summary>
internal static class Collection
{
    /// <summary>The values as the property's own list type: a <see cref="List{T}"/> where it asks for one, else an array, which every list interface accepts.</summary>
    internal static object Of(PropertySchema property, IReadOnlyList<object> values)
    {
        var array = Array.CreateInstance(property.ElementType, values.Count);
        for (var index = 0; index < values.Count; index++)
            array.SetValue(values[index], index);
        return property.Property.PropertyType.IsInstanceOfType(array)
            ? array
            : Activator.CreateInstance(typeof(List<>).MakeGenericType(property.ElementType), array) ?? array;
    }

    /// <summary>An empty map with the property's type of values.</summary>
    internal static IDictionary EmptyMap(PropertySchema property) =>
        (IDictionary)(Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), property.ElementType))
            ?? throw new InvalidOperationException($"No map of {property.ElementType}."));

    /// <summary>A copy of a map with one value set; the original may be a default that is shared.</summary>
    internal static IDictionary With(PropertySchema property, object? map, string name, object value)
    {
        var copy = EmptyMap(property);
        foreach (var (key, existing) in Entries(map))
            copy[key] = existing;
        copy[name] = value;
        return copy;
    }

    /// <summary>The values of a list in order; empty for null.</summary>
    internal static object[] Items(object? list) => list is IEnumerable values ? [.. values.Cast<object>()] : [];

    /// <summary>The entries of a map, sorted by key, so that reports do not depend on hashing.</summary>
    internal static IEnumerable<(string Key, object Value)> Entries(object? map) =>
        map is not IEnumerable pairs ? [] : pairs.Cast<object>().Select(Pair).OrderBy(static pair => pair.Key, StringComparer.Ordinal);

    private static (string Key, object Value) Pair(object pair)
    {
        var type = pair.GetType();
        return ((string)(type.GetProperty("Key")?.GetValue(pair) ?? ""), type.GetProperty("Value")?.GetValue(pair) ?? "");
    }
}
