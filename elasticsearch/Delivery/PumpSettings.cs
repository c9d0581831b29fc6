using Monitoring.Elasticsearch.Connection;

namespace Monitoring.Elasticsearch.Delivery;

/// <summary>What a pump needs to know of its settings.</summary>
internal sealed record PumpSettings(int MaxBatchBytes, int MaxBatchDocuments, TimeSpan MaxBatchAge, int WindowDocuments, long WindowBytes, int RequestsAtOnce)
{
    internal static PumpSettings Of(ElasticsearchConnectionSettings connection, DeliveryOptions options) =>
        new(connection.MaxBatchBytes, connection.MaxBatchDocuments, connection.MaxBatchAge, Math.Max(1, options.WindowDocuments), options.WindowBytes, Math.Max(1, options.RequestsAtOnce));
}
