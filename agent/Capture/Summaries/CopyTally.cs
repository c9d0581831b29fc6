using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Summaries;

/// <summary>Copies and fills by kind.</summary>
internal sealed class CopyTally
{
    private readonly SortedDictionary<string, (DurationTally Time, long Bytes)> kinds = new(StringComparer.Ordinal);

    /// <param name="kind">One of <see cref="CopyKinds"/>.</param>
    internal void Add(string kind, long nanoseconds, long bytes)
    {
        var (time, sum) = kinds.TryGetValue(kind, out var known) ? known : (new DurationTally(), 0);
        time.Add(nanoseconds);
        bytes = Math.Max(0, bytes);
        kinds[kind] = (time, sum > long.MaxValue - bytes ? long.MaxValue : sum + bytes);
    }

    /// <summary>The table; null where nothing was copied.</summary>
    internal CopyTable? ToSummary()
    {
        if (kinds.Count == 0) return null;
        var all = new DurationTally();
        long allBytes = 0;
        foreach (var (time, bytes) in kinds.Values)
        {
            all.Add(time);
            allBytes = allBytes > long.MaxValue - bytes ? long.MaxValue : allBytes + bytes;
        }
        var rows = from pair in kinds
                   let seconds = Nanoseconds.ToSeconds(pair.Value.Time.Total)
                   orderby seconds descending
                   select new CopyRow(
                       pair.Key, pair.Value.Time.Count, seconds, pair.Value.Bytes, seconds > 0 ? pair.Value.Bytes / seconds : null, all.Total == 0 ? 0 : (double)pair.Value.Time.Total / all.Total);
        return new CopyTable(all.Count, Nanoseconds.ToSeconds(all.Total), allBytes, [.. rows]);
    }
}
