using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Monitoring.Collector.Series;

/// <summary>The nodes known. Readers look up without a lock; only the store's writer adds and removes, under the store's gate.</summary>
internal sealed class NodeDirectory(SeriesSettings settings, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Node> nodes = new(StringComparer.Ordinal);
    private long feedsMade;

    /// <summary>All nodes, in no order.</summary>
    public IEnumerable<Node> All => nodes.Select(static pair => pair.Value);

    /// <summary>Number of nodes.</summary>
    public int Count => nodes.Count;

    /// <summary>Finds a node.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out Node? node) => nodes.TryGetValue(name, out node);

    /// <summary>The feed of a node for a sender, made where it is new, if <paramref name="lines"/> more series fit.</summary>
    public PointRejection TryReserve(Origin origin, string nodeName, int lines, out Feed? feed)
    {
        feed = origin.Feeds.Find(candidate => candidate.Node.Name == nodeName);
        var isKnown = nodes.TryGetValue(nodeName, out var node);
        if (!isKnown && nodes.Count >= settings.MaxNodes) return PointRejection.NodeLimit;
        if ((node?.SlotCount ?? 0) + lines > settings.MaxSeriesPerNode)
        {
            feed = null;
            return PointRejection.SeriesLimit;
        }

        if (feed is not null) return PointRejection.None;
        if (node is not null && node.Feeds.Length >= settings.MaxSourcesPerNode) return PointRejection.SourceLimit;

        if (node is null) nodes[nodeName] = node = new Node(nodeName);
        feed = new Feed(node, origin, ++feedsMade, settings, time);
        node.Feeds = [.. node.Feeds, feed];
        origin.Feeds.Add(feed);
        return PointRejection.None;
    }

    /// <summary>Forgets a feed.</summary>
    public static void Forget(Feed feed)
    {
        var node = feed.Node;
        node.Feeds = [.. node.Feeds.Where(other => other != feed)];
        node.SlotCount -= feed.SlotCount;
    }

    /// <summary>Forgets a node.</summary>
    public void Forget(Node node) => nodes.TryRemove(node.Name, out _);
}
