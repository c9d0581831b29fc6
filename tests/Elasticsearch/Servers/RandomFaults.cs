using System.Collections.Concurrent;
using System.Text;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>
/// Every fault of the table at random but for those of size, which follow from <see cref="FaultyFront.MaxContentLength"/>, the same ones for the same seed and order of requests. What passes is drawn anew for every attempt;
/// what lasts (a document that no server takes) follows from the id, as it does with a real server.
/// </summary>
/// <param name="seed">Of the generator.</param>
/// <param name="flavour">Whose names errors have.</param>
/// <param name="requestRate">Part of the bulk requests with a fault.</param>
/// <param name="itemRate">Part of the documents with a passing fault, in each attempt.</param>
/// <param name="lastingRate">Part of the documents that are refused for good.</param>
internal sealed class RandomFaults(int seed, ServerFlavour flavour, double requestRate, double itemRate, double lastingRate) : IFaultPlan
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private readonly Queue<RequestFault> _nextRequests = new();
    private readonly Queue<ItemFault> _nextItems = new();

    private readonly RequestFault[] _requests =
    [
        RequestFault.BadGateway, RequestFault.GatewayTimeoutAfterStoring, RequestFault.ServiceUnavailable, RequestFault.NoMaster, RequestFault.TooManyRequests, RequestFault.CircuitBreaker,
        RequestFault.InternalError, RequestFault.Unauthorized, RequestFault.Forbidden, RequestFault.PageOfSuccess,
        .. Enum.GetValues<RequestFaultKind>().Where(static kind => kind is not (RequestFaultKind.Refuse or RequestFaultKind.RefuseAfterStoring)).Select(RequestFault.Of),
    ];

    private readonly ItemFault[] _passing = [ItemFault.Rejected(flavour), ItemFault.Unavailable, ItemFault.InternalError, ItemFault.BadGateway, ItemFault.Timeout, ItemFault.FloodStage, ItemFault.ReadOnly];

    private static readonly ItemFault[] Lasting = [ItemFault.WrongType, ItemFault.NoIndex, ItemFault.FailureStore];

    /// <summary>Faults that were drawn, by name.</summary>
    internal ConcurrentDictionary<string, long> Drawn { get; } = new(StringComparer.Ordinal);

    /// <summary>Names of every fault that can be drawn.</summary>
    internal IEnumerable<string> Names =>
        [.. _requests.Select(static fault => fault.Name).Distinct(StringComparer.Ordinal), .. _passing.Select(static fault => fault.Name), .. Lasting.Select(static fault => fault.Name)];

    /// <summary>Whether a document of this id is refused for good.</summary>
    internal ItemFault? LastingFaultOf(string id)
    {
        // FNV-1a: the hash of a string would be another one in every process.
        var hash = 2166136261u;
        foreach (var one in Encoding.UTF8.GetBytes(id)) hash = unchecked((hash ^ one) * 16777619u);
        return hash / (double)uint.MaxValue < lastingRate ? Lasting[hash % (uint)Lasting.Length] : null;
    }

    public RequestFault? OfRequest(ServerRequest request, IReadOnlyList<ReceivedAction> actions)
    {
        RequestFault fault;
        lock (_lock)
        {
            if (_random.NextDouble() >= requestRate) return null;
            fault = Draw(_nextRequests, _requests);
        }

        Count(fault.Name);
        return fault;
    }

    public ItemFault? OfItem(ReceivedAction action)
    {
        var fault = LastingFaultOf(action.Id ?? "");
        if (fault is null)
        {
            lock (_lock)
            {
                if (_random.NextDouble() >= itemRate) return null;
                fault = Draw(_nextItems, _passing);
            }
        }

        Count(fault.Name);
        return fault;
    }

    /// <summary>In random order, each before any comes again.</summary>
    private T Draw<T>(Queue<T> next, T[] all)
    {
        if (next.Count == 0)
        {
            T[] shuffled = [.. all];
            _random.Shuffle(shuffled);
            foreach (var one in shuffled) next.Enqueue(one);
        }

        return next.Dequeue();
    }

    private void Count(string name) => Drawn.AddOrUpdate(name, 1, static (_, count) => count + 1);
}
