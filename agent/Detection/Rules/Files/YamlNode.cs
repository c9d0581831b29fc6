using System.Globalization;

namespace Monitoring.Agent.Detection.Rules.Files;

/// <summary>Where something stands in a file; line and column count from 1, and are 0 for the file as a whole.</summary>
internal readonly record struct Place(string File, int Line = 0, int Column = 0)
{
    public override string ToString() => Line == 0 ? File : string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}");
}

/// <summary>A part of a YAML file before anyone knows what it should be.</summary>
internal abstract record YamlNode(Place Place);

/// <summary>One value; <paramref name="Text"/> is null where nothing is written.</summary>
internal sealed record YamlScalar(Place Place, string? Text) : YamlNode(Place);

/// <summary>A list.</summary>
internal sealed record YamlList(Place Place, IReadOnlyList<YamlNode> Items) : YamlNode(Place);

/// <summary>Keys and values in the order of the file, a key that is written twice included.</summary>
internal sealed record YamlMap(Place Place, IReadOnlyList<YamlEntry> Entries) : YamlNode(Place)
{
    /// <summary>
    /// This map with the keys of a later one in place of its own; below <paramref name="deep"/> keys, maps are laid over each other in
    /// the same way instead of being replaced.
    /// </summary>
    internal YamlMap Under(YamlMap later, IReadOnlyCollection<string> deep)
    {
        var changed = later.Entries.Select(static entry => entry.Key).ToHashSet(StringComparer.Ordinal);
        var kept = Entries.Where(entry => !changed.Contains(entry.Key));
        return new YamlMap(Place, [.. kept, .. later.Entries.Select(Laid)]);

        YamlEntry Laid(YamlEntry entry) =>
            deep.Contains(entry.Key) && entry.Value is YamlMap over && Entries.FirstOrDefault(mine => mine.Key == entry.Key).Value is YamlMap mine
                ? entry with { Value = mine.Under(over, []) }
                : entry;
    }
}

/// <summary>A key with its value.</summary>
/// <param name="Place">Where the key stands.</param>
internal readonly record struct YamlEntry(string Key, Place Place, YamlNode Value);
