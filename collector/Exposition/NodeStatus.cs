using System.Text.Json.Serialization;
using Monitoring.Collector.Series;

namespace Monitoring.Collector.Exposition;

/// <summary>Whether a node is heard.</summary>
internal enum NodeState
{
    /// <summary>Its data is shown.</summary>
    [JsonStringEnumMemberName("fresh")]
    Fresh,

    /// <summary>Its data has expired; it stays in the target list for a while.</summary>
    [JsonStringEnumMemberName("expired")]
    Expired,
}

/// <summary>A node as <c>/api/v1/nodes</c> shows it.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Cluster">Its cluster; null where no sender said.</param>
/// <param name="State">Whether it is heard.</param>
/// <param name="LastPush">When its last push arrived, by the collector's clock.</param>
/// <param name="LastPushAgeSeconds">How long ago that was.</param>
/// <param name="PushIntervalSeconds">How often it pushes: the shortest of its sources; null where none is left.</param>
/// <param name="ClockSkewSeconds">How far its clock is ahead; null where not seen.</param>
/// <param name="Series">Series that it has.</param>
/// <param name="Sources">Senders that report it.</param>
/// <param name="AgentAddress">Where its agent can be scraped; null where no sender said.</param>
internal sealed record NodeStatus(
    string Node,
    string? Cluster,
    NodeState State,
    DateTimeOffset LastPush,
    double LastPushAgeSeconds,
    double? PushIntervalSeconds,
    double? ClockSkewSeconds,
    int Series,
    int Sources,
    string? AgentAddress)
{
    /// <summary>The state of a node now.</summary>
    public static NodeStatus Of(Node node, TimeProvider time)
    {
        var now = time.GetTimestamp();
        var feeds = node.Feeds;
        var skew = node.ClockSkewSeconds;
        return new NodeStatus(
            node.Name,
            node.Cluster,
            node.IsFresh(now) ? NodeState.Fresh : NodeState.Expired,
            node.LastPush,
            time.GetElapsedTime(node.LastPushTimestamp, now).TotalSeconds,
            feeds.Length == 0 ? null : feeds.Min(static feed => feed.Interval).TotalSeconds,
            double.IsNaN(skew) ? null : skew,
            node.SlotCount,
            feeds.Length,
            node.AgentAddress);
    }
}

/// <summary>A group of targets in the form of Prometheus' http_sd.</summary>
/// <param name="Targets">host:port, one here.</param>
/// <param name="Labels">Labels of the targets.</param>
internal sealed record TargetGroup(string[] Targets, SortedDictionary<string, string> Labels);

/// <summary>What the collector answers as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(List<NodeStatus>))]
[JsonSerializable(typeof(List<TargetGroup>))]
internal sealed partial class ExpositionJson : JsonSerializerContext;
