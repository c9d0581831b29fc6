using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Journal;

/// <summary>The last XID of each GPU since the agent was started, whoever saw it. Not thread-safe.</summary>
internal sealed class LastXids
{
    private readonly Dictionary<string, int> codes = new(StringComparer.Ordinal);

    /// <summary>Takes an event.</summary>
    internal void Add(EventRecord record)
    {
        if (record is not { Kind: EventKinds.Xid, Code: { } code, Gpu.Uuid: { Length: > 0 } uuid }) return;
        if (codes.Count < EventCounters.GpusAtMost || codes.ContainsKey(uuid)) codes[uuid] = code;
    }

    /// <summary>The last XID of a GPU; null for none.</summary>
    internal int? Of(string uuid) => codes.TryGetValue(uuid, out var code) ? code : null;
}
