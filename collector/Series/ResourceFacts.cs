using System.Buffers;
using System.Globalization;
using System.Text;
using Monitoring.Contracts.Otlp;

namespace Monitoring.Collector.Series;

/// <summary>What a sender's resource says about it.</summary>
/// <param name="Identity">All its attributes, sorted, so that the same resource is known in whatever order it is written.</param>
/// <param name="Node">The node for points that name none: <c>host.name</c>, else <c>service.instance.id</c>; null where neither is there.</param>
/// <param name="Cluster">The cluster for points that name none: <c>cluster</c>, else <c>k8s.cluster.name</c>.</param>
/// <param name="AgentAddress">Where the agent itself can be scraped, host:port: <c>gpu.agent.address</c>.</param>
/// <param name="PushInterval">How often it pushes: <c>gpu.agent.push_interval_seconds</c>, within 100 ms and 1 h.</param>
internal sealed record ResourceFacts(string Identity, string? Node, string? Cluster, string? AgentAddress, TimeSpan? PushInterval)
{
    // A stated interval decides how long dead data stays; a sender may not make it eternal.
    private const double ShortestIntervalSeconds = 0.1;
    private const double LongestIntervalSeconds = 3600;

    private static readonly SearchValues<char> NoAddress = SearchValues.Create("/?#@\\ ");

    /// <summary>Reads the facts of a Resource message.</summary>
    public static ResourceFacts Read(ReadOnlySpan<byte> resource)
    {
        var attributes = ReadSorted(resource, OtlpTags.ResourceAttributes);
        TimeSpan? interval = null;
        if (double.TryParse(Find(attributes, "gpu.agent.push_interval_seconds"), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            && seconds is >= ShortestIntervalSeconds and <= LongestIntervalSeconds)
            interval = TimeSpan.FromSeconds(seconds);

        return new ResourceFacts(
            Join(attributes),
            Find(attributes, "host.name") ?? Find(attributes, "service.instance.id"),
            Find(attributes, "cluster") ?? Find(attributes, "k8s.cluster.name"),
            Address(Find(attributes, "gpu.agent.address")),
            interval);
    }

    /// <summary>What tells a scope from its siblings: name, version and attributes.</summary>
    public static string ScopeIdentity(ReadOnlySpan<byte> scope)
    {
        var identity = new StringBuilder();
        var reader = new ProtobufReader(scope);
        while (reader.ReadTag())
        {
            switch (reader.Tag)
            {
                case OtlpTags.ScopeName: identity.Append('n').Append(Encoding.UTF8.GetString(reader.ReadBytes())).Append('\0'); break;
                case OtlpTags.ScopeVersion: identity.Append('v').Append(Encoding.UTF8.GetString(reader.ReadBytes())).Append('\0'); break;
                default: reader.Skip(); break;
            }
        }

        return identity.Append(Join(ReadSorted(scope, OtlpTags.ScopeAttributes))).ToString();
    }

    // It becomes a target that Prometheus connects to: only host:port, nothing that could be read as a path or a scheme.
    private static string? Address(string? text)
    {
        if (text is null || text.AsSpan().IndexOfAny(NoAddress) >= 0) return null;
        return Uri.TryCreate("http://" + text, UriKind.Absolute, out var uri) && text.EndsWith(":" + uri.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            ? text
            : null;
    }

    private static List<(string Key, string Value)> ReadSorted(ReadOnlySpan<byte> message, uint tag)
    {
        var attributes = new List<(string Key, string Value)>();
        foreach (var attribute in new OtlpAttributes(message, tag)) attributes.Add((Encoding.UTF8.GetString(attribute.Key), attribute.Value.ToString()));
        attributes.Sort(static (left, right) => string.CompareOrdinal(left.Key, right.Key));
        return attributes;
    }

    private static string Join(List<(string Key, string Value)> attributes)
    {
        var joined = new StringBuilder();
        foreach (var (key, value) in attributes) joined.Append(key).Append('\u0001').Append(value).Append('\0');
        return joined.ToString();
    }

    private static string? Find(List<(string Key, string Value)> attributes, string key)
    {
        foreach (var attribute in attributes)
            if (attribute.Key == key && attribute.Value.Length > 0) return attribute.Value;
        return null;
    }
}
