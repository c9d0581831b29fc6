namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>What goes wrong, and when.</summary>
internal interface IFaultPlan
{
    /// <summary>The fault of a bulk request; null where it has none.</summary>
    RequestFault? OfRequest(ServerRequest request, IReadOnlyList<ReceivedAction> actions);

    /// <summary>The fault of a document; null where it has none.</summary>
    ItemFault? OfItem(ReceivedAction action);
}

/// <summary>All is well.</summary>
internal sealed class NoFaults : IFaultPlan
{
    public RequestFault? OfRequest(ServerRequest request, IReadOnlyList<ReceivedAction> actions) => null;

    public ItemFault? OfItem(ReceivedAction action) => null;
}

/// <summary>Faults in the order in which a test wants them; after the last all is well.</summary>
/// <param name="requests">Of the next bulk requests; null for one that is to succeed.</param>
internal sealed class ScriptedFaults(params RequestFault?[] requests) : IFaultPlan
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<RequestFault?> _requests = new(requests);
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, System.Collections.Concurrent.ConcurrentQueue<ItemFault>> _items = new(StringComparer.Ordinal);

    /// <summary>Faults that the next attempts of one document meet.</summary>
    internal ScriptedFaults WithItem(string id, params ItemFault[] faults)
    {
        _items[id] = new(faults);
        return this;
    }

    /// <summary>A fault that every attempt of one document meets.</summary>
    internal ScriptedFaults WithItemAlways(string id, ItemFault fault) => WithItem(id, [.. Enumerable.Repeat(fault, 1000)]);

    public RequestFault? OfRequest(ServerRequest request, IReadOnlyList<ReceivedAction> actions) => _requests.TryDequeue(out var fault) ? fault : null;

    public ItemFault? OfItem(ReceivedAction action) => action.Id is not null && _items.TryGetValue(action.Id, out var faults) && faults.TryDequeue(out var fault) ? fault : null;
}
