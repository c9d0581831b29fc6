using System.Text.Json;

namespace Monitoring.Agent.Journal;

/// <summary>What the journal's records amount to, those events left out that nobody counts any more. Not thread-safe.</summary>
internal sealed class JournalState
{
    private readonly Dictionary<string, string> cursors;
    private readonly Dictionary<string, JsonElement> states;

    internal JournalState() : this([], [], new EventCounters(), 0)
    {
    }

    private JournalState(Dictionary<string, string> cursors, Dictionary<string, JsonElement> states, EventCounters counters, ulong delivered)
    {
        this.cursors = cursors;
        this.states = states;
        Counters = counters;
        Delivered = delivered;
    }

    internal EventCounters Counters { get; }

    /// <summary>Every event up to this sequence was taken by the collector.</summary>
    internal ulong Delivered { get; private set; }

    internal string? Cursor(string source) => cursors.GetValueOrDefault(source);

    internal JsonElement? State(string name) => states.TryGetValue(name, out var state) ? state : null;

    internal JournalState Clone() => new(new Dictionary<string, string>(cursors), new Dictionary<string, JsonElement>(states), Counters.Clone(), Delivered);

    /// <summary>Takes an entry into account.</summary>
    internal void Apply(JournalEntry entry)
    {
        switch (entry)
        {
            case EventEntry item: Counters.Add(item.Record); break;
            case CursorEntry item: cursors[item.Source] = item.Value; break;
            case StateEntry item: states[item.Name] = item.State; break;
            case DeliveredEntry item: Delivered = Math.Max(Delivered, item.Sequence); break;
            case CountersEntry item: Counters.Restore(item); break;
            case CountEntry item:
                foreach (var count in item.Counts) Counters.Add(count);
                break;
        }
    }

    /// <summary>Entries that say everything anew, so that no older record is needed for it.</summary>
    internal IEnumerable<JournalEntry> Snapshot() =>
    [
        Counters.Snapshot(), new DeliveredEntry(Delivered),
        .. cursors.Select(static cursor => new CursorEntry(cursor.Key, cursor.Value)), .. states.Select(static state => new StateEntry(state.Key, state.Value)),
    ];
}
