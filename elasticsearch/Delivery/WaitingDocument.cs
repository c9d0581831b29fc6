using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Elasticsearch.Delivery;

/// <summary>A document that was read and is not settled.</summary>
/// <param name="document">The document.</param>
/// <param name="firstSeen">When it was read, by the wall clock; of a dead letter, when it was read for the first time.</param>
/// <param name="readAt">When it was read, by the pump's own clock.</param>
/// <param name="isSendable">False for one whose names or lines no request can carry.</param>
internal sealed class WaitingDocument(SourceDocument document, DateTimeOffset firstSeen, TimeSpan readAt, bool isSendable = true)
{
    internal SourceDocument Document { get; } = document;

    internal DateTimeOffset FirstSeen { get; } = firstSeen;

    internal TimeSpan ReadAt { get; } = readAt;

    /// <summary>Bytes that it has in a request, or would have.</summary>
    internal int Bytes { get; } = (isSendable ? BulkAction.Length(document.Index, document.Id) : document.Index.Length + document.Id.Length) + document.Json.Length + 1;

    /// <summary>Requests that it was in.</summary>
    internal int Attempts { get; set; }

    /// <summary>Attempts of an earlier life, of a dead letter that is sent again.</summary>
    internal int EarlierAttempts { get; init; }

    /// <summary>Since when it alone is refused with what may pass or not; null while it is not.</summary>
    internal TimeSpan? FailingSince { get; set; }
}
