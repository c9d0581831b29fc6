using YamlDotNet.RepresentationModel;

namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>A map of <c>values.yaml</c> that knows which of its keys were asked for.</summary>
/// <param name="path">Where it stands, for messages; empty for the file itself.</param>
/// <param name="node">The map.</param>
internal sealed class ValuesMap(string path, YamlMappingNode node)
{
    private readonly Dictionary<string, YamlNode> entries = node.Children.ToDictionary(entry => KeyOf(path, entry.Key), static entry => entry.Value, StringComparer.Ordinal);
    private readonly HashSet<string> asked = new(StringComparer.Ordinal);

    /// <summary>Where it stands.</summary>
    internal string Path => path;

    /// <summary>Its keys, in order.</summary>
    internal IEnumerable<string> Keys => entries.Keys;

    /// <summary>Where a key of it stands.</summary>
    internal string At(string key) => path.Length == 0 ? key : $"{path}.{key}";

    internal bool Has(string key) => entries.ContainsKey(key);

    /// <summary>The keys that nobody asked for so far.</summary>
    internal IReadOnlyList<string> Rest() => [.. entries.Keys.Where(key => !asked.Contains(key))];

    /// <summary>A single value.</summary>
    internal string Text(string key) => Take(key) is YamlScalarNode { Value: { } text } ? text : throw new ValuesException($"{At(key)} is no single value, expected one");

    /// <summary>A list of single values.</summary>
    internal IReadOnlyList<string> List(string key) =>
        Take(key) is YamlSequenceNode list && list.Children.All(static child => child is YamlScalarNode)
            ? [.. list.Children.Select(static child => ((YamlScalarNode)child).Value ?? "")]
            : throw new ValuesException($"{At(key)} is no list of single values, expected one such as [1, 2]");

    /// <summary>A map.</summary>
    internal ValuesMap Map(string key) => Take(key) is YamlMappingNode map ? new ValuesMap(At(key), map) : throw new ValuesException($"{At(key)} is no map, expected one");

    /// <summary>Refuses keys that nobody asked for.</summary>
    internal void RefuseOthers()
    {
        if (Rest() is [var key, ..]) throw new ValuesException($"{At(key)} is no key, expected one of {string.Join(", ", asked.Order(StringComparer.Ordinal))}");
    }

    private static string KeyOf(string path, YamlNode key) =>
        key is YamlScalarNode { Value: { } text } ? text : throw new ValuesException($"values.yaml:{key.Start.Line}: a key {(path.Length == 0 ? "of the file" : $"of {path}")} is a {(key is YamlMappingNode ? "map" : "list")}, expected a word");

    private YamlNode Take(string key)
    {
        asked.Add(key);
        return entries.TryGetValue(key, out var value) ? value : throw new ValuesException($"{At(key)} is missing");
    }
}
