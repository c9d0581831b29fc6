using System.Text.Json;
using Monitoring.Agent.Detection;
using Monitoring.Contracts.Events;

namespace Monitoring.Tests.Agent.Capture;

/// <summary>A journal in memory that several threads may use, and that can be read while they do.</summary>
internal sealed class ListedJournal : IEventJournal
{
    private readonly Lock gate = new();
    private readonly List<EventRecord> events = [];

    internal IReadOnlyList<EventRecord> Events => Recent(int.MaxValue);

    public bool Append(EventRecord record)
    {
        lock (gate)
        {
            if (events.Any(known => known.Id == record.Id)) return false;
            events.Add(EventJson.Read(EventJson.Write(record)));
            return true;
        }
    }

    public void Append(SourceCursor cursor)
    {
    }

    public void AppendState(string name, JsonElement state)
    {
    }

    public void CountAnomaly(string rule, GpuReference? gpu)
    {
    }

    public string? Cursor(string source) => null;

    public JsonElement? State(string name) => null;

    public IReadOnlyList<EventRecord> Recent(int atMost)
    {
        lock (gate) return [.. events.TakeLast(atMost)];
    }
}
