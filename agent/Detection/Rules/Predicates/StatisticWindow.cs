namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>
/// Mean, least and highest of a value over a sliding window that may end in the past. A window has 60 buckets, fewer where it lies far
/// back, at least 4: its borders are true to one bucket. The bucket that is open counts where the window ends now.
/// </summary>
internal sealed class StatisticWindow
{
    private const int BucketsPerWindow = 60;
    private const int LeastBucketsPerWindow = 4;
    private const int MostBuckets = 2048;

    private readonly long window;
    private readonly int width;
    private readonly int ago;
    private readonly double[] sums;
    private readonly int[] counts;
    private readonly double[] lowest;
    private readonly double[] highest;
    private readonly long[] watched;
    private BucketClock clock;
    private int open;
    private (double Sum, long Count, double Lowest, double Highest, long Watched) closed = (0, 0, double.PositiveInfinity, double.NegativeInfinity, 0);

    /// <param name="window">Length in nanoseconds.</param>
    /// <param name="ago">How long ago it ends, in nanoseconds.</param>
    internal StatisticWindow(long window, long ago)
    {
        this.window = window;
        width = ago == 0 ? BucketsPerWindow : (int)Math.Clamp(MostBuckets * ((double)window / (window + ago)), LeastBucketsPerWindow, BucketsPerWindow);
        var length = Math.Max(1, window / width);
        this.ago = (int)Math.Min(ago / length, MostBuckets);
        clock = new BucketClock(length);
        var places = width + this.ago + 1;
        (sums, counts, lowest, highest, watched) = (new double[places], new int[places], new double[places], new double[places], new long[places]);
        Array.Fill(lowest, double.PositiveInfinity);
        Array.Fill(highest, double.NegativeInfinity);
    }

    /// <summary>Nanoseconds of the window that were watched.</summary>
    internal long Watched => closed.Watched + (ago == 0 ? watched[open] : 0);

    /// <summary>True once half of the window was watched.</summary>
    internal bool IsHalfWatched => Watched >= window / 2;

    /// <summary>Buckets of the window that are closed.</summary>
    internal int Width => width;

    /// <summary>Moves the window.</summary>
    /// <returns>True where a bucket was closed.</returns>
    internal bool MoveTo(long now)
    {
        var before = clock.Open;
        var opened = clock.Advance(now);
        if (opened == 0) return false;
        open = (int)(clock.Open % sums.Length);
        for (var i = 1; i <= Math.Min(opened, sums.Length); i++)
        {
            var place = (int)((before + i) % sums.Length);
            (sums[place], counts[place], lowest[place], highest[place], watched[place]) = (0, 0, double.PositiveInfinity, double.NegativeInfinity, 0);
        }
        Close();
        return true;
    }

    /// <summary>Takes a value of the present, to which the window was moved.</summary>
    internal void Add(double value, long nanoseconds)
    {
        var place = open;
        sums[place] += value;
        counts[place]++;
        lowest[place] = Math.Min(lowest[place], value);
        highest[place] = Math.Max(highest[place], value);
        watched[place] += nanoseconds;
    }

    /// <summary>The statistic; NaN of no values.</summary>
    internal double Of(Statistic statistic)
    {
        var (sum, count, low, high, _) = closed;
        if (ago == 0)
            (sum, count, low, high) = (sum + sums[open], count + counts[open], Math.Min(low, lowest[open]), Math.Max(high, highest[open]));
        if (count == 0) return double.NaN;
        return statistic switch { Statistic.Mean => sum / count, Statistic.Minimum => low, _ => high };
    }

    /// <summary>Copies the means of the closed buckets that have values.</summary>
    /// <returns>How many there are.</returns>
    internal int CopyMeans(Span<double> means)
    {
        var count = 0;
        for (long bucket = clock.Open - ago - 1, i = 0; i < width && bucket >= 0; i++, bucket--)
        {
            var place = (int)(bucket % sums.Length);
            if (counts[place] > 0) means[count++] = sums[place] / counts[place];
        }
        return count;
    }

    private void Close()
    {
        closed = (0, 0, double.PositiveInfinity, double.NegativeInfinity, 0);
        for (long bucket = clock.Open - ago - 1, i = 0; i < width && bucket >= 0; i++, bucket--)
        {
            var place = (int)(bucket % sums.Length);
            closed.Sum += sums[place];
            closed.Count += counts[place];
            closed.Lowest = Math.Min(closed.Lowest, lowest[place]);
            closed.Highest = Math.Max(closed.Highest, highest[place]);
            closed.Watched += watched[place];
        }
    }
}
