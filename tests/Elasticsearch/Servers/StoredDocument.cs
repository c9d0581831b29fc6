namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>A document as a server keeps it.</summary>
/// <param name="Index">The index that holds it, not an alias.</param>
/// <param name="Id">Its <c>_id</c>.</param>
/// <param name="Version">How often it was written.</param>
/// <param name="Json">Its source.</param>
internal sealed record StoredDocument(string Index, string Id, long Version, ReadOnlyMemory<byte> Json);
