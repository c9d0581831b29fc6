namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>
/// Sums an amount, and the time in which it was watched, over a sliding window of <see cref="Buckets"/> buckets and the open one: what
/// happened is forgotten between one window and one window and a sixtieth later.
/// </summary>
/// <param name="window">Length in nanoseconds.</param>
internal sealed class SumWindow(long window)
{
    /// <summary>Buckets in a window.</summary>
    internal const int Buckets = 60;

    private const int Places = Buckets + 1;

    private readonly double[] amounts = new double[Places];
    private readonly long[] watched = new long[Places];
    private BucketClock clock = new(Math.Max(1, window / Buckets));
    private double closedAmount;
    private long closedWatched;
    private int open;

    /// <summary>The amount in the window.</summary>
    internal double Amount => closedAmount + amounts[open];

    /// <summary>Nanoseconds of the window that were watched.</summary>
    internal long Watched => closedWatched + watched[open];

    /// <summary>
    /// What is not 0 in the window, oldest first, each with the start of its bucket, in nanoseconds: a window that takes them up cuts time
    /// as this one does, so that again and again they are forgotten neither ever earlier nor ever later.
    /// </summary>
    internal IEnumerable<(long At, double Amount)> Parts
    {
        get
        {
            for (var bucket = Math.Max(0, clock.Open - Buckets); bucket <= clock.Open; bucket++)
                if (amounts[bucket % Places] is var amount and not 0) yield return (clock.Start(bucket), amount);
        }
    }

    /// <summary>True once half of the window was watched.</summary>
    internal bool IsHalfWatched => Watched >= window / 2;

    /// <summary>Forgets what left the window, and adds to the present.</summary>
    internal void Add(double amount, long nanoseconds, long now)
    {
        MoveTo(now);
        amounts[open] += amount;
        watched[open] += nanoseconds;
    }

    /// <summary>Adds what happened at some time between two moments, in even parts, as far as the window reaches.</summary>
    internal void Spread(double amount, long nanoseconds, long from, long to)
    {
        MoveTo(to);
        if (to <= from)
        {
            amounts[open] += amount;
            watched[open] += nanoseconds;
            return;
        }
        var last = clock.BucketOf(to);
        for (var bucket = Math.Max(Math.Max(0, last - Buckets), clock.BucketOf(from)); bucket <= last; bucket++)
        {
            var begin = Math.Max(from, clock.Start(bucket));
            var end = bucket == last ? to : Math.Min(to, clock.Start(bucket + 1));
            var share = Math.Max(0, end - begin) / (double)(to - from);
            amounts[bucket % Places] += amount * share;
            watched[bucket % Places] += (long)Math.Round(nanoseconds * share);
        }
        Close();
    }

    /// <summary>Forgets what left the window.</summary>
    internal void MoveTo(long now)
    {
        var before = clock.Open;
        var opened = clock.Advance(now);
        if (opened == 0) return;
        open = (int)(clock.Open % Places);
        for (var i = 1; i <= Math.Min(opened, Places); i++)
        {
            var place = (int)((before + i) % Places);
            amounts[place] = 0;
            watched[place] = 0;
        }
        Close();
    }

    // Summed anew: taking away what was added would leave a remainder where there is nothing.
    private void Close()
    {
        (closedAmount, closedWatched) = (0, 0);
        for (var i = 0; i < Places; i++)
        {
            if (i == open) continue;
            closedAmount += amounts[i];
            closedWatched += watched[i];
        }
    }
}
