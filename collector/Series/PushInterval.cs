namespace Monitoring.Collector.Series;

/// <summary>How often a sender pushes: as it states, else the median of what was seen, else the setting.</summary>
internal sealed class PushInterval(TimeSpan? stated, TimeSpan assumed, int missedPushes)
{
    private const int Remembered = 9;

    // Two gaps can be one accident; three have a median.
    private const int GapsForMedian = 3;

    // No sender is punctual to the millisecond: with one push that may be missed, the next one would always seem late.
    private const double LeastIntervals = 1.5;

    // A burst of retries must not make a sender stale in milliseconds, nor a pause keep dead data for hours.
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly long[] gaps = new long[Remembered];
    private long current = (stated ?? assumed).Ticks;
    private int count;

    /// <summary>The interval.</summary>
    public TimeSpan Current => TimeSpan.FromTicks(Volatile.Read(ref current));

    /// <summary>How long after a push the sender counts as silent.</summary>
    public TimeSpan StaleAfter => Current * Math.Max(missedPushes, LeastIntervals);

    /// <summary>Takes in the time between two pushes.</summary>
    public void Observe(TimeSpan gap)
    {
        if (stated is not null) return;
        gaps[count++ % Remembered] = gap.Ticks;
        var seen = Math.Min(count, Remembered);
        if (seen < GapsForMedian) return;

        Span<long> sorted = stackalloc long[Remembered];
        sorted = sorted[..seen];
        gaps.AsSpan(0, seen).CopyTo(sorted);
        sorted.Sort();
        Volatile.Write(ref current, Math.Clamp(sorted[seen / 2], Shortest.Ticks, Longest.Ticks));
    }
}
