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

    internal string Series => series;

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
            if (since <= Cadence.IntervalsToGap * cadence.Interval) window.Add(growth, since, now);
            else window.Spread(growth, since, lastAt, now);
        }
        (last, lastAt) = (value, now);
    }
}
