namespace Monitoring.Collector.Series;

/// <summary>Which series a feed's values belong to; a new one is made where the set of series changes.</summary>
/// <param name="Series">The series.</param>
/// <param name="Slots">Where each one's first value lies; a series has as many values as lines.</param>
/// <param name="SlotCount">Number of values.</param>
internal sealed record FeedLayout(StoredSeries[] Series, int[] Slots, int SlotCount);

/// <summary>
/// The values of one push. Two frames per feed take turns, so that the steady state allocates nothing; <see cref="Generation"/>
/// tells a reader who was overtaken by two pushes that what he copied is no single push.
/// </summary>
internal sealed class FeedFrame(FeedLayout layout, double[] values)
{
    private long generation;

    /// <summary>The series of the values.</summary>
    public FeedLayout Layout => layout;

    /// <summary>The values; NaN where a series has none.</summary>
    public double[] Values { get; private set; } = values;

    /// <summary>Odd while the frame is being written.</summary>
    public long Generation => Volatile.Read(ref generation);

    /// <summary>Takes new values in and gives the old array back for reuse.</summary>
    public double[] Exchange(double[] next)
    {
        Interlocked.Increment(ref generation);
        var old = Values;
        Values = next;
        Interlocked.Increment(ref generation);
        return old;
    }
}
