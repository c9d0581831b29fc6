using Monitoring.Settings.Logs;

namespace Monitoring.Collector.Logs;

/// <summary>
/// What is known of every line that is kept, in memory: its id, so that none is kept twice, and what queries ask for. One thread adds,
/// rolls back and publishes; readers see what was published.
/// </summary>
internal sealed class LogIndex
{
    // What was forgotten is taken out of the list when it is half of it.
    private const int LeastToCompact = 4096;

    private readonly Lock gate = new(); // guards all that follows
    private readonly List<Entry> entries = []; // by sequence
    private readonly HashSet<UInt128> keys = [];
    private int first;
    private int published;

    /// <summary>Lines that were published.</summary>
    public long Count
    {
        get
        {
            lock (gate) return published - first;
        }
    }

    /// <summary>Whether a line is there, be it published or not.</summary>
    public bool Has(UInt128 key)
    {
        lock (gate) return keys.Contains(key);
    }

    /// <summary>Adds a line.</summary>
    public void Add(ulong sequence, LogLine line)
    {
        lock (gate)
        {
            keys.Add(line.Key);
            entries.Add(new Entry(line.Key, sequence, line.Time.UtcTicks, line.Node.GetHashCode(StringComparison.Ordinal), line.Level));
        }
    }

    /// <summary>Shows what was added.</summary>
    public void Publish()
    {
        lock (gate) published = entries.Count;
    }

    /// <summary>Forgets what was added and not published.</summary>
    public void Rollback()
    {
        lock (gate)
        {
            for (var at = published; at < entries.Count; at++) keys.Remove(entries[at].Key);
            entries.RemoveRange(published, entries.Count - published);
        }
    }

    /// <summary>Forgets lines before a place.</summary>
    /// <returns>How many they were.</returns>
    public int ForgetBefore(ulong sequence)
    {
        lock (gate)
        {
            var before = first;
            while (first < published && entries[first].Sequence < sequence) keys.Remove(entries[first++].Key);
            var forgotten = first - before;
            if (first < LeastToCompact || first < entries.Count / 2) return forgotten;
            entries.RemoveRange(0, first);
            published -= first;
            first = 0;
            return forgotten;
        }
    }

    /// <summary>The places of the newest lines that may be what is asked for, newest first: whoever shows a line looks at its node's name again.</summary>
    public List<LogCursor> Newest(LogQuery query, LogCursor? after, int most)
    {
        var node = query.Node?.GetHashCode(StringComparison.Ordinal);
        var (since, until) = (query.Since?.UtcTicks ?? long.MinValue, query.Until?.UtcTicks ?? long.MaxValue);
        // The least of those that are kept so far goes when a greater one comes.
        var newest = new PriorityQueue<LogCursor, LogCursor>(most + 1);
        lock (gate)
        {
            for (var at = published - 1; at >= first; at--)
            {
                var entry = entries[at];
                if (entry.TimeTicks < since || entry.TimeTicks > until || entry.Level < query.Level || (node is { } wanted && entry.Node != wanted)) continue;
                var place = new LogCursor(entry.TimeTicks, entry.Sequence);
                if (after is { } border && place.CompareTo(border) >= 0) continue;
                if (newest.Count < most) newest.Enqueue(place, place);
                else if (place.CompareTo(newest.Peek()) > 0) newest.DequeueEnqueue(place, place);
            }
        }

        var found = new List<LogCursor>(newest.Count);
        while (newest.TryDequeue(out var place, out _)) found.Add(place);
        found.Reverse();
        return found;
    }

    private readonly record struct Entry(UInt128 Key, ulong Sequence, long TimeTicks, int Node, LogThreshold Level);
}
