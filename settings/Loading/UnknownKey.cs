using Monitoring.Settings.Schema;
using Monitoring.Settings.Sources;
using Monitoring.Settings.Values;

namespace Monitoring.Settings.Loading;

/// <summary>What to say about a key that no setting has.</summary>
internal static class UnknownKey
{
    /// <summary>The rest of the sentence, with the nearest known key where one is near; the value is not shown, it may be a misspelt secret.</summary>
    /// <param name="schema">All settings.</param>
    /// <param name="key">The unknown key, in full.</param>
    /// <param name="environmentPrefix">Given for a variable: the suggestion is then the name of a variable.</param>
    internal static string Sentence(SectionSchema schema, string key, string? environmentPrefix = null)
    {
        if (Nearest(schema, key) is not { } nearest)
            return Siblings(schema, key) is [_, ..] siblings
                ? $"is not a known key; the keys there are {string.Join(", ", siblings)}"
                : "is not a known key; remove it or correct its spelling";
        return environmentPrefix is null
            ? $"is not a known key; did you mean {nearest}?"
            : $"is not a known key; did you mean {EnvironmentSource.NameOf(environmentPrefix, nearest)}?";
    }

    /// <summary>The known key that differs least; null where even that is a different word.</summary>
    internal static string? Nearest(SectionSchema schema, string key)
    {
        // A key is short; the distance takes quadratic time and is not for whole paragraphs.
        if (key.Length > 100)
            return null;
        var wanted = WithoutIndices(key);
        return schema.Keys()
            .Select(known => (known.Key, Distance: Distance(wanted, known.Key)))
            .Where(known => known.Distance <= Math.Max(2, LastPart(wanted).Length / 3))
            .OrderBy(static known => known.Distance)
            .ThenBy(static known => known.Key, StringComparer.Ordinal)
            .Select(known => WithIndices(known.Key, key))
            .FirstOrDefault();
    }

    /// <summary>The names beside the key in its section; none where the section is unknown too.</summary>
    private static string[] Siblings(SectionSchema schema, string key)
    {
        var section = WithoutIndices(key)[..^LastPart(WithoutIndices(key)).Length];
        return [.. schema.Keys().Select(static known => WithoutMarks(known.Key)).Where(known => known[..^LastPart(known).Length] == section).Select(LastPart)];
    }

    /// <summary>How different two keys are; the right name in the wrong section is nearly right.</summary>
    private static int Distance(string wanted, string known)
    {
        var (wantedPlain, knownPlain) = (KeyName.Plain(wanted), KeyName.Plain(WithoutMarks(known)));
        if (wantedPlain == knownPlain)
            return 0;
        var whole = EditDistance.Between(wantedPlain, knownPlain);
        return KeyName.Plain(LastPart(wanted)) == KeyName.Plain(LastPart(known)) ? Math.Min(whole, 1) : whole;
    }

    private static string LastPart(string key) => key[(key.LastIndexOf('.') + 1)..];

    /// <summary><c>sinks.0.url</c> as schemas name it: <c>sinks[].url</c>.</summary>
    private static string WithoutIndices(string key)
    {
        var parts = key.Split('.');
        return string.Join('.', parts.Where(static part => part is "" || !part.All(char.IsAsciiDigit)));
    }

    private static string WithoutMarks(string known) => known.Replace("[]", "", StringComparison.Ordinal);

    private static string WithIndices(string known, string key)
    {
        foreach (var index in key.Split('.').Where(static part => part is not "" && part.All(char.IsAsciiDigit)))
            if (known.IndexOf("[]", StringComparison.Ordinal) is var place and >= 0)
                known = $"{known[..place]}.{index}{known[(place + 2)..]}";
        return known;
    }
}
