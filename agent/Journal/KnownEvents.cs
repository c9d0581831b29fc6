using System.Globalization;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Journal;

/// <summary>Which events the journal has: the ids of the last ones, and the newest whole. Not thread-safe.</summary>
internal sealed class KnownEvents
{
    // About 3 MB at most; a source reads nothing again that lies further back than its cursor, let alone so far.
    private const int IdsAtMost = 1 << 16;

    /// <summary>Events kept whole for people.</summary>
    internal const int RecentAtMost = 1000;

    private readonly HashSet<UInt128> ids = [];
    private readonly Queue<UInt128> order = [];
    private readonly Queue<EventRecord> recent = [];

    /// <summary>Remembers an event.</summary>
    /// <returns>False for one that is known.</returns>
    internal bool Add(EventRecord record)
    {
        var id = UInt128.TryParse(record.Id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : UInt128.Zero;
        if (!ids.Add(id)) return false;
        order.Enqueue(id);
        if (order.Count > IdsAtMost) ids.Remove(order.Dequeue());
        recent.Enqueue(record);
        if (recent.Count > RecentAtMost) recent.Dequeue();
        return true;
    }

    /// <summary>The newest, oldest first.</summary>
    internal IReadOnlyList<EventRecord> Recent(int atMost) => [.. recent.Skip(Math.Max(0, recent.Count - atMost))];
}
