namespace Monitoring.Elasticsearch.Delivery;

/// <summary>What became of a request.</summary>
/// <param name="Verdict">What is to be done.</param>
/// <param name="Status">The HTTP status; null where none came.</param>
/// <param name="Reason">Why it failed, for metrics: <c>timeout</c>, <c>status_503</c>; empty where it did not.</param>
/// <param name="Words">Why it failed, for a person.</param>
/// <param name="RetryAfter">The pause that the server asks for.</param>
/// <param name="Items">What the server says of each document; none where every one is stored.</param>
internal sealed record BulkOutcome(RequestVerdict Verdict, int? Status, string Reason, string Words, TimeSpan? RetryAfter, IReadOnlyList<BulkItem>? Items = null);
