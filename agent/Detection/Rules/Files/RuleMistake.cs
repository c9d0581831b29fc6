using System.Globalization;
using System.Text;

namespace Monitoring.Agent.Detection.Rules.Files;

/// <summary>One thing that is wrong with a rule file.</summary>
/// <param name="Place">Where it is written.</param>
/// <param name="Key">The key with its path, such as <c>rules.gpu_hot.when.threshold.is</c>; empty for a file as a whole.</param>
/// <param name="Value">The value as it is written; null where the value is not what is wrong.</param>
/// <param name="Expected">What is allowed; with a null value the rest of the sentence.</param>
internal sealed record RuleMistake(Place Place, string Key, string? Value, string Expected)
{
    // A message stays on one line of a terminal even where a whole file was pasted into a value.
    private const int MaximumShown = 120;

    /// <summary>The mistake as one line for a person.</summary>
    public override string ToString() => (Key, Value) switch
    {
        ("", null) => $"{Place}: {Printable(Expected, int.MaxValue)}",
        (_, null) => $"{Place}: {Printable(Key)} {Printable(Expected, int.MaxValue)}",
        _ => $"{Place}: {Printable(Key)} is '{Printable(Value)}', expected {Printable(Expected, int.MaxValue)}",
    };

    /// <summary>Text that cannot steer a terminal or a log: shortened, what is not printable replaced.</summary>
    private static string Printable(string text, int atMost = MaximumShown)
    {
        var shown = new StringBuilder();
        foreach (var letter in text.AsSpan(0, Math.Min(text.Length, atMost)))
        {
            if (char.GetUnicodeCategory(letter) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned)
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else
                shown.Append(letter);
        }
        return shown.Append(text.Length > atMost ? "..." : "").ToString();
    }
}

/// <summary>Everything that is wrong so far.</summary>
internal sealed class RuleMistakes
{
    // Nobody reads more at once; what is beyond is counted.
    private const int MaximumKept = 100;

    private readonly List<RuleMistake> kept = [];
    private int more;

    internal int Count => kept.Count + more;

    internal void Add(Place place, string key, string? value, string expected)
    {
        if (kept.Count < MaximumKept) kept.Add(new RuleMistake(place, key, value, expected));
        else more++;
    }

    /// <summary>All of them, in the order of the files and of their lines.</summary>
    internal IReadOnlyList<RuleMistake> All(IReadOnlyList<string> files) => more == 0
        ? Ordered(files)
        : [.. Ordered(files), new RuleMistake(kept[^1].Place, "", null, string.Create(CultureInfo.InvariantCulture, $"{more} more mistakes are not shown; correct these first"))];

    private List<RuleMistake> Ordered(IReadOnlyList<string> files)
    {
        var rank = files.Index().ToDictionary(static file => file.Item, static file => file.Index, StringComparer.Ordinal);
        return [.. kept.OrderBy(mistake => rank[mistake.Place.File]).ThenBy(static mistake => mistake.Place.Line).ThenBy(static mistake => mistake.Place.Column)];
    }
}
