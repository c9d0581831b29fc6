using System.Buffers;
using System.Text.Json;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection;

/// <summary>
/// Keeps the state of the rules in the journal and goes on from it after a restart. The state names the newest finding that it knows;
/// findings after that one, which a sudden end left without a state, are read from the journal. So are the other events that rules had
/// not counted when it was kept: no source tells of them again.
/// </summary>
internal sealed class RuleKeeping(RuleEngine rules, IEventJournal journal)
{
    /// <summary>Newest events of the journal that are looked through after a restart.</summary>
    internal const int EventsToCatchUp = 1000;

    private const string StateName = "rules";
    private const string LastFindingProperty = "last_finding";
    private const string LastTakenProperty = "last_event";
    private const string RulesProperty = "rules";
    private string lastFinding = "";
    private string lastTaken = "";
    private byte[] kept = [];
    private IReadOnlyList<EventRecord> missed = [];

    /// <summary>Takes note of a finding that is in the journal.</summary>
    internal void Note(EventRecord finding) => lastFinding = finding.Id;

    /// <summary>Takes note of an event that the rules have counted.</summary>
    internal void NoteTaken(EventRecord record) => lastTaken = record.Id;

    /// <summary>Events that are in the journal and not in the state that was restored, oldest first; once.</summary>
    internal IReadOnlyList<EventRecord> TakeMissed()
    {
        var taken = missed;
        missed = [];
        return taken;
    }

    /// <summary>Goes on from what was kept; before the rules are used.</summary>
    internal void Restore()
    {
        if (journal.State(StateName) is { ValueKind: JsonValueKind.Object } state)
        {
            if (state.TryGetProperty(RulesProperty, out var kept)) rules.Restore(kept);
            if (state.TryGetProperty(LastFindingProperty, out var last)) lastFinding = last.GetString() ?? "";
            if (state.TryGetProperty(LastTakenProperty, out var taken)) lastTaken = taken.GetString() ?? "";
        }
        var recent = journal.Recent(EventsToCatchUp);
        EventRecord[] told = [.. recent.Where(static record => record.Kind != EventKinds.Anomaly)];
        missed = [.. told[(Array.FindIndex(told, record => record.Id == lastTaken) + 1)..].Where(OwnEvents.IsForRules)];
        EventRecord[] findings = [.. recent.Where(static record => record.Kind == EventKinds.Anomaly)];
        // Where the last one known is too old to be among them, all of them are later.
        foreach (var finding in findings.AsSpan(Array.FindIndex(findings, finding => finding.Id == lastFinding) + 1))
        {
            rules.Recall(finding);
            lastFinding = finding.Id;
        }
    }

    /// <summary>Keeps the state as it is now, where it is another than was kept last.</summary>
    internal void Keep()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString(LastFindingProperty, lastFinding);
            json.WriteString(LastTakenProperty, lastTaken);
            json.WritePropertyName(RulesProperty);
            rules.Save().WriteTo(json);
            json.WriteEndObject();
        }
        if (buffer.WrittenSpan.SequenceEqual(kept)) return;
        kept = buffer.WrittenSpan.ToArray();
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        journal.AppendState(StateName, document.RootElement.Clone());
    }
}
