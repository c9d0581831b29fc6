namespace Monitoring.Collector.Series;

/// <summary>
/// What one sender (resource and scope) reports of one node: its newest push. The store's writer fills it under the store's
/// gate; readers take no lock.
/// </summary>
internal sealed class Feed
{
    private readonly List<StoredSeries> series = [];
    private readonly PushInterval interval;
    private readonly TimeProvider time;

    private double[] pending = [];
    private FeedFrame spare;
    private volatile FeedFrame published;
    private int slotCount;
    private bool shapeChanged;
    private long receivedTimestamp;
    private long acceptedTimeUnixNano;

    /// <summary>Starts without series.</summary>
    public Feed(Node node, Origin origin, long order, SeriesSettings settings, TimeProvider time)
    {
        Node = node;
        Origin = origin;
        Order = order;
        this.time = time;
        interval = new PushInterval(origin.Resource.Facts.PushInterval, settings.DefaultPushInterval, settings.MissedPushes);
        var empty = new FeedLayout([], [], 0);
        published = new FeedFrame(empty, []);
        spare = new FeedFrame(empty, []);
        receivedTimestamp = time.GetTimestamp();
    }

    /// <summary>The node.</summary>
    public Node Node { get; }

    /// <summary>The sender.</summary>
    public Origin Origin { get; }

    /// <summary>Grows from feed to feed; where two report the same series, the younger feed is believed.</summary>
    public long Order { get; }

    /// <summary>The store's number of the push that is being written.</summary>
    public long StorePush { get; private set; }

    /// <summary>Points of the push that is being written.</summary>
    public int PendingPoints { get; private set; }

    /// <summary>Latest time among those points, not ahead of now; nanoseconds since 1970, 0 where none had one.</summary>
    public long PendingTimeUnixNano { get; private set; }

    /// <summary>The same as the sender's clock said it.</summary>
    public long PendingStatedTimeUnixNano { get; private set; }

    /// <summary>Number of values, absent ones included.</summary>
    public int SlotCount => slotCount;

    /// <summary>The newest push.</summary>
    public FeedFrame Published => published;

    /// <summary>When the newest push arrived, in ticks of the time provider.</summary>
    public long ReceivedTimestamp => Volatile.Read(ref receivedTimestamp);

    /// <summary>Whether it has shown a push, and has missed fewer since than make its series vanish.</summary>
    public bool IsFresh(long nowTimestamp) => published.Layout.SlotCount > 0 && time.GetElapsedTime(ReceivedTimestamp, nowTimestamp) < interval.StaleAfter;

    /// <summary>How long the sender takes from push to push.</summary>
    public TimeSpan Interval => interval.Current;

    /// <summary>Starts a push where this is its first point.</summary>
    /// <returns>Whether it was started now.</returns>
    public bool Begin(long storePush)
    {
        if (StorePush == storePush) return false;
        StorePush = storePush;
        PendingPoints = 0;
        PendingTimeUnixNano = 0;
        PendingStatedTimeUnixNano = 0;
        if (pending.Length < slotCount) pending = new double[slotCount];
        // A push is the full state: what it does not contain is gone.
        pending.AsSpan(0, slotCount).Fill(double.NaN);
        return true;
    }

    /// <summary>Where a series' values of this push belong.</summary>
    public Span<double> Write(StoredSeries one, long timeUnixNano, long statedTimeUnixNano)
    {
        PendingPoints++;
        if (timeUnixNano > PendingTimeUnixNano) PendingTimeUnixNano = timeUnixNano;
        if (statedTimeUnixNano > PendingStatedTimeUnixNano) PendingStatedTimeUnixNano = statedTimeUnixNano;
        return pending.AsSpan(one.Slot, one.Lines.Length);
    }

    /// <summary>Adds a series.</summary>
    public void Add(StoredSeries one)
    {
        one.Slot = slotCount;
        slotCount += one.Lines.Length;
        Node.SlotCount += one.Lines.Length;
        series.Add(one);
        shapeChanged = true;
        if (pending.Length < slotCount) Array.Resize(ref pending, Math.Max(slotCount, pending.Length * 2));
        pending.AsSpan(one.Slot, one.Lines.Length).Fill(double.NaN);
    }

    /// <summary>Removes series between pushes; their places close with the next push.</summary>
    public void Remove(Predicate<StoredSeries> isGone)
    {
        if (series.RemoveAll(isGone) == 0) return;
        var before = slotCount;
        slotCount = 0;
        foreach (var one in series)
        {
            one.Slot = slotCount;
            slotCount += one.Lines.Length;
        }

        Node.SlotCount -= before - slotCount;
        shapeChanged = true;
    }

    /// <summary>
    /// Whether the push may replace what is published. An older one may not, as long as the sender is alive: it was held up on
    /// its way. Where nothing newer came for two intervals, the node's clock was set back, and its word counts again.
    /// </summary>
    public bool IsInOrder(long nowTimestamp)
        => PendingTimeUnixNano == 0 || PendingTimeUnixNano >= acceptedTimeUnixNano
            || time.GetElapsedTime(ReceivedTimestamp, nowTimestamp) >= 2 * interval.Current;

    /// <summary>Shows the push to readers.</summary>
    public void Publish(long nowTimestamp)
    {
        if (published.Layout.SlotCount > 0) interval.Observe(time.GetElapsedTime(receivedTimestamp, nowTimestamp));
        if (PendingTimeUnixNano != 0) acceptedTimeUnixNano = PendingTimeUnixNano;
        if (shapeChanged)
        {
            var layout = new FeedLayout([.. series], [.. series.Select(static one => one.Slot)], slotCount);
            spare = new FeedFrame(layout, new double[slotCount]);
            published = new FeedFrame(layout, pending.AsSpan(0, slotCount).ToArray());
            pending = new double[slotCount];
            shapeChanged = false;
        }
        else
        {
            var next = spare;
            pending = next.Exchange(pending);
            spare = published;
            published = next;
        }

        Volatile.Write(ref receivedTimestamp, nowTimestamp);
    }

    /// <summary>Copies the newest push.</summary>
    /// <param name="layout">The layout that the caller reckons with.</param>
    /// <param name="values">Takes <see cref="FeedLayout.SlotCount"/> values.</param>
    /// <returns>False where the feed has another layout by now.</returns>
    public bool TryCopy(FeedLayout layout, Span<double> values)
    {
        // A copy takes a microsecond and is only spoilt by two pushes in that time; so the loop ends at once in practice.
        while (true)
        {
            var frame = published;
            if (frame.Layout != layout) return false;
            var generation = frame.Generation;
            frame.Values.AsSpan(0, layout.SlotCount).CopyTo(values);
            Thread.MemoryBarrier();
            if ((generation & 1) == 0 && frame.Generation == generation) return true;
        }
    }
}
