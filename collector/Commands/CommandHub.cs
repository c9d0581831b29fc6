using System.Threading.Channels;

namespace Monitoring.Collector.Commands;

/// <summary>Which agents hold a stream of commands open. A node has one live stream; a newer one replaces it.</summary>
internal sealed class CommandHub(CommandSettings settings, TimeProvider time)
{
    /// <summary>How long a node counts as connected after its stream has broken: agents come back within seconds, and commands wait for them.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private readonly Dictionary<string, CommandFeed> feeds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> left = new(StringComparer.Ordinal); // when; of nodes without a stream, within the grace

    /// <summary>Streams that are open.</summary>
    public int Count
    {
        get
        {
            lock (gate) return feeds.Count;
        }
    }

    /// <summary>Commands that were written to streams.</summary>
    public long Sent { get; private set; }

    /// <summary>Streams that a newer one of the same node replaced.</summary>
    public long Replaced { get; private set; }

    /// <summary>The nodes that are connected, or were a moment ago, by name.</summary>
    public IReadOnlyList<string> Connected
    {
        get
        {
            lock (gate)
            {
                ForgetOld();
                return [.. feeds.Keys.Concat(left.Keys).Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Whether a node is connected, or was a moment ago.</summary>
    public bool IsConnected(string node)
    {
        lock (gate) return feeds.ContainsKey(node) || (left.TryGetValue(node, out var at) && time.GetElapsedTime(at) < Grace);
    }

    /// <summary>Opens a node's stream; the one before it ends. Null where too many nodes are connected.</summary>
    public CommandFeed? Attach(string node)
    {
        CommandFeed? before;
        var feed = new CommandFeed(node);
        lock (gate)
        {
            if (!feeds.TryGetValue(node, out before) && feeds.Count >= settings.MaxNodes) return null;
            feeds[node] = feed;
            left.Remove(node);
            if (before is not null) Replaced++;
        }
        before?.End();
        return feed;
    }

    /// <summary>A stream has ended.</summary>
    public void Detach(CommandFeed feed)
    {
        lock (gate)
        {
            if (feeds.GetValueOrDefault(feed.Node) != feed) return;
            feeds.Remove(feed.Node);
            ForgetOld();
            left[feed.Node] = time.GetTimestamp();
        }
    }

    /// <summary>Something waits for a node.</summary>
    public void Wake(string node)
    {
        lock (gate) feeds.GetValueOrDefault(node)?.Wake();
    }

    /// <summary>Counts commands that were written.</summary>
    public void Wrote(int commands)
    {
        lock (gate) Sent += commands;
    }

    private void ForgetOld()
    {
        foreach (var node in left.Where(pair => time.GetElapsedTime(pair.Value) >= Grace).Select(static pair => pair.Key).ToArray()) left.Remove(node);
    }
}

/// <summary>An open stream of one node.</summary>
internal sealed class CommandFeed(string node)
{
    // A signal that is not yet seen says everything that a second one would.
    private readonly Channel<bool> signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>The node.</summary>
    public string Node => node;

    /// <summary>True once a newer stream has taken its place.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>There may be something to write.</summary>
    public void Wake() => signal.Writer.TryWrite(true);

    /// <summary>Ends it for good.</summary>
    public void End()
    {
        HasEnded = true;
        signal.Writer.TryComplete();
    }

    /// <summary>Waits until there may be something to write.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (await signal.Reader.WaitToReadAsync(cancellationToken)) signal.Reader.TryRead(out _);
    }
}
