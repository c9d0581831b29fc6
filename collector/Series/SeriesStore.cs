using Monitoring.Contracts.Otlp;

namespace Monitoring.Collector.Series;

/// <summary>
/// The newest value of every series of every node. One writer at a time, behind a gate that readers never meet: they read
/// what <see cref="Feed.Publish"/> has shown. One gate is enough because a push of 2,000 points passes it in well under a
/// millisecond; bodies are received, unpacked and validated outside.
/// </summary>
internal sealed class SeriesStore
{
    // Each point may have a resource, a scope and a metric of its own; heads beyond that carry nothing and cost memory all the same.
    private const long HeadsPerPoint = 3;

    private readonly Lock gate = new();
    private readonly SeriesSettings settings;
    private readonly TimeProvider time;
    private readonly NodeDirectory nodes;
    private readonly OriginResource.Directory resources = new();
    private readonly PushApplier applier;
    private long pushes;
    private int hasNodes;

    /// <summary>An empty store.</summary>
    public SeriesStore(SeriesSettings settings, TimeProvider time)
    {
        this.settings = settings;
        this.time = time;
        nodes = new NodeDirectory(settings, time);
        applier = new PushApplier(settings, resources, new SeriesMaker(settings, nodes));
    }

    /// <summary>The nodes.</summary>
    public NodeDirectory Nodes => nodes;

    /// <summary>What was taken in and what was refused.</summary>
    public IngestTally Tally { get; } = new();

    /// <summary>Resources that are remembered.</summary>
    public int SourceCount => resources.Count;

    /// <summary>How long a silent node stays known.</summary>
    public TimeSpan NodeRetention => settings.NodeRetention;

    /// <summary>Whether any push has been stored since the start.</summary>
    public bool HasHeardAnyNode => Volatile.Read(ref hasNodes) != 0;

    /// <summary>The nodes that have pushed within the retention, in no order.</summary>
    public IEnumerable<Node> Listed() => nodes.All.Where(node => node.HasPushed && time.GetElapsedTime(node.LastPushTimestamp) < settings.NodeRetention);

    /// <summary>Stores an ExportMetricsServiceRequest: all of it, but for points refused one by one; nothing where its bytes are malformed.</summary>
    public PushOutcome Push(ReadOnlySpan<byte> payload, int maxPoints) => Push(payload, maxPoints, out _);

    /// <summary>The same, and says which nodes the refused points are of.</summary>
    public PushOutcome Push(ReadOnlySpan<byte> payload, int maxPoints, out PushOutcome.Refused[] refused)
    {
        refused = [];
        Span<(int Offset, int Length)> seen = stackalloc (int Offset, int Length)[PushValidator.Slots];
        seen.Clear();
        var validator = new PushValidator(payload, seen);
        var fault = OtlpMetricsWalker.Walk(payload, ref validator);
        if (fault.IsFault) return new PushOutcome(fault, validator.Points, 0, PointRejection.None);
        if (validator.Points > maxPoints || validator.Heads > maxPoints * HeadsPerPoint) return new PushOutcome(default, Math.Max(validator.Points, validator.Heads), 0, PointRejection.None) { HasTooManyPoints = true };

        lock (gate)
        {
            var now = time.GetUtcNow();
            var visitor = applier;
            visitor.Begin(++pushes, now);
            OtlpMetricsWalker.Walk(payload, ref visitor);
            Publish(now);
            refused = applier.ListRejected();
            return Outcome(validator.Points);
        }
    }

    /// <summary>Frees what senders have left behind: feeds past their missed pushes, nodes past their retention.</summary>
    public void Sweep()
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            foreach (var node in nodes.All)
            {
                foreach (var feed in node.Feeds)
                    if (!feed.IsFresh(now)) Forget(feed);
                if (node.Feeds.Length == 0 && time.GetElapsedTime(node.LastPushTimestamp, now) >= settings.NodeRetention) nodes.Forget(node);
            }
        }
    }

    private void Publish(DateTimeOffset now)
    {
        var nowTimestamp = time.GetTimestamp();
        foreach (var feed in applier.Feeds)
        {
            if (!feed.IsInOrder(nowTimestamp))
            {
                applier.Reject(PointRejection.OutOfOrder, feed.PendingPoints, feed.Node.Name);
                continue;
            }

            var node = feed.Node;
            feed.Publish(nowTimestamp);
            node.Pushed(nowTimestamp, now);
            node.AgentAddress = feed.Origin.Resource.Facts.AgentAddress ?? node.AgentAddress;
            if (feed.PendingStatedTimeUnixNano != 0)
                node.ClockSkewSeconds = (feed.PendingStatedTimeUnixNano / 100 - (now - DateTimeOffset.UnixEpoch).Ticks) / (double)TimeSpan.TicksPerSecond;
            Volatile.Write(ref hasNodes, 1);
        }

        foreach (var origin in applier.Origins)
        {
            origin.ForgetAbsent();
            if (origin.Feeds.Count == 0) Forget(origin);
        }

        // A resource without a scope has no origin that could take it along.
        foreach (var sender in applier.Senders)
            if (sender.IsEmpty) resources.Forget(sender);
    }

    private PushOutcome Outcome(int points)
    {
        var rejected = 0;
        var reason = PointRejection.None;
        var counts = applier.RejectedByReason;
        for (var index = 0; index < counts.Length; index++)
        {
            if (counts[index] == 0) continue;
            rejected += counts[index];
            if (counts[index] > counts[(int)reason]) reason = (PointRejection)index;
            Tally.Reject((PointRejection)index, counts[index]);
        }

        // A push of which nothing was stored is refused as a whole by whoever received it.
        if (rejected < points || points == 0) Tally.Accept(points - rejected, applier.Clamped);
        return new PushOutcome(default, points, rejected, reason);
    }

    private void Forget(Feed feed)
    {
        NodeDirectory.Forget(feed);
        feed.Origin.Forget(feed);
        if (feed.Origin.Feeds.Count == 0) Forget(feed.Origin);
    }

    private void Forget(Origin origin)
    {
        origin.Resource.Forget(origin);
        if (origin.Resource.IsEmpty) resources.Forget(origin.Resource);
    }
}
