using Monitoring.Elasticsearch.Connection;

namespace Monitoring.Elasticsearch.Delivery;

/// <summary>The table of decisions for one document (docs/elasticsearch-delivery.md).</summary>
internal static class ItemVerdicts
{
    // Blocks are told by number (ClusterBlocks of both servers): 5 index read-only, 8 index write. Number 12, the flood stage, heals by itself.
    private static readonly string[] BlocksOfOneIndex = ["/5/", "/8/"];

    internal static ItemVerdict Of(BulkItem item) => item.Status switch
    {
        >= 200 and < 300 => item.IsInFailureStore ? ItemVerdict.FailureStore : ItemVerdict.Stored,
        409 => ItemVerdict.Duplicate,
        403 or 429 when item.Error is { IsClusterBlock: true } => IsOfOneIndex(item.Error) ? ItemVerdict.IndexBlocked : ItemVerdict.Blocked,
        401 or 403 => ItemVerdict.Blocked,
        400 when IsOutOfShards(item.Error) => ItemVerdict.Blocked,
        429 => ItemVerdict.Busy,
        500 => ItemVerdict.Failing,
        408 => ItemVerdict.Retry,
        >= 400 and < 500 => ItemVerdict.Refused,
        _ => ItemVerdict.Retry, // 502, 503, 504, and what nobody has seen yet: its id makes another attempt harmless
    };

    // The first document of a month or a day makes its index: over the limit of shards nothing is wrong with the document. Seen on OpenSearch
    // 2.19 ("this action would add [2] total shards, but this cluster currently has [1000]/[1000] maximum shards open"); Elasticsearch says
    // "maximum normal shards open".
    private static bool IsOutOfShards(ServerError? error) => error is { Type: "validation_exception", Reason: var reason }
        && reason.Contains("maximum", StringComparison.Ordinal) && reason.Contains("shards open", StringComparison.Ordinal);

    private static bool IsOfOneIndex(ServerError? error) => error is { Reason: var reason } && BlocksOfOneIndex.Any(block => reason.Contains(block, StringComparison.Ordinal));
}
