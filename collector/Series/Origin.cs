using System.Buffers;
using System.Text;
using Monitoring.Contracts.Otlp;

namespace Monitoring.Collector.Series;

/// <summary>A sender as OTLP names it: one resource and one scope. Only the store's writer touches it.</summary>
internal sealed class Origin(OriginResource resource, string identity, SeriesSettings limits)
{
    private const int StackKeyBytes = 512;

    // A series absent for so many pushes is forgotten; a shorter absence (a value that comes and goes) keeps its place.
    private const int PushesUntilForgotten = 10;

    private readonly List<MetricEntry> inOrder = [];
    private readonly Dictionary<byte[], MetricEntry> byBytes = new(BytesComparer.Instance);
    private readonly List<Feed> feeds = [];
    private int cursor;
    private long lastCleanup;

    /// <summary>Its resource.</summary>
    public OriginResource Resource => resource;

    /// <summary>What tells it from the other scopes of the resource.</summary>
    public string Identity => identity;

    /// <summary>The nodes it reports, usually one.</summary>
    public List<Feed> Feeds => feeds;

    /// <summary>How many pushes of it were seen.</summary>
    public long Pushes { get; private set; }

    /// <summary>The store's number of the push that contained it last.</summary>
    public long StorePush { get; private set; }

    /// <summary>Starts a push; a second part of the same push continues it.</summary>
    public bool Begin(long storePush)
    {
        if (StorePush == storePush) return false;
        StorePush = storePush;
        Pushes++;
        cursor = 0;
        return true;
    }

    /// <summary>The metric with this head, made where it is new.</summary>
    public MetricEntry Metric(in OtlpMetric metric)
    {
        var length = MetricEntry.KeyLength(metric);
        byte[]? rented = null;
        var key = length <= StackKeyBytes ? stackalloc byte[StackKeyBytes] : rented = ArrayPool<byte>.Shared.Rent(length);
        key = key[..length];
        MetricEntry.WriteKey(metric, key);

        MetricEntry entry;
        if (cursor < inOrder.Count && key.SequenceEqual(inOrder[cursor].Key)) entry = inOrder[cursor++];
        else entry = FindOrMake(metric, key);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);

        if (entry.SeenInPush != Pushes)
        {
            entry.SeenInPush = Pushes;
            entry.Rewind();
        }

        return entry;
    }

    /// <summary>Forgets metrics without series and, now and then, the series that have been absent for long.</summary>
    public void ForgetAbsent()
    {
        ForgetEmptyMetrics();
        if (Pushes - lastCleanup < PushesUntilForgotten) return;
        lastCleanup = Pushes;
        ForgetSeenUpTo(Pushes - PushesUntilForgotten);
    }

    /// <summary>Forgets a node that it no longer reports.</summary>
    public void Forget(Feed feed)
    {
        feeds.Remove(feed);
        Remove(series => series.Feed == feed);
    }

    private void ForgetSeenUpTo(long oldest)
    {
        Remove(series => series.SeenInPush <= oldest);
        foreach (var feed in feeds) feed.Remove(series => series.SeenInPush <= oldest);
    }

    private void Remove(Predicate<StoredSeries> isGone)
    {
        foreach (var metric in inOrder) metric.RemoveWhere(isGone);
        ForgetEmptyMetrics();
    }

    private void ForgetEmptyMetrics()
    {
        foreach (var metric in inOrder)
            if (metric.Count == 0) byBytes.Remove(metric.Key);
        if (inOrder.RemoveAll(static metric => metric.Count == 0) == 0) return;
        for (var place = 0; place < inOrder.Count; place++) inOrder[place].Place = place;
    }

    private MetricEntry FindOrMake(in OtlpMetric metric, ReadOnlySpan<byte> key)
    {
        if (!byBytes.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var entry))
        {
            entry = new MetricEntry(key.ToArray(), MakeFamily(metric)) { Place = inOrder.Count };
            // What cannot be stored is not remembered either.
            if (entry.Family is null) return entry;
            inOrder.Add(entry);
            byBytes.Add(entry.Key, entry);
        }

        if (entry.Place < cursor) return entry;
        var displaced = inOrder[cursor];
        (inOrder[cursor], inOrder[entry.Place]) = (entry, displaced);
        displaced.Place = entry.Place;
        entry.Place = cursor;
        cursor++;
        return entry;
    }

    private Family? MakeFamily(in OtlpMetric metric)
    {
        if (metric.Name.Length + metric.Unit.Length > limits.MaxLabelNameLength) return null;
        var kind = metric.Kind switch
        {
            OtlpMetricKind.Histogram => SeriesKind.Histogram,
            OtlpMetricKind.Sum when metric.IsMonotonic => SeriesKind.Counter,
            _ => SeriesKind.Gauge,
        };
        var (name, unit) = PrometheusName.Translate(
            Encoding.UTF8.GetString(metric.Name), Encoding.UTF8.GetString(metric.Unit), kind, metric.Kind == OtlpMetricKind.Gauge);
        return name.Length == 0 ? null : new Family(name, kind, unit, Encoding.UTF8.GetString(metric.Description));
    }
}
