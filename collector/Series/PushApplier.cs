using Monitoring.Contracts.Otlp;

namespace Monitoring.Collector.Series;

/// <summary>Writes a validated push into the feeds it belongs to. Used under the store's gate, one push at a time.</summary>
internal sealed class PushApplier(SeriesSettings settings, OriginResource.Directory resources, SeriesMaker maker) : IOtlpMetricsVisitor
{
    // A push names few nodes; the points of those beyond are counted without one.
    private const int MostRejectedNodes = 100;

    private readonly Dictionary<(string Node, PointRejection Reason), int> rejectedByNode = [];
    private readonly int[] rejected = new int[Enum.GetValues<PointRejection>().Length];
    private readonly List<OriginResource> senders = [];
    private readonly List<Origin> origins = [];
    private readonly List<Feed> feeds = [];
    private long storePush;
    private long nowUnixNano;
    private OriginResource? resource;
    private Origin? origin;
    private MetricEntry? metric;
    private PointRejection refusal;

    /// <summary>The resources in the push, as often as it names them.</summary>
    public List<OriginResource> Senders => senders;

    /// <summary>Their scopes, each once.</summary>
    public List<Origin> Origins => origins;

    /// <summary>The feeds that the push has points for.</summary>
    public List<Feed> Feeds => feeds;

    /// <summary>Points whose time lay in the future.</summary>
    public int Clamped { get; private set; }

    /// <summary>Points refused, by <see cref="PointRejection"/>.</summary>
    public ReadOnlySpan<int> RejectedByReason => rejected;

    /// <summary>Starts a push.</summary>
    public void Begin(long number, DateTimeOffset now)
    {
        storePush = number;
        nowUnixNano = (now - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        Array.Clear(rejected);
        rejectedByNode.Clear();
        senders.Clear();
        origins.Clear();
        feeds.Clear();
        Clamped = 0;
    }

    /// <summary>Points refused, by node and reason.</summary>
    public PushOutcome.Refused[] ListRejected() => [.. rejectedByNode.Select(static pair => new PushOutcome.Refused(pair.Key.Node, pair.Key.Reason, pair.Value))];

    /// <summary>Counts points that are not stored.</summary>
    public void Reject(PointRejection reason, int points, string node)
    {
        rejected[(int)reason] += points;
        var key = (rejectedByNode.Count < MostRejectedNodes ? node : "", reason);
        rejectedByNode[key] = rejectedByNode.GetValueOrDefault(key) + points;
    }

    /// <inheritdoc/>
    public ProtobufFault EnterResource(ReadOnlySpan<byte> resource, int offset)
    {
        senders.Add(this.resource = resources.Find(resource));
        return default;
    }

    /// <inheritdoc/>
    public ProtobufFault EnterScope(ReadOnlySpan<byte> scope, int offset)
    {
        origin = resource!.Scope(scope, settings);
        if (origin.Begin(storePush)) origins.Add(origin);
        return default;
    }

    /// <inheritdoc/>
    public void EnterMetric(in OtlpMetric metric)
    {
        refusal = Refusal(metric);
        if (refusal != PointRejection.None) return;
        this.metric = origin!.Metric(metric);
        if (this.metric.Family is null)
            refusal = metric.Name.Length + metric.Unit.Length > settings.MaxLabelNameLength ? PointRejection.LabelNameTooLong : PointRejection.MetricName;
    }

    /// <inheritdoc/>
    public ProtobufFault VisitNumber(in OtlpNumberPoint point, int offset)
    {
        if (refusal != PointRejection.None)
        {
            Reject(refusal, 1, NodeOf(point.Attributes, OtlpTags.NumberAttributes));
            return default;
        }

        var series = metric!.Find(point.Attributes, default) ?? Add(point.Attributes, OtlpTags.NumberAttributes, default);
        if (series is not null) Write(series, point.TimeUnixNano)[0] = point.Value;
        return default;
    }

    /// <inheritdoc/>
    public ProtobufFault VisitHistogram(in OtlpHistogramPoint point, int offset)
    {
        var reason = refusal != PointRejection.None ? refusal : StoredHistogram.Check(point);
        if (reason != PointRejection.None)
        {
            Reject(reason, 1, NodeOf(point.Attributes, OtlpTags.HistogramAttributes));
            return default;
        }

        var series = metric!.Find(point.Attributes, point.Bounds) ?? Add(point.Attributes, OtlpTags.HistogramAttributes, point.Bounds);
        if (series is not null) StoredHistogram.Write(point, Write(series, point.TimeUnixNano));
        return default;
    }

    /// <inheritdoc/>
    public void VisitOther(OtlpMetricKind kind) => Reject(refusal, 1, origin!.Resource.Facts.Node ?? "");

    private static PointRejection Refusal(in OtlpMetric metric) => metric.Kind switch
    {
        OtlpMetricKind.Gauge => PointRejection.None,
        OtlpMetricKind.ExponentialHistogram => PointRejection.ExponentialHistogram,
        OtlpMetricKind.Summary => PointRejection.Summary,
        _ => metric.Temporality switch
        {
            OtlpTemporality.Cumulative => PointRejection.None,
            OtlpTemporality.Delta => PointRejection.DeltaTemporality,
            _ => PointRejection.UnspecifiedTemporality,
        },
    };

    private StoredSeries? Add(ReadOnlySpan<byte> attributes, uint attributesTag, ReadOnlySpan<byte> bounds)
    {
        var reason = maker.TryMake(origin!, metric!, metric!.Family!, attributes, attributesTag, bounds, out var series);
        if (series is null) Reject(reason, 1, NodeOf(attributes, attributesTag));
        return series;
    }

    private string NodeOf(ReadOnlySpan<byte> attributes, uint attributesTag)
    {
        foreach (var attribute in new OtlpAttributes(attributes, attributesTag))
            if (attribute.Key.SequenceEqual("node"u8)) return Bounded(attribute.Value.ToString());
        return Bounded(origin!.Resource.Facts.Node ?? "");
    }

    private string Bounded(string node) => node.Length <= settings.MaxLabelValueLength ? node : node[..settings.MaxLabelValueLength];

    private Span<double> Write(StoredSeries series, ulong timeUnixNano)
    {
        var feed = series.Feed;
        if (feed.Begin(storePush)) feeds.Add(feed);
        series.SeenInPush = origin!.Pushes;

        var stated = (long)Math.Min(timeUnixNano, long.MaxValue);
        var time = stated;
        if (time > nowUnixNano && time - nowUnixNano > settings.FutureTolerance.Ticks * TimeSpan.NanosecondsPerTick)
        {
            time = nowUnixNano;
            Clamped++;
        }

        return feed.Write(series, time, stated);
    }
}
