namespace Monitoring.Elasticsearch.Connection;

/// <summary>
/// Which node is asked next: each in its turn; one that failed rests, longer each time, and is tried again. Where all rest, the one that
/// has rested most is asked, for the caller has pauses of its own.
/// </summary>
internal sealed class ClusterNodes(IEnumerable<Uri> addresses, RetryPauses pauses, TimeProvider time)
{
    private readonly Lock gate = new(); // guards the nodes and whose turn it is
    private readonly ClusterNode[] nodes = [.. addresses.Select(static address => new ClusterNode(WithSlash(address)))];
    private int turn;

    /// <summary>Number of nodes.</summary>
    internal int Count => nodes.Length;

    /// <summary>Nodes that rest now.</summary>
    internal int Resting
    {
        get
        {
            var now = time.GetTimestamp();
            lock (gate) return nodes.Count(node => node.RestsUntil > now);
        }
    }

    /// <summary>The next node; null when all were tried.</summary>
    /// <param name="tried">Those that this request met already.</param>
    internal ClusterNode? Next(IReadOnlyCollection<ClusterNode> tried)
    {
        var now = time.GetTimestamp();
        lock (gate)
        {
            ClusterNode? rested = null;
            for (var step = 0; step < nodes.Length; step++)
            {
                var node = nodes[(turn + step) % nodes.Length];
                if (tried.Contains(node)) continue;
                if (node.RestsUntil <= now)
                {
                    turn = (turn + step + 1) % nodes.Length;
                    return node;
                }
                if (rested is null || node.RestsUntil < rested.RestsUntil) rested = node;
            }
            return rested;
        }
    }

    /// <summary>A node answered.</summary>
    internal void Succeeded(ClusterNode node)
    {
        lock (gate) (node.Failures, node.RestsUntil) = (0, 0);
    }

    /// <summary>A node could not be reached or could not do its work.</summary>
    internal void Failed(ClusterNode node)
    {
        lock (gate)
        {
            var pause = pauses.After(node.Failures++, null);
            node.RestsUntil = time.GetTimestamp() + (long)(pause.TotalSeconds * time.TimestampFrequency);
        }
    }

    private static Uri WithSlash(Uri address) =>
        new UriBuilder(address) { Path = address.AbsolutePath.TrimEnd('/') + "/", Query = "", Fragment = "", UserName = "", Password = "" }.Uri;
}
