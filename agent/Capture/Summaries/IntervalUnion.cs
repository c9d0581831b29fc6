namespace Monitoring.Agent.Capture.Summaries;

/// <summary>
/// The union of intervals of time, in nanoseconds, that come in any order. Memory is bounded: past half a million separate intervals the shortest
/// gaps between older ones are counted as they stand and closed. They stay idle time; only work that comes late and would have filled
/// them is not seen any more, which work in the order of time never is.
/// </summary>
internal sealed class IntervalUnion(int intervalsAtMost = IntervalUnion.IntervalsByDefault)
{
    /// <summary>8 MB a union; 5 s of a GPU that starts a kernel every 10 us.</summary>
    internal const int IntervalsByDefault = 500_000;

    private const int BatchLength = 16 * 1024;

    /// <summary>Times beyond this are damage; up to here no difference of two overflows.</summary>
    private const long TimeAtMost = long.MaxValue / 2;

    private readonly List<Interval> batch = [];
    private List<Interval> merged = [];

    /// <summary>Gaps up to this length may have been closed; 0 while none was.</summary>
    internal long Resolution { get; private set; }

    /// <summary>The gaps that were closed.</summary>
    internal GapLengths Closed { get; private init; } = new();

    /// <summary>Takes an interval; one that ends before it starts takes no time.</summary>
    internal void Add(long start, long end)
    {
        if (end <= start || start < -TimeAtMost || end > TimeAtMost) return;
        batch.Add(new Interval(start, end));
        if (batch.Count >= BatchLength) Merge();
    }

    /// <summary>The same intervals, to go on from apart.</summary>
    internal IntervalUnion Clone()
    {
        var clone = new IntervalUnion(intervalsAtMost) { merged = [.. Intervals()], Resolution = Resolution };
        clone.Closed.Add(Closed);
        return clone;
    }

    /// <summary>The union: in order, without touching each other. Where gaps were closed, an interval has idle time in it.</summary>
    internal IReadOnlyList<Interval> Intervals()
    {
        Merge();
        return merged;
    }

    /// <summary>How much of a window is covered.</summary>
    internal long Covered(long from, long to)
    {
        long covered = 0;
        foreach (var interval in Intervals())
            covered += Math.Max(0, Math.Min(interval.End, to) - Math.Max(interval.Start, from));
        return Math.Max(0, covered - Closed.Total);
    }

    private void Merge()
    {
        if (batch.Count == 0) return;
        batch.Sort(static (left, right) => left.Start.CompareTo(right.Start));
        // What ends before the batch begins stays as it is; for work in order that is nearly everything.
        var kept = FirstEndingAtOrAfter(batch[0].Start);
        var tail = merged[kept..];
        merged.RemoveRange(kept, merged.Count - kept);
        int left = 0, right = 0;
        while (left < tail.Count || right < batch.Count)
            Append(right >= batch.Count || (left < tail.Count && tail[left].Start <= batch[right].Start) ? tail[left++] : batch[right++]);
        batch.Clear();
        while (merged.Count > intervalsAtMost) CloseShortestGaps();
    }

    private void Append(Interval next)
    {
        if (merged.Count > 0 && next.Start <= merged[^1].End) merged[^1] = merged[^1] with { End = Math.Max(merged[^1].End, next.End) };
        else merged.Add(next);
    }

    /// <summary>Closes gaps up to the median among the older three quarters, so that this is seldom done and what is new stays exact.</summary>
    private void CloseShortestGaps()
    {
        var older = Math.Max(2, merged.Count / 4 * 3);
        var gaps = new long[older - 1];
        for (var index = 0; index < gaps.Length; index++) gaps[index] = merged[index + 1].Start - merged[index].End;
        Array.Sort(gaps);
        var longest = gaps[gaps.Length / 2];
        Resolution = Math.Max(Resolution, longest);
        var place = 0;
        for (var index = 1; index < merged.Count; index++)
        {
            var gap = merged[index].Start - merged[place].End;
            if (index < older && gap <= longest)
            {
                Closed.Add(gap);
                merged[place] = merged[place] with { End = merged[index].End };
            }
            else
            {
                merged[++place] = merged[index];
            }
        }
        merged.RemoveRange(place + 1, merged.Count - place - 1);
    }

    private int FirstEndingAtOrAfter(long time)
    {
        int low = 0, high = merged.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (merged[middle].End < time) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}

/// <summary>From start to end, nanoseconds; the end is not in it.</summary>
internal readonly record struct Interval(long Start, long End);
