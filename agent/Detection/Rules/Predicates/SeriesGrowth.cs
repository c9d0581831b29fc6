namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>Growth of one series over a window.</summary>
/// <param name="series">Its name, to know it again when the layout changed.</param>
/// <param name="isCounter">True where a fall is a reset.</param>
/// <param name="length">Of the window, in nanoseconds.</param>
internal sealed class SeriesGrowth(string series, bool isCounter, long length)
{
    private readonly SumWindow window = new(length);
    private double last = double.NaN;
    private long lastAt;
    private bool isRecalled;

    internal string Series => series;

    /// <summary>The last reading; NaN for none.</summary>
    internal double Last => last;

    /// <summary>When it was, in nanoseconds.</summary>
    internal long LastAt => lastAt;

    /// <summary>What grew in the window, oldest first; see <see cref="SumWindow.Parts"/>.</summary>
    internal IEnumerable<(long At, double Amount)> Parts => window.Parts;

    /// <summary>Goes on from before a restart.</summary>
    /// <param name="value">The last reading.</param>
    /// <param name="at">When it was known to be right still, in nanoseconds.</param>
    /// <param name="parts">What had grown in the window.</param>
    internal void Recall(double value, long at, IEnumerable<(long At, double Amount)> parts)
    {
        foreach (var (grownAt, amount) in parts) window.Add(amount, 0, grownAt);
        window.MoveTo(at);
        (last, lastAt, isRecalled) = (value, at, true);
    }

    /// <summary>Growth in the window; NaN before anything of it was watched.</summary>
    internal double Amount => window.Watched > 0 ? window.Amount : double.NaN;

    /// <summary>Nanoseconds of the window over which the growth is known.</summary>
    internal long Watched => window.Watched;

    /// <summary>Takes a reading; NaN for none.</summary>
    internal void Take(double value, Cadence cadence, long now)
    {
        if (double.IsNaN(value))
        {
            window.MoveTo(now);
            return;
        }
        var since = now - lastAt;
        if (double.IsNaN(last) || since > length)
        {
            window.MoveTo(now);
        }
        else
        {
            var growth = value - last;
            if (isCounter && growth < 0) growth = value;
            if (isRecalled)
            {
                // Whole at its end: what comes in even parts makes a little less of a whole number.
                window.Spread(0, since, lastAt, now);
                window.Add(growth, 0, now);
            }
            else if (since <= Cadence.IntervalsToGap * cadence.Interval) window.Add(growth, since, now);
            else window.Spread(growth, since, lastAt, now);
        }
        (last, lastAt, isRecalled) = (value, now, false);
    }
}
