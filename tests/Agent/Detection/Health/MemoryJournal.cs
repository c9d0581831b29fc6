using System.Text.Json;
using Monitoring.Agent.Detection;
using Monitoring.Contracts.Events;

namespace Monitoring.Tests.Agent.Detection.Health;

/// <summary>A journal in memory that a second evaluator can be started on, as after a restart.</summary>
internal sealed class MemoryJournal : IEventJournal
{
    private readonly Dictionary<string, JsonElement> states = [];
    private readonly Dictionary<string, string> cursors = [];

    internal List<EventRecord> Events { get; } = [];

    internal int StatesKept { get; private set; }

    /// <summary>Ids of events and cursors in the order in which they came.</summary>
    internal List<string> Order { get; } = [];

    /// <summary>False: states are lost, as by a sudden end before they reached the disk.</summary>
    internal bool KeepsStates { get; set; } = true;

    public bool Append(EventRecord record)
    {
        if (Events.Any(known => known.Id == record.Id)) return false;
        Order.Add(record.Id);
        Events.Add(EventJson.Read(EventJson.Write(record)));
        return true;
    }

    public void Append(SourceCursor cursor)
    {
        Order.Add($"{cursor.Source} {cursor.Value}");
        cursors[cursor.Source] = cursor.Value;
    }

    public void AppendState(string name, JsonElement state)
    {
        if (!KeepsStates) return;
        states[name] = JsonDocument.Parse(state.GetRawText()).RootElement;
        StatesKept++;
    }

    public void CountAnomaly(string rule, GpuReference? gpu)
    {
    }

    public string? Cursor(string source) => cursors.GetValueOrDefault(source);

    public JsonElement? State(string name) => states.TryGetValue(name, out var state) ? state : null;

    public IReadOnlyList<EventRecord> Recent(int atMost) => [.. Events.TakeLast(atMost)];
}
