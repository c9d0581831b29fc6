namespace Monitoring.Agent.Capture.Summaries;

/// <summary>Strings by their characters, so that a name that comes a million times is made once.</summary>
internal sealed class NameCache
{
    /// <summary>Characters of all names together, 32 MB; past it a name is made each time.</summary>
    private const int CharactersAtMost = 16 * 1024 * 1024;

    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> byCharacters;

    private int length;

    internal NameCache() => byCharacters = names.GetAlternateLookup<ReadOnlySpan<char>>();

    internal string Of(ReadOnlySpan<char> characters)
    {
        if (byCharacters.TryGetValue(characters, out var known)) return known;
        var name = characters.ToString();
        if (length + name.Length > CharactersAtMost) return name;
        length += name.Length;
        names.Add(name);
        return name;
    }
}
