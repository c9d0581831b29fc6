using Monitoring.Collector.Commands;
using Monitoring.Collector.Search.Documents;
using Monitoring.Collector.Search.Privacy;
using Monitoring.Contracts.Commands;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Collector.Search.Sources;

/// <summary>The entries of the audit as documents.</summary>
internal sealed class AuditSource : LogSource<AuditEntry?>
{
    private readonly AuditLog audit;
    private readonly DocumentPlaces places;
    private readonly Func<DocumentPrivacy> privacy;

    /// <param name="audit">The audit.</param>
    /// <param name="directory">Where the ledger lies.</param>
    /// <param name="places">Where documents go.</param>
    /// <param name="privacy">What of persons is kept; asked for when the first document is made.</param>
    public AuditSource(AuditLog audit, string directory, DocumentPlaces places, Func<DocumentPrivacy> privacy) : base(SearchStream.Audit.Name, directory)
    {
        (this.audit, this.places, this.privacy) = (audit, places, privacy);
        audit.Added += Wake;
    }

    /// <inheritdoc/>
    protected override ulong First => audit.FirstSequence;

    /// <inheritdoc/>
    protected override ulong End => audit.NextSequence;

    /// <inheritdoc/>
    protected override long CountFrom(ulong place) => (long)(audit.NextSequence - Math.Clamp(place, audit.FirstSequence, audit.NextSequence));

    /// <inheritdoc/>
    protected override IEnumerable<(ulong Place, AuditEntry? Item)> ReadFrom(ulong place) => audit.Read(place);

    /// <inheritdoc/>
    protected override SourceDocument? Document(ulong place, AuditEntry? item) => item is null ? null : AuditDocument.Of(place, item, places, privacy());

    // After a power cut the audit may give a number again that was not on disk: it must not stand in the ledger as delivered.
    /// <inheritdoc/>
    protected override void FlushStore() => audit.Flush();

    /// <inheritdoc/>
    protected override void Leave() => audit.Added -= Wake;
}
