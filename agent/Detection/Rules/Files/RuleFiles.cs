using System.Globalization;

namespace Monitoring.Agent.Detection.Rules.Files;

/// <summary>A rule file that was read.</summary>
/// <param name="File">Its path, or a name for what is built in.</param>
internal sealed record RuleText(string File, string Text);

/// <summary>Rules, or what is wrong with them.</summary>
/// <param name="Rules">The rules that are switched on, in the order in which they were first written; empty where anything is wrong.</param>
/// <param name="Mistakes">Everything that is wrong.</param>
internal sealed record RuleLoad(IReadOnlyList<RuleDefinition> Rules, IReadOnlyList<RuleMistake> Mistakes)
{
    internal bool IsRight => Mistakes.Count == 0;
}

/// <summary>Turns rule files into rules: a later file may add rules and change single keys of earlier ones.</summary>
internal static class RuleFiles
{
    /// <summary>Rules of all files together; each costs memory for every GPU.</summary>
    internal const int MaximumRules = 1000;

    // Maps whose keys can be changed one by one; a trigger is replaced as a whole.
    private static readonly string[] Deep = ["filter", "limits", "health", "capture"];

    /// <summary>The rules of the files, the earliest first. One mistake anywhere leaves no rules: half a set would be silence about the other half.</summary>
    internal static RuleLoad Load(IReadOnlyList<RuleText> files)
    {
        var mistakes = new RuleMistakes();
        var order = new List<string>();
        var maps = new Dictionary<string, (YamlMap Map, string Origin)>(StringComparer.Ordinal);
        foreach (var file in files) Lay(file, order, maps, mistakes);

        var reader = new RuleReader(mistakes);
        List<RuleDefinition> rules = [];
        var known = order.Where(name => maps[name].Map.Entries.Any(static entry => entry.Key == "when")).ToList();
        foreach (var name in order)
            if (reader.Read(name, maps[name].Map, maps[name].Origin, known) is { } rule) rules.Add(rule);
        return mistakes.Count == 0 ? new RuleLoad(rules, []) : new RuleLoad([], mistakes.All([.. files.Select(static file => file.File).Distinct(StringComparer.Ordinal)]));
    }

    private static void Lay(RuleText file, List<string> order, Dictionary<string, (YamlMap Map, string Origin)> maps, RuleMistakes mistakes)
    {
        var mine = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, place, value) in Entries(file, mistakes))
        {
            var path = $"rules.{name}";
            if (!RuleReader.IsName(name))
                mistakes.Add(place, path, null, "is no name for a rule; use 1 to 64 letters, digits and underscores, such as gpu_too_hot");
            else if (!mine.Add(name))
                mistakes.Add(place, path, null, "is written twice in this file; remove one");
            else if (value is not YamlMap map)
                mistakes.Add(value.Place, path, null, "has no keys; give it a trigger below 'when', or keys to change");
            else if (maps.TryGetValue(name, out var earlier))
                maps[name] = (earlier.Map.Under(map, Deep), $"{earlier.Origin}, changed in {Origin(place)}");
            else if (order.Count == MaximumRules)
            {
                mistakes.Add(place, path, null, string.Create(CultureInfo.InvariantCulture, $"is rule {MaximumRules + 1}; {MaximumRules} are allowed, use filters and 'per' instead of a rule for each thing"));
                return;
            }
            else
            {
                order.Add(name);
                maps.Add(name, (map with { Place = place }, Origin(place)));
            }
        }
    }

    private static IReadOnlyList<YamlEntry> Entries(RuleText file, RuleMistakes mistakes)
    {
        YamlNode? top;
        try
        {
            top = YamlText.Read(file.File, file.Text);
        }
        catch (YamlTextException mistake)
        {
            mistakes.Add(mistake.Place, "", null, mistake.Message);
            return [];
        }
        if (top is null) return [];
        if (top is not YamlMap map)
        {
            mistakes.Add(top.Place, "", null, "is no map; a rule file starts with the line 'rules:'");
            return [];
        }
        var reader = new MapReader(map, "", mistakes);
        var rules = reader.Take("rules");
        foreach (var entry in map.Entries.Where(static entry => entry.Key != "rules"))
            mistakes.Add(entry.Place, entry.Key, null, "is not a known key; a rule file has 'rules:' at its top and the rules, indented, below");
        if (rules is null or YamlMap) return rules is YamlMap found ? found.Entries : [];
        mistakes.Add(rules.Place, "rules", null, "is no map; below it stands the name of each rule, followed by a colon");
        return [];
    }

    private static string Origin(Place place) => string.Create(CultureInfo.InvariantCulture, $"{place.File}:{place.Line}");
}
