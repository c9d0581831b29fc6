namespace Monitoring.Collector.Events;

/// <summary>
/// The events that are kept, in memory: by id, so that each is stored once, and in the order of the log, so that queries find the newest.
/// One writer changes it; readers see whole commits and never wait.
/// </summary>
internal sealed class EventIndex
{
    private readonly EventEntries entries = new();
    private readonly EventIdTable ids = new();

    /// <summary>What readers see.</summary>
    public EventEntries.View Published => entries.Published;

    /// <summary>Whether an event is kept, or about to be.</summary>
    public bool Has(EventKey key) => ids.Find(key, entries) >= 0;

    /// <summary>Adds an event that it does not have; its place in the log must be behind all others.</summary>
    public void Add(in EventEntry entry)
    {
        var position = entries.End;
        entries.Add(entry);
        ids.Add(entry.Key, position, entries);
    }

    /// <summary>Shows readers what was added and taken away.</summary>
    public void Publish() => entries.Publish();

    /// <summary>Takes back what was added since the last <see cref="Publish"/>.</summary>
    public void Rollback()
    {
        while (entries.End > entries.Published.End)
        {
            ids.Remove(entries[entries.End - 1].Key, entries);
            entries.RemoveLast();
        }
    }

    /// <summary>Forgets the events before a place in the log.</summary>
    /// <param name="sequence">The first place that is still kept.</param>
    /// <param name="ageLimitTicks">What happened before this is gone because of its age.</param>
    /// <returns>How many went because of their age, and how many for want of room.</returns>
    public (long ByAge, long BySize) ForgetBefore(long sequence, long ageLimitTicks)
    {
        var (byAge, bySize) = (0L, 0L);
        while (entries.Begin < entries.End && entries[entries.Begin].Sequence < sequence)
        {
            ref readonly var entry = ref entries[entries.Begin];
            ids.Remove(entry.Key, entries);
            if (entry.TimeTicks < ageLimitTicks) byAge++;
            else bySize++;
            entries.RemoveFirst();
        }

        return (byAge, bySize);
    }

    /// <summary>The places of the newest events that may be what is asked for, newest first; one more than a page where there are more.</summary>
    public static List<EventCursor> Find(EventEntries.View view, EventQuery query)
    {
        // The least of the best is on top and gives way.
        var best = new PriorityQueue<EventCursor, EventCursor>();
        var sought = new EventEntry.Sought(query);
        for (var position = view.End - 1; position >= view.Begin; position--)
        {
            ref readonly var entry = ref view[position];
            if (!entry.MayBe(sought)) continue;
            var cursor = EventCursor.Of(entry);
            if (query.After is { } after && cursor.CompareTo(after) >= 0) continue;
            if (best.Count <= query.Limit) best.Enqueue(cursor, cursor);
            else if (cursor.CompareTo(best.Peek()) > 0) best.EnqueueDequeue(cursor, cursor);
        }

        var found = new List<EventCursor>(best.Count);
        while (best.TryDequeue(out var cursor, out _)) found.Add(cursor);
        found.Reverse();
        return found;
    }

    /// <summary>The place in the log of an event; null where it is not kept.</summary>
    public static long? Find(EventEntries.View view, EventKey key)
    {
        for (var position = view.End - 1; position >= view.Begin; position--)
            if (view[position].Key == key) return view[position].Sequence;
        return null;
    }
}
