namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>The rhythm in which a tier is read: tells a reading that is late from one that is missing. Times are nanoseconds.</summary>
/// <param name="expected">Interval to go by until readings tell.</param>
internal sealed class Cadence(long expected)
{
    /// <summary>Later than this many intervals is a gap, as on the metrics page.</summary>
    internal const int IntervalsToGap = 3;

    private const int Kept = 5;
    private readonly long[] intervals = new long[Kept];
    private readonly long[] sorted = new long[Kept];
    private int taken;

    /// <summary>When it was last read; <see cref="long.MinValue"/> for never.</summary>
    internal long Last { get; private set; } = long.MinValue;

    /// <summary>The median of the last few intervals, so that one pause does not change it.</summary>
    internal long Interval { get; private set; } = expected;

    /// <summary>Time that the last reading stands for: back to the one before; 0 after a gap and at first.</summary>
    internal long Elapsed { get; private set; }

    /// <summary>Takes note of a reading.</summary>
    /// <returns>True where readings are missing before it.</returns>
    internal bool Read(long now)
    {
        if (Last == long.MinValue)
        {
            Last = now;
            return false;
        }
        var interval = now - Last;
        if (interval <= 0)
        {
            Elapsed = 0;
            return false;
        }
        var isGap = interval > IntervalsToGap * Interval;
        Elapsed = isGap ? 0 : interval;
        Last = now;
        intervals[taken++ % Kept] = interval;
        var count = Math.Min(taken, Kept);
        intervals.AsSpan(0, count).CopyTo(sorted);
        sorted.AsSpan(0, count).Sort();
        Interval = sorted[count / 2];
        return isGap;
    }

    /// <summary>True while the next reading is not overdue.</summary>
    internal bool IsFresh(long now) => Last != long.MinValue && now - Last <= IntervalsToGap * Interval;
}
