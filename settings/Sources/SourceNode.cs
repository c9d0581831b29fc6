namespace Monitoring.Settings.Sources;

/// <summary>A value as a source gave it, before anyone knows what it should be.</summary>
/// <param name="Origin">Where it stands: <c>/etc/gpu-agent/agent.yaml:12</c>, <c>environment variable GPU_AGENT_NODE</c>.</param>
/// <param name="Size">Nodes in it, each use of an alias counted anew.</param>
internal abstract record SourceNode(string Origin, int Size);

/// <summary>One value; <paramref name="Text"/> is null where the source has the key and nothing after it.</summary>
internal sealed record ScalarNode(string Origin, string? Text) : SourceNode(Origin, 1);

/// <summary>A list.</summary>
internal sealed record ListNode(string Origin, IReadOnlyList<SourceNode> Items) : SourceNode(Origin, 1 + Items.Sum(static item => item.Size));

/// <summary>Keys and values in the order of the source, a key given twice included.</summary>
internal sealed record MapNode(string Origin, IReadOnlyList<MapEntry> Entries) : SourceNode(Origin, 1 + Entries.Sum(static entry => entry.Value.Size));

/// <summary>A key with its value.</summary>
/// <param name="Origin">Where the key stands.</param>
internal readonly record struct MapEntry(string Key, string Origin, SourceNode Value);
