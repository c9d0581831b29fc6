using System.Globalization;
using Monitoring.Settings.Values;

namespace Monitoring.Agent.Detection.Rules.Files;

/// <summary>Reads the keys of one map, each at most once, and says what is wrong with them; a key that nobody asked for is unknown.</summary>
internal sealed class MapReader
{
    private const int MaximumText = 1000;
    private const int MaximumItems = 200;

    private readonly Dictionary<string, YamlEntry> entries = new(StringComparer.Ordinal);
    private readonly List<string> asked = [];
    private readonly RuleMistakes mistakes;

    internal MapReader(YamlMap map, string path, RuleMistakes mistakes)
    {
        Map = map;
        Path = path;
        this.mistakes = mistakes;
        foreach (var entry in map.Entries)
            if (!entries.TryAdd(entry.Key, entry)) mistakes.Add(entry.Place, PathOf(entry.Key), null, $"is written twice, first at {entries[entry.Key].Place}; remove one");
    }

    internal YamlMap Map { get; }

    internal string Path { get; }

    /// <summary>Where a key stands; of one that is missing, where its map does.</summary>
    internal Place PlaceOf(string key) => entries.TryGetValue(key, out var entry) ? entry.Place : Map.Place;

    internal string PathOf(string key) => Path.Length == 0 ? key : $"{Path}.{key}";

    /// <summary>The value of a key; null where it is missing or empty.</summary>
    internal YamlNode? Take(string key)
    {
        asked.Add(key);
        return entries.TryGetValue(key, out var entry) && entry.Value is not YamlScalar { Text: null } ? entry.Value : null;
    }

    /// <summary>The value of a key that must be there.</summary>
    internal YamlNode? Need(string key, string what)
    {
        var value = Take(key);
        if (value is null) mistakes.Add(PlaceOf(key), Path, null, $"has no '{key}'; give {what}");
        return value;
    }

    /// <summary>Call after the last key was asked for.</summary>
    internal void Finish()
    {
        foreach (var entry in entries.Values)
            if (!asked.Contains(entry.Key)) mistakes.Add(entry.Place, PathOf(entry.Key), null, $"is not a known key; {NearestName.Sentence(entry.Key, asked)}");
    }

    internal string Text(string key, string otherwise, string expected = "text of at most 1000 characters") =>
        Take(key) is { } node ? Scalar(node, PathOf(key), expected) is { Length: <= MaximumText } text ? text : Refuse(node, PathOf(key), expected, otherwise) : otherwise;

    internal bool Flag(string key, bool otherwise) => Take(key) is not { } node ? otherwise : Scalar(node, PathOf(key), "true or false") switch
    {
        "true" => true,
        "false" => false,
        null => otherwise,
        _ => Refuse(node, PathOf(key), "true or false", otherwise),
    };

    internal int Whole(string key, int otherwise, int least, int most) =>
        Take(key) is { } node ? WholeOf(node, PathOf(key), least, most) ?? otherwise : otherwise;

    internal double? Number(string key, double least, double most)
    {
        if (Take(key) is not { } node) return null;
        var expected = string.Create(CultureInfo.InvariantCulture, $"a number from {least:R} to {most:R}");
        return Scalar(node, PathOf(key), expected) is not { } text ? null
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
            : Refuse<double?>(node, PathOf(key), expected, null);
    }

    internal TimeSpan Time(string key, TimeSpan otherwise, TimeSpan least, TimeSpan most)
    {
        if (Take(key) is not { } node) return otherwise;
        var expected = $"a duration from {Duration.Format(least)} to {Duration.Format(most)}, such as 30s, 5m or 1h30m";
        return Scalar(node, PathOf(key), expected) is not { } text ? otherwise
            : Duration.TryParse(text, out var duration) && duration >= least && duration <= most ? duration
            : Refuse(node, PathOf(key), expected, otherwise);
    }

    /// <summary>One of a few words.</summary>
    internal T Word<T>(string key, T otherwise, IReadOnlyDictionary<string, T> words) where T : notnull =>
        Take(key) is { } node ? WordOf(node, PathOf(key), otherwise, words) : otherwise;

    /// <summary>A list, or a single value in place of a list of one; each item is read by <paramref name="read"/>.</summary>
    internal IReadOnlyList<T> List<T>(string key, Func<YamlNode, string, T?> read, IReadOnlyList<T>? otherwise = null) where T : class
    {
        if (Take(key) is not { } node) return otherwise ?? [];
        var items = node is YamlList list ? list.Items : [node];
        if (items.Count > MaximumItems)
        {
            mistakes.Add(node.Place, PathOf(key), null, string.Create(CultureInfo.InvariantCulture, $"has {items.Count} items, {MaximumItems} are allowed; use a pattern or several rules"));
            return [];
        }
        List<T> result = [];
        for (var i = 0; i < items.Count; i++)
            if (read(items[i], string.Create(CultureInfo.InvariantCulture, $"{PathOf(key)}[{i}]")) is { } item) result.Add(item);
        return result;
    }

    internal IReadOnlyList<int> Wholes(string key, int least, int most) =>
        [.. List<object>(key, (node, path) => WholeOf(node, path, least, most)).Select(static number => (int)number)];

    internal string? TextOf(YamlNode node, string path, string expected, Func<string, bool>? isRight = null) =>
        Scalar(node, path, expected) is not { } text ? null
        : text.Length is > 0 and <= MaximumText && isRight?.Invoke(text) != false ? text
        : Refuse<string?>(node, path, expected, null);

    internal int? WholeOf(YamlNode node, string path, int least, int most)
    {
        var expected = string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}");
        return Scalar(node, path, expected) is not { } text ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
            : Refuse<int?>(node, path, expected, null);
    }

    internal T WordOf<T>(YamlNode node, string path, T otherwise, IReadOnlyDictionary<string, T> words) where T : notnull
    {
        var expected = string.Join(", ", words.Keys) is var all && all.LastIndexOf(", ", StringComparison.Ordinal) is var comma and > 0 ? $"{all[..comma]} or {all[(comma + 2)..]}" : all;
        return Scalar(node, path, expected) is not { } text ? otherwise
            : words.TryGetValue(text, out var word) ? word
            : Refuse(node, path, expected, otherwise);
    }

    /// <summary>A value that must be a map.</summary>
    internal MapReader? Section(string key, string expected)
    {
        switch (Take(key))
        {
            case null: return null;
            case YamlMap map: return new MapReader(map, PathOf(key), mistakes);
            case var node: return Refuse<MapReader?>(node, PathOf(key), expected, null);
        }
    }

    private string? Scalar(YamlNode node, string path, string expected) => node is YamlScalar scalar ? scalar.Text ?? "" : Refuse<string?>(node, path, expected, null);

    private T Refuse<T>(YamlNode node, string path, string expected, T otherwise)
    {
        if (node is YamlScalar { Text: { } text }) mistakes.Add(node.Place, path, text, expected);
        else mistakes.Add(node.Place, path, null, $"is {(node is YamlMap ? "a map" : node is YamlList ? "a list" : "empty")}, expected {expected}");
        return otherwise;
    }
}
