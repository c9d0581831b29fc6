using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Summaries;

/// <summary>Idle times by length.</summary>
internal sealed class GapLengths
{
    // Half a decade of launch latency, then the decades of what a host does between two steps; nanoseconds.
    private static readonly long[] Limits = [10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

    private readonly long[] counts = new long[Limits.Length + 1];
    private readonly long[] totals = new long[Limits.Length + 1];

    internal long Count => counts.Sum();

    internal long Total => totals.Sum();

    internal void Add(long gap)
    {
        var length = 0;
        while (length < Limits.Length && gap >= Limits[length]) length++;
        counts[length]++;
        totals[length] += gap;
    }

    internal void Add(GapLengths other)
    {
        for (var length = 0; length < counts.Length; length++)
        {
            counts[length] += other.counts[length];
            totals[length] += other.totals[length];
        }
    }

    internal IReadOnlyList<GapLength> ToSummary() =>
        [.. counts.Select((count, length) => new GapLength(length < Limits.Length ? Nanoseconds.ToSeconds(Limits[length]) : null, count, Nanoseconds.ToSeconds(totals[length])))];
}
