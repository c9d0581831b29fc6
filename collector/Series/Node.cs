namespace Monitoring.Collector.Series;

/// <summary>A node that senders have reported. The store's writer changes it under the store's gate; readers take no lock.</summary>
internal sealed class Node(string name)
{
    private volatile Feed[] feeds = [];
    private volatile string? agentAddress;
    private volatile string? cluster;
    private long lastPushTimestamp;
    private long lastPushUnixMilliseconds;
    private double clockSkewSeconds = double.NaN;
    private volatile int slotCount;
    private volatile bool hasPushed;
    private volatile NodeLayout? layout;

    /// <summary>Its name: label <c>node</c>.</summary>
    public string Name => name;

    /// <summary>Who reports it; the array is never changed, only replaced.</summary>
    public Feed[] Feeds
    {
        get => feeds;
        set => feeds = value;
    }

    /// <summary>Where its agent can be scraped, host:port; null where no sender said.</summary>
    public string? AgentAddress
    {
        get => agentAddress;
        set => agentAddress = value;
    }

    /// <summary>Its cluster; null where no sender said.</summary>
    public string? Cluster
    {
        get => cluster;
        set => cluster = value;
    }

    /// <summary>Series that it has, absent ones included.</summary>
    public int SlotCount
    {
        get => slotCount;
        set => slotCount = value;
    }

    /// <summary>How far the node's clock is ahead of the collector's by its last push, seconds; NaN where it was not seen.</summary>
    public double ClockSkewSeconds
    {
        get => Volatile.Read(ref clockSkewSeconds);
        set => Volatile.Write(ref clockSkewSeconds, value);
    }

    /// <summary>Whether a push of it was shown; false only for the moment in which it is made.</summary>
    public bool HasPushed => hasPushed;

    /// <summary>When its last push arrived, in ticks of the time provider.</summary>
    public long LastPushTimestamp => Volatile.Read(ref lastPushTimestamp);

    /// <summary>When its last push arrived, by the collector's clock.</summary>
    public DateTimeOffset LastPush => DateTimeOffset.FromUnixTimeMilliseconds(Volatile.Read(ref lastPushUnixMilliseconds));

    /// <summary>The node's series in the order of a page; made again where a feed has changed its set of series, come or gone.</summary>
    public NodeLayout Layout(long nowTimestamp)
    {
        var known = layout;
        if (known is not null && known.IsCurrent(feeds, nowTimestamp)) return known;
        return layout = NodeLayout.Make(feeds, nowTimestamp);
    }

    /// <summary>Notes a push.</summary>
    public void Pushed(long nowTimestamp, DateTimeOffset now)
    {
        Volatile.Write(ref lastPushTimestamp, nowTimestamp);
        Volatile.Write(ref lastPushUnixMilliseconds, now.ToUnixTimeMilliseconds());
        hasPushed = true;
    }

    /// <summary>Whether any sender of it is heard.</summary>
    public bool IsFresh(long nowTimestamp)
    {
        foreach (var feed in feeds)
            if (feed.IsFresh(nowTimestamp)) return true;
        return false;
    }
}
