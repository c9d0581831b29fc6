using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Elasticsearch.DeadLetters;

/// <summary>A document that will never be taken as it is.</summary>
/// <param name="Document">The document.</param>
/// <param name="Status">The HTTP status of the refusal; null for one that was never sent.</param>
/// <param name="Error">Why it was refused.</param>
/// <param name="FirstSeen">When it was read first.</param>
/// <param name="Attempts">How often it was sent, as a dead letter before included.</param>
internal sealed record DeadLetter(SourceDocument Document, int? Status, ServerError Error, DateTimeOffset FirstSeen, int Attempts);
