using Monitoring.Settings.Values;

namespace Monitoring.Agent.Detection.Rules.Files;

/// <summary>Finds what somebody meant who misspelt a name.</summary>
internal static class NearestName
{
    // A name is short; the distance takes quadratic time and is not for whole paragraphs.
    private const int MaximumLength = 100;

    /// <summary>The known name that differs least; null where even that is a different word.</summary>
    internal static string? Of(string name, IEnumerable<string> known)
    {
        if (name.Length is 0 or > MaximumLength) return null;
        var plain = Plain(name);
        return known.Where(static candidate => candidate.Length <= MaximumLength)
            .Select(candidate => (Name: candidate, Distance: EditDistance.Between(plain, Plain(candidate))))
            .Where(candidate => candidate.Distance <= Math.Max(2, name.Length / 3))
            .OrderBy(static candidate => candidate.Distance).ThenBy(static candidate => candidate.Name, StringComparer.Ordinal)
            .Select(static candidate => candidate.Name)
            .FirstOrDefault();
    }

    /// <summary>The end of a sentence about an unknown name: the nearest one, or all where they are few.</summary>
    internal static string Sentence(string name, IReadOnlyCollection<string> known) =>
        Of(name, known) is { } nearest ? $"did you mean {nearest}?"
        : known.Count is > 0 and <= 24 ? $"known are {string.Join(", ", known)}"
        : "correct its spelling or remove it";

    private static string Plain(string name) => name.Replace('-', '_').ToLowerInvariant();
}
