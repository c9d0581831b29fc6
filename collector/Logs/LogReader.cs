using System.Text;
using System.Text.Json;
using Monitoring.Segments;

namespace Monitoring.Collector.Logs;

/// <summary>Finds log lines for queries. Waits for no writer, and shows nothing that is not safe.</summary>
internal sealed class LogReader(IRecordLog log, LogIndex index)
{
    // A page ends here, whatever its limit.
    private const int MostPageBytes = 4 << 20;

    // So many lines are read at once while words are looked for, and so many for one page; the next page goes on from there.
    private const int GroupSize = 2000;
    private const int MostLooked = 40_000;

    // To read on over so many lines is quicker than to begin a segment anew.
    private const ulong ReadOnSpan = 8000;

    /// <summary>A page of the lines that are asked for, newest first.</summary>
    public LogPage Query(LogQuery query)
    {
        var page = new List<ReadOnlyMemory<byte>>();
        var bytes = 0;
        var looked = 0;
        var place = query.After;
        while (true)
        {
            var wanted = query.Words.Count > 0 ? GroupSize : Math.Min(GroupSize, query.Limit - page.Count);
            var group = index.Newest(query, place, wanted);
            if (group.Count == 0) return new LogPage(page, null);
            var lines = ReadAll(group.ConvertAll(static one => one.Sequence));
            foreach (var one in group)
            {
                place = one;
                if (lines.TryGetValue(one.Sequence, out var line) && IsWanted(query, line))
                {
                    page.Add(line.Json);
                    bytes += line.Json.Length;
                }

                if (page.Count == query.Limit || bytes >= MostPageBytes || ++looked >= MostLooked)
                    return new LogPage(page, index.Newest(query, place, 1).Count > 0 ? place : null);
            }
        }
    }

    private static bool IsWanted(LogQuery query, LogLine line)
    {
        if (query.Node is { } node && line.Node != node) return false;
        if (query.Words.Count == 0) return true;
        var text = TextOf(line.Json);
        return query.Words.All(word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>What a line says in words: message, logger, exception and labels.</summary>
    private static string TextOf(ReadOnlyMemory<byte> json)
    {
        var text = new StringBuilder();
        try
        {
            using var document = JsonDocument.Parse(json);
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.Name is "message") Add(property.Value);
                else if (property.Name is "log" or "error" or "labels" or "event" && property.Value.ValueKind == JsonValueKind.Object)
                    foreach (var inner in property.Value.EnumerateObject()) Add(inner.Value);
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // A text that is no Unicode; what was read before it counts.
        }

        return text.ToString();

        void Add(JsonElement value)
        {
            if (value.ValueKind is JsonValueKind.String) text.Append(value.GetString()).Append('\n');
            else if (value.ValueKind is JsonValueKind.Number) text.Append(value.GetRawText()).Append('\n');
        }
    }

    private Dictionary<ulong, LogLine> ReadAll(List<ulong> sequences)
    {
        sequences.Sort();
        var lines = new Dictionary<ulong, LogLine>(sequences.Count);
        for (var next = 0; next < sequences.Count;)
        {
            var before = next;
            foreach (var record in log.Read(sequences[next]))
            {
                // What retention has deleted meanwhile is passed over.
                while (next < sequences.Count && sequences[next] < record.Sequence) next++;
                if (next < sequences.Count && sequences[next] == record.Sequence)
                {
                    if (LogLine.Read(record.Payload) is { } line) lines[record.Sequence] = line;
                    next++;
                }

                if (next == sequences.Count || sequences[next] - record.Sequence > ReadOnSpan) break;
            }

            if (next == before) break;
        }

        return lines;
    }
}
