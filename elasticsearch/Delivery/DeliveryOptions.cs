using Monitoring.Elasticsearch.Connection;

namespace Monitoring.Elasticsearch.Delivery;

/// <summary>How a delivery keeps its house: what it holds in memory, where dead letters go, and what must be in place before the first document.</summary>
public sealed record DeliveryOptions
{
    /// <summary>Directory of the dead letters, one file for each stream; made where it is missing.</summary>
    public required string DeadLetterDirectory { get; init; }

    /// <summary>Bytes that the dead letters of one stream may have on disk; the oldest are given up and counted.</summary>
    public long DeadLetterBytes { get; init; } = 64 << 20;

    /// <summary>Documents of a stream that are read and not settled; more are not read while these wait for another attempt.</summary>
    public int WindowDocuments { get; init; } = 20_000;

    /// <summary>Bytes of such documents; one document may be over it.</summary>
    public long WindowBytes { get; init; } = 32 << 20;

    /// <summary>Requests of a stream that are under way at once: one is answered while the next one is on its way.</summary>
    public int RequestsAtOnce { get; init; } = 2;

    /// <summary>
    /// Puts in place what documents need, such as index templates, before the first one is sent. It is asked again, with pauses, until it
    /// ends without a fault; documents wait meanwhile. Null needs nothing.
    /// </summary>
    public Func<ElasticsearchClient, CancellationToken, Task>? Prepare { get; init; }

    /// <summary>In place of the network, for tests; not disposed.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>Gives numbers from 0 to 1 that scatter pauses.</summary>
    public Func<double> Random { get; init; } = System.Random.Shared.NextDouble;
}
