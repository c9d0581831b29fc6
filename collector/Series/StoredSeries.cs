namespace Monitoring.Collector.Series;

/// <summary>
/// One series, or one histogram's set of series, of one sender. Found by the bytes that it arrives as; what a page shows of it
/// is rendered once, when it is first seen.
/// </summary>
internal sealed class StoredSeries(Feed feed, Family family, byte[] key, int attributesLength, byte[][] lines)
{
    /// <summary>Where its values are kept.</summary>
    public Feed Feed => feed;

    /// <summary>Its metric family.</summary>
    public Family Family => family;

    /// <summary>What it is found by: its attributes as the sender writes them, and behind them a histogram's bounds.</summary>
    public byte[] Key => key;

    /// <summary>Its attributes as the sender writes them.</summary>
    public ReadOnlySpan<byte> Attributes => key.AsSpan(0, attributesLength);

    /// <summary>A histogram's bounds as the sender writes them; empty otherwise.</summary>
    public ReadOnlySpan<byte> Bounds => key.AsSpan(attributesLength);

    /// <summary>Its lines on a page, each up to the value: one, or for a histogram the buckets, the sum and the count.</summary>
    public byte[][] Lines => lines;

    /// <summary>What tells it from its siblings of the family: equal bytes mean the same series to Prometheus.</summary>
    public ReadOnlySpan<byte> Identity => lines[^1];

    /// <summary>Where its first value lies among the feed's values. Only the store's writer looks here: layouts keep their own copy.</summary>
    public int Slot { get; set; }

    /// <summary>The sender's push that contained it last.</summary>
    public long SeenInPush { get; set; }

    /// <summary>Its place in the metric's order of arrival.</summary>
    public int Place { get; set; }
}
