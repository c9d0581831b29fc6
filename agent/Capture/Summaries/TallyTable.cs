using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Summaries;

/// <summary>How often and how long by key. Past <see cref="KeysAtMost"/> keys a new one goes to the others: counted, without a name.</summary>
internal sealed class TallyTable<TKey>
    where TKey : notnull
{
    /// <summary>Different names in one table; the largest models have some thousand kernels. 16 MB where each name is as long as it may be.</summary>
    internal const int KeysAtMost = 16_384;

    private readonly Dictionary<TKey, DurationTally> tallies = [];

    /// <summary>What has no name of its own.</summary>
    internal DurationTally Others { get; } = new();

    /// <summary>Everything.</summary>
    internal DurationTally All { get; } = new();

    internal IReadOnlyDictionary<TKey, DurationTally> Entries => tallies;

    internal void Add(TKey key, long nanoseconds)
    {
        All.Add(nanoseconds);
        if (!tallies.TryGetValue(key, out var tally))
        {
            if (tallies.Count >= KeysAtMost)
            {
                Others.Add(nanoseconds);
                return;
            }
            tallies.Add(key, tally = new DurationTally());
        }
        tally.Add(nanoseconds);
    }

    /// <summary>Those with the most time.</summary>
    internal IEnumerable<KeyValuePair<TKey, DurationTally>> Top(int count) =>
        tallies.OrderByDescending(static pair => pair.Value.Total).ThenByDescending(static pair => pair.Value.Count).Take(count);

    /// <summary>Takes every entry of another table, by other keys where wished: such as by name in place of a name's number.</summary>
    internal TallyTable<TKey> Add<TOther>(TallyTable<TOther> other, Func<TOther, TKey> key)
        where TOther : notnull
    {
        foreach (var (old, tally) in other.Entries)
        {
            var changed = key(old);
            if (tallies.TryGetValue(changed, out var known)) known.Add(tally);
            else if (tallies.Count >= KeysAtMost) Others.Add(tally);
            else (tallies[changed] = new DurationTally()).Add(tally);
        }
        Others.Add(other.Others);
        All.Add(other.All);
        return this;
    }

    /// <summary>The table for people and searches; null where there is nothing.</summary>
    /// <param name="name">Short and full name of a key.</param>
    internal SummaryTable? ToSummary(Func<TKey, (string Short, string Full)> name)
    {
        if (All.Count == 0) return null;
        var rows = new List<SummaryRow>();
        long count = 0, total = 0;
        foreach (var (key, tally) in Top(ProfilerSummary.RowsAtMost))
        {
            var (shortName, fullName) = name(key);
            rows.Add(Row(shortName, fullName == shortName ? "" : fullName, tally, All.Total));
            count += tally.Count;
            total += tally.Total;
        }
        return new SummaryTable(All.Count, Nanoseconds.ToSeconds(All.Total), tallies.Count, rows, All.Count - count, Nanoseconds.ToSeconds(All.Total - total));
    }

    internal static SummaryRow Row(string name, string fullName, DurationTally tally, long all) => new(
        name, tally.Count, Nanoseconds.ToSeconds(tally.Total), Nanoseconds.ToSeconds(tally.Total) / tally.Count, Nanoseconds.ToSeconds(tally.Min), Nanoseconds.ToSeconds(tally.Max),
        all == 0 ? 0 : (double)tally.Total / all, fullName);
}
