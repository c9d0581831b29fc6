using System.Diagnostics;
using System.Diagnostics.Metrics;
using Monitoring.Collector.Series;

namespace Monitoring.Collector.Exposition;

/// <summary>
/// The instruments with a series per node. The SDK never gives back the room of a series that it has seen once, and beyond the
/// room shows all nodes as one; so before nodes that come and go have used it up, the instruments are made anew.
/// </summary>
internal sealed class NodeInstruments : IDisposable
{
    /// <summary>Room for so many times the nodes that may be known at once.</summary>
    public const int Reserve = 2;

    private readonly string meterName;
    private readonly SeriesStore store;
    private readonly TimeProvider time;
    private readonly int maxNodes;
    private readonly Lock renewal = new();
    private readonly Lock gate = new();
    private readonly HashSet<(string Node, string? Cluster)> seen = [];
    private Meter meter;

    /// <summary>Creates the instruments beside those of <paramref name="collector"/>.</summary>
    public NodeInstruments(Meter collector, SeriesStore store, SeriesSettings settings, TimeProvider time)
    {
        meterName = MeterName(collector);
        maxNodes = settings.MaxNodes;
        this.store = store;
        this.time = time;
        meter = Make();
    }

    /// <summary>The name of the meter that the SDK must listen to.</summary>
    public static string MeterName(Meter collector) => collector.Name + ".nodes";

    /// <summary>Makes the instruments anew where less room is left than all nodes that may be known at once would take. Asked before a scrape.</summary>
    /// <param name="forget">Lets the SDK collect once, upon which it forgets instruments that are gone.</param>
    public void RenewIfNeeded(Action forget)
    {
        lock (renewal)
        {
            lock (gate)
                if (seen.Count <= maxNodes) return;
            meter.Dispose();
            forget();
            lock (gate) seen.Clear();
            meter = Make();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    private Meter Make()
    {
        var made = new Meter(meterName);
        made.CreateObservableGauge("gpu.collector.node_clock_skew", ReadSkews, "s", "How far the node's clock is ahead of the collector's by its last push.");
        made.CreateObservableGauge("gpu.collector.node_last_push_timestamp", ReadLastPushes, "s", "When the node's last push arrived, by the collector's clock.");
        return made;
    }

    private IEnumerable<Measurement<double>> ReadSkews()
    {
        var now = time.GetTimestamp();
        foreach (var node in store.Nodes.All)
            if (node.IsFresh(now) && !double.IsNaN(node.ClockSkewSeconds)) yield return Of(node, node.ClockSkewSeconds);
    }

    private IEnumerable<Measurement<double>> ReadLastPushes()
    {
        foreach (var node in store.Listed()) yield return Of(node, node.LastPush.ToUnixTimeMilliseconds() / 1000.0);
    }

    private Measurement<double> Of(Node node, double value)
    {
        var cluster = node.Cluster;
        lock (gate) seen.Add((node.Name, cluster));
        var tags = new TagList { { "node", node.Name } };
        if (cluster is not null) tags.Add("cluster", cluster);
        return new Measurement<double>(value, tags);
    }
}
