namespace Monitoring.Collector.Series;

/// <summary>A line of a node's page.</summary>
/// <param name="Prefix">The line up to its value.</param>
/// <param name="Slot">Where the value lies among the node's values.</param>
internal readonly record struct NodeLine(byte[] Prefix, int Slot);

/// <summary>A family of a node's page.</summary>
/// <param name="Family">Its name and heads.</param>
/// <param name="Lines">Its lines, sorted by labels.</param>
internal sealed record NodeFamily(Family Family, NodeLine[] Lines);

/// <summary>
/// Which series a node has, merged over its feeds: families sorted by name, each once, each series once. It holds no values;
/// <see cref="TryCopyValues"/> fetches those of the newest pushes.
/// </summary>
internal sealed class NodeLayout
{
    private readonly Feed[] allFeeds;
    private readonly (Feed Feed, FeedLayout Layout, int Offset)[] parts;

    private NodeLayout(Feed[] allFeeds, (Feed Feed, FeedLayout Layout, int Offset)[] parts, NodeFamily[] families, int slotCount, int conflicts)
    {
        this.allFeeds = allFeeds;
        this.parts = parts;
        Families = families;
        SlotCount = slotCount;
        Conflicts = conflicts;
    }

    /// <summary>The families, sorted by name.</summary>
    public NodeFamily[] Families { get; }

    /// <summary>Number of values that <see cref="TryCopyValues"/> writes.</summary>
    public int SlotCount { get; }

    /// <summary>Series left out because a younger feed reports the same one, or the same name as another kind.</summary>
    public int Conflicts { get; }

    /// <summary>Whether the layout is still that of <paramref name="feeds"/>.</summary>
    public bool IsCurrent(Feed[] feeds, long nowTimestamp)
    {
        if (feeds != allFeeds) return false;
        var part = 0;
        foreach (var feed in feeds)
        {
            if (!feed.IsFresh(nowTimestamp)) continue;
            if (part == parts.Length || parts[part].Feed != feed || parts[part].Layout != feed.Published.Layout) return false;
            part++;
        }

        return part == parts.Length;
    }

    /// <summary>Copies the newest values of every feed.</summary>
    /// <returns>False where a feed has another set of series by now: make the layout again.</returns>
    public bool TryCopyValues(Span<double> values)
    {
        foreach (var (feed, layout, offset) in parts)
            if (!feed.TryCopy(layout, values.Slice(offset, layout.SlotCount))) return false;
        return true;
    }

    /// <summary>Merges the layouts of the fresh feeds.</summary>
    public static NodeLayout Make(Feed[] feeds, long nowTimestamp)
    {
        var parts = new List<(Feed Feed, FeedLayout Layout, int Offset)>();
        var entries = new List<(StoredSeries Series, int Slot)>();
        var slotCount = 0;
        foreach (var feed in feeds)
        {
            if (!feed.IsFresh(nowTimestamp)) continue;
            var layout = feed.Published.Layout;
            parts.Add((feed, layout, slotCount));
            for (var index = 0; index < layout.Series.Length; index++) entries.Add((layout.Series[index], slotCount + layout.Slots[index]));
            slotCount += layout.SlotCount;
        }

        entries.Sort(Compare);
        var families = Group(entries, out var conflicts);
        return new NodeLayout(feeds, [.. parts], families, slotCount, conflicts);
    }

    private static NodeFamily[] Group(List<(StoredSeries Series, int Slot)> entries, out int conflicts)
    {
        var families = new List<NodeFamily>();
        var lines = new List<NodeLine>();
        Family? family = null;
        StoredSeries? previous = null;
        conflicts = 0;
        foreach (var (series, slot) in entries)
        {
            if (family is null || family.Name != series.Family.Name)
            {
                if (family is not null) families.Add(new NodeFamily(family, [.. lines]));
                lines.Clear();
                // The youngest feed sorts first among equals only; its head stands for the family's.
                family = series.Family;
                previous = null;
            }

            if (series.Family.Kind != family.Kind || (previous is not null && previous.Identity.SequenceEqual(series.Identity)))
            {
                conflicts += series.Lines.Length;
                continue;
            }

            previous = series;
            for (var line = 0; line < series.Lines.Length; line++) lines.Add(new NodeLine(series.Lines[line], slot + line));
        }

        if (family is not null) families.Add(new NodeFamily(family, [.. lines]));
        return [.. families];
    }

    private static int Compare((StoredSeries Series, int Slot) left, (StoredSeries Series, int Slot) right)
    {
        var order = string.CompareOrdinal(left.Series.Family.Name, right.Series.Family.Name);
        if (order == 0) order = left.Series.Identity.SequenceCompareTo(right.Series.Identity);
        if (order == 0) order = right.Series.Feed.Order.CompareTo(left.Series.Feed.Order);
        // Within one feed: a histogram whose bounds have changed. The later one is the living one.
        return order != 0 ? order : right.Slot.CompareTo(left.Slot);
    }
}
