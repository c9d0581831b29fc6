using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Elasticsearch.Delivery;

/// <summary>A source whose documents were tried before.</summary>
internal interface IKnowHistory
{
    /// <summary>When a document was seen first, and how often it was tried.</summary>
    (DateTimeOffset FirstSeen, int Attempts) HistoryOf(SourceDocument document);
}
