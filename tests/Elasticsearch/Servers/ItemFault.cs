namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>What one document of a bulk request is answered in place of being stored.</summary>
/// <param name="Status">Status of the item.</param>
/// <param name="Type">Of the error.</param>
/// <param name="Reason">Of the error.</param>
/// <param name="GoesToFailureStore">The document went to the failure store (Elasticsearch 9.1): the answer is one of success, and yet it is not in its index.</param>
internal sealed record ItemFault(int Status, string Type, string Reason, bool GoesToFailureStore = false)
{
    internal static ItemFault Unavailable { get; } = new(503, "unavailable_shards_exception", "[0] primary shard is not active Timeout: [1m], request: [BulkShardRequest [[logs-gpu.event-default-2026.11-000001][0]] containing [1] requests]");

    internal static ItemFault InternalError { get; } = new(500, "illegal_state_exception", "engine is closed");

    internal static ItemFault BadGateway { get; } = new(502, "process_cluster_event_timeout_exception", "failed to process cluster event (put-mapping) within 30s");

    internal static ItemFault Timeout { get; } = new(504, "timeout_exception", "timed out while waiting for the primary");

    internal static ItemFault FloodStage { get; } = new(429, "cluster_block_exception", "index [logs] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];");

    internal static ItemFault ReadOnly { get; } = new(403, "cluster_block_exception", "index [logs] blocked by: [FORBIDDEN/8/index write (api)];");

    internal static ItemFault WrongType { get; } = new(400, "document_parsing_exception", "[1:6] failed to parse field [gpu.index] of type [short]");

    internal static ItemFault NoIndex { get; } = new(404, "index_not_found_exception", "no such index [logs]");

    internal static ItemFault FailureStore { get; } = new(201, "", "", GoesToFailureStore: true);

    internal static ItemFault Rejected(ServerFlavour flavour) => new(429, flavour.RejectionError,
        "rejected execution of org.elasticsearch.action.support.replication.TransportWriteAction on EsThreadPoolExecutor[name = node/write, queue capacity = 10000, active threads = 4, queued tasks = 10000, completed tasks = 911]");

    /// <summary>As it stands in counts and messages.</summary>
    internal string Name => GoesToFailureStore ? "Item failure store" : $"Item {Status} {Type}";
}
