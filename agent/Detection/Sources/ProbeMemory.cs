using System.Text.Json;
using System.Text.Json.Serialization;

namespace Monitoring.Agent.Detection.Sources;

/// <summary>
/// What a probe must know after a restart: facts that it saw and incidents that have not ended. It is the probe's cursor in the
/// journal, so that a port that came up while the agent was away ends the incident of before.
/// </summary>
internal sealed class ProbeMemory
{
    // Far more than a node has ports and GPUs; what changes its name all the time must not fill the journal.
    private const int FactsAtMost = 1024;
    private const string Incident = "incident ";
    private const string Untold = "untold";
    private readonly SortedDictionary<string, string> facts = new(StringComparer.Ordinal);

    /// <summary>True when something changed since <see cref="Save"/>.</summary>
    internal bool IsChanged { get; private set; }

    /// <summary>The names of all facts that begin so.</summary>
    internal IReadOnlyList<string> Names(string prefix) => [.. facts.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];

    /// <summary>A fact; null for none. Setting null forgets it.</summary>
    internal string? this[string name]
    {
        get => facts.GetValueOrDefault(name);
        set
        {
            if (this[name] == value || (value is not null && this[name] is null && facts.Count >= FactsAtMost)) return;
            if (value is null) facts.Remove(name);
            else facts[name] = value;
            IsChanged = true;
        }
    }

    /// <summary>Key of the sighting that started an incident; null while there is none.</summary>
    internal string? Open(string incident) => this[Incident + incident];

    /// <summary>Notes that an incident started, or, with null, ended.</summary>
    internal void SetOpen(string incident, string? key) => this[Incident + incident] = key;

    /// <summary>Takes what a cursor says; one that cannot be read says nothing.</summary>
    /// <returns>What was about to be told: tell it again, by its keys it is the same.</returns>
    internal IReadOnlyList<Sighting> Restore(string? cursor)
    {
        facts.Clear();
        if (cursor is null) return [];
        try
        {
            foreach (var (name, value) in JsonSerializer.Deserialize(cursor, ProbeMemoryJson.Default.SortedDictionaryStringString) ?? [])
                if (facts.Count < FactsAtMost) facts[name] = value;
            return facts.Remove(Untold, out var untold) ? JsonSerializer.Deserialize(untold, SightingJson.Default.SightingArray) ?? [] : [];
        }
        catch (JsonException)
        {
            // Written by another version: the probe looks as if for the first time.
            facts.Clear();
            return [];
        }
    }

    /// <summary>The text to restore from.</summary>
    /// <param name="untold">What is about to be told.</param>
    internal string Save(IReadOnlyList<Sighting> untold)
    {
        IsChanged = false;
        var kept = facts;
        if (untold.Count > 0) kept = new SortedDictionary<string, string>(facts, StringComparer.Ordinal) { [Untold] = JsonSerializer.Serialize([.. untold], SightingJson.Default.SightingArray) };
        return JsonSerializer.Serialize(kept, ProbeMemoryJson.Default.SortedDictionaryStringString);
    }
}

[JsonSerializable(typeof(SortedDictionary<string, string>))]
internal sealed partial class ProbeMemoryJson : JsonSerializerContext;
