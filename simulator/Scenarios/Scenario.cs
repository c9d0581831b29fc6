using System.Globalization;
using Monitoring.Simulator.Incidents;
using Monitoring.Simulator.NodeProfiles;
using YamlDotNet.RepresentationModel;

namespace Monitoring.Simulator.Scenarios;

/// <summary>A list of incidents with their times, read from YAML.</summary>
/// <param name="File">The file it came from.</param>
/// <param name="Entries">Its incidents in the order of the file.</param>
public sealed record Scenario(string File, IReadOnlyList<ScenarioEntry> Entries)
{
    private const int MaximumEntries = 1000;
    private static readonly string[] OwnKeys = ["at", "gpu", "incident", "for"];

    /// <summary>Reads a scenario from a file.</summary>
    /// <exception cref="ProfileException">The file cannot be read or is wrong; every error is listed.</exception>
    public static Scenario Load(string file) => Parse(file, ProfileDocument.ReadFile(file));

    /// <summary>Reads a scenario from text.</summary>
    /// <exception cref="ProfileException">The text is wrong; every error is listed.</exception>
    public static Scenario Parse(string file, string text)
    {
        var document = ProfileDocument.Parse(file, text);
        var entries = new List<ScenarioEntry>();
        if (document.RootNode is not YamlSequenceNode list)
            document.Add(document.RootNode, "scenario", "not a list", "a list of entries like {at: 10s, gpu: 0, incident: hang, for: 20s}");
        else if (list.Children.Count > MaximumEntries)
            document.Add(list, "scenario", $"{list.Children.Count} entries", $"at most {MaximumEntries}");
        else
            foreach (var (index, node) in list.Children.Index())
                if (node is YamlMappingNode mapping) entries.Add(Read(document, mapping, $"[{index}]"));
                else document.Add(node, $"[{index}]", node.ToString(), "an entry like {at: 10s, gpu: 0, incident: hang, for: 20s}");
        document.ThrowOnErrors();
        return new Scenario(file, entries);
    }

    private static ScenarioEntry Read(ProfileDocument document, YamlMappingNode mapping, string path)
    {
        string? Value(string key) => mapping.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node.ToString() : null;
        void Wrong(string key, string expected) => document.Add(mapping, $"{path}.{key}", Value(key) ?? "absent", expected);

        TimeSpan at = default, lasts = default;
        if (!DurationText.TryParse(Value("at") ?? "", out at)) Wrong("at", DurationText.Expected);
        if (Value("for") is { } text && !DurationText.TryParse(text, out lasts)) Wrong("for", DurationText.Expected);
        int? gpu = null;
        if (Value("gpu") is not "all")
            if (int.TryParse(Value("gpu"), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < 16) gpu = index;
            else Wrong("gpu", "the index of a GPU from 0 to 15, or all");
        var name = Value("incident") ?? "";
        var parameters = mapping.Children.Where(entry => !OwnKeys.Contains(entry.Key.ToString())).ToDictionary(entry => entry.Key.ToString(), entry => entry.Value.ToString());
        if (IncidentKind.Find(name) is not { } kind) Wrong("incident", $"one of {string.Join(", ", IncidentKind.All.Select(known => known.Name))}");
        else if (!IncidentArguments.TryCreate(kind, parameters, out _, out var errors))
            foreach (var error in errors) document.AddText(mapping, $"{path}.{error}");
        return new ScenarioEntry(mapping.Start.Line, at, gpu, name, Value("for") is null ? null : lasts, parameters);
    }
}
