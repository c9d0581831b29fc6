using Monitoring.Elasticsearch.Connection;

namespace Monitoring.Elasticsearch.Delivery;

/// <summary>What the server says of one document; the place in the answer is the place in the request.</summary>
/// <param name="Status">Its HTTP status; 0 where it says none.</param>
/// <param name="IsInFailureStore">True when it was refused and kept in the data stream's failure store.</param>
/// <param name="Error">Why it was not stored.</param>
internal readonly record struct BulkItem(int Status, bool IsInFailureStore, ServerError? Error);
