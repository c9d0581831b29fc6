namespace Monitoring.Elasticsearch.Documents;

/// <summary>A document that waits to be stored once.</summary>
/// <param name="Place">Its place in the source, unique there as long as the document waits.</param>
/// <param name="Index">
/// The index that it is created in. It follows from the document alone, so that every attempt, also after days and over a rollover, meets
/// the same index and the same id there: that is what makes it be stored once.
/// </param>
/// <param name="Id">Its <c>_id</c>, at most 512 bytes of UTF-8; follows from the document alone too.</param>
/// <param name="Json">The document: one JSON object on one line of UTF-8.</param>
public sealed record SourceDocument(ulong Place, string Index, string Id, ReadOnlyMemory<byte> Json);
