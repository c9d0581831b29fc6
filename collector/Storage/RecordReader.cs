using Monitoring.Segments;

namespace Monitoring.Collector.Storage;

/// <summary>How much is looked at for one page.</summary>
/// <param name="MostBytes">A page ends here, whatever its limit.</param>
/// <param name="ReadAtOnce">Records are read in groups of so many.</param>
/// <param name="MostRecords">A page ends after so many that were looked at; the next one goes on from there.</param>
internal readonly record struct RecordPaging(int MostBytes, int ReadAtOnce, int MostRecords = int.MaxValue);

/// <summary>A page of records.</summary>
/// <param name="Documents">What is shown of them, newest first.</param>
/// <param name="Next">Where the next page begins; null where there is none. A page that looked at enough has one though it has few records, or none.</param>
internal sealed record RecordPage(IReadOnlyList<ReadOnlyMemory<byte>> Documents, RecordCursor? Next);

/// <summary>Finds records for queries and sinks. Waits for no writer, and shows nothing that is not safe.</summary>
internal sealed class RecordReader<TMarks>(IRecordLog log, RecordIndex<TMarks> index)
    where TMarks : struct
{
    // To read on over so many records is quicker than to begin a segment anew.
    private const ulong ReadOnSpan = 8000;

    /// <summary>A page of the records that are asked for, newest first.</summary>
    /// <param name="sought">What is asked for.</param>
    /// <param name="after">Where the page before ended; null for the newest records.</param>
    /// <param name="limit">How many the page has at most.</param>
    /// <param name="findAtOnce">How many are found at once at least; more than the page has room for where few of them will be shown.</param>
    /// <param name="paging">How much is looked at.</param>
    /// <param name="show">What is shown of a record; null for one that is not what is asked for: entries know texts by their hashes alone.</param>
    public RecordPage Query<TSought>(TSought sought, RecordCursor? after, int limit, int findAtOnce, RecordPaging paging, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>?> show)
        where TSought : struct, ISought<TMarks>
    {
        var view = index.Published;
        var page = new List<ReadOnlyMemory<byte>>();
        var (bytes, looked) = (0, 0);
        while (true)
        {
            var many = Math.Max(findAtOnce, limit - page.Count);
            var found = view.Find(sought, after, many + 1);
            var hasMore = found.Count > many;
            if (hasMore) found.RemoveAt(many);
            for (var start = 0; start < found.Count; start += paging.ReadAtOnce)
            {
                var group = found.Slice(start, Math.Min(paging.ReadAtOnce, found.Count - start));
                var records = ReadAll(group.ConvertAll(static cursor => cursor.Sequence));
                foreach (var cursor in group)
                {
                    if (records.TryGetValue(cursor.Sequence, out var record) && show(record) is { } shown)
                    {
                        page.Add(shown);
                        bytes += shown.Length;
                    }

                    if (page.Count == limit || bytes >= paging.MostBytes || ++looked >= paging.MostRecords)
                        return new RecordPage(page, hasMore || cursor != found[^1] ? cursor : null);
                }
            }

            if (!hasMore) return new RecordPage(page, null);
            after = found[^1];
        }
    }

    /// <summary>The record with a key; null where it is not kept.</summary>
    public ReadOnlyMemory<byte>? Find(RecordKey key)
    {
        if (index.Published.Find(key) is not { } sequence) return null;
        if (ReadAll([sequence]).TryGetValue(sequence, out var record)) return record;
        return null;
    }

    /// <summary>The records from a place on, oldest first, each once.</summary>
    public IEnumerable<SegmentRecord> Read(ulong fromSequence)
    {
        var view = index.Published;
        foreach (var record in log.Read(fromSequence))
            if (view.HasSequence(record.Sequence)) yield return record;
    }

    private Dictionary<ulong, ReadOnlyMemory<byte>> ReadAll(List<ulong> sequences)
    {
        sequences.Sort();
        var records = new Dictionary<ulong, ReadOnlyMemory<byte>>(sequences.Count);
        for (var next = 0; next < sequences.Count;)
        {
            var before = next;
            foreach (var (sequence, _, payload) in log.Read(sequences[next]))
            {
                // What retention has deleted meanwhile is passed over.
                while (next < sequences.Count && sequences[next] < sequence) next++;
                if (next < sequences.Count && sequences[next] == sequence) records[sequences[next++]] = payload;
                if (next == sequences.Count || sequences[next] - sequence > ReadOnSpan) break;
            }

            if (next == before) break;
        }

        return records;
    }
}
