using System.Text.Json;
using Monitoring.Contracts.Events;

namespace Monitoring.Collector.Events;

/// <summary>Finds events for queries and sinks. Waits for no writer, and shows nothing that is not safe.</summary>
internal sealed class EventReader(IEventLog log, EventIndex index)
{
    // A page ends here, whatever its limit: a thousand events of the largest size would take too much memory for one answer.
    private const int MostPageBytes = 8 << 20;

    // Events of a page are read in groups of so many.
    private const int GroupSize = 50;

    // To read on over so many events is quicker than to begin a segment anew.
    private const int ReadOnSpan = 8000;

    /// <summary>A page of the events that are asked for, newest first.</summary>
    public EventPage Query(EventQuery query)
    {
        var found = EventIndex.Find(index.Published, query);
        var hasMore = found.Count > query.Limit;
        if (hasMore) found.RemoveAt(query.Limit);

        var page = new List<ReadOnlyMemory<byte>>(found.Count);
        var bytes = 0;
        for (var start = 0; start < found.Count; start += GroupSize)
        {
            var group = found.Slice(start, Math.Min(GroupSize, found.Count - start));
            var texts = ReadAll(group.ConvertAll(static cursor => cursor.Sequence));
            foreach (var cursor in group)
            {
                if (!texts.TryGetValue(cursor.Sequence, out var json) || !IsWanted(query, json)) continue;
                page.Add(json);
                bytes += json.Length;
                if (bytes >= MostPageBytes && cursor != found[^1]) return new EventPage(page, cursor);
            }
        }

        return new EventPage(page, hasMore ? found[^1] : null);
    }

    /// <summary>The event with an id; null where it is not kept.</summary>
    public ReadOnlyMemory<byte>? Find(EventKey key)
    {
        if (EventIndex.Find(index.Published, key) is not { } sequence) return null;
        return ReadAll([sequence]).TryGetValue(sequence, out var json) ? json : null;
    }

    /// <summary>The events from a place on, oldest first, each once.</summary>
    public IEnumerable<LoggedEvent> Read(long fromSequence)
    {
        var view = index.Published;
        foreach (var item in log.Read(fromSequence))
            if (view.HasSequence(item.Sequence)) yield return item;
    }

    // Entries know texts by their hashes alone.
    private static bool IsWanted(EventQuery query, ReadOnlyMemory<byte> json)
    {
        try
        {
            return query.Matches(EventJson.Read(json.Span));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private Dictionary<long, ReadOnlyMemory<byte>> ReadAll(List<long> sequences)
    {
        sequences.Sort();
        var texts = new Dictionary<long, ReadOnlyMemory<byte>>(sequences.Count);
        for (var next = 0; next < sequences.Count;)
        {
            var before = next;
            foreach (var (sequence, json) in log.Read(sequences[next]))
            {
                // What retention has deleted meanwhile is passed over.
                while (next < sequences.Count && sequences[next] < sequence) next++;
                if (next < sequences.Count && sequences[next] == sequence) texts[sequences[next++]] = json;
                if (next == sequences.Count || sequences[next] - sequence > ReadOnSpan) break;
            }

            if (next == before) break;
        }

        return texts;
    }
}
