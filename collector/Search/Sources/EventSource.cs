using System.Text.Json;
using Monitoring.Collector.Events;
using Monitoring.Collector.Search.Documents;
using Monitoring.Collector.Search.Privacy;
using Monitoring.Contracts.Events;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Collector.Search.Sources;

/// <summary>The events of the event store as documents.</summary>
internal sealed class EventSource : LogSource<ReadOnlyMemory<byte>>
{
    private readonly EventStore store;
    private readonly DocumentPlaces places;
    private readonly Func<DocumentPrivacy> privacy;

    /// <param name="store">The events.</param>
    /// <param name="directory">Where the ledger lies.</param>
    /// <param name="places">Where documents go.</param>
    /// <param name="privacy">What of persons is kept; asked for when the first document is made.</param>
    public EventSource(EventStore store, string directory, DocumentPlaces places, Func<DocumentPrivacy> privacy) : base(SearchStream.Event.Name, directory)
    {
        (this.store, this.places, this.privacy) = (store, places, privacy);
        store.Added += Wake;
    }

    /// <inheritdoc/>
    protected override Task Ready => store.Recovered;

    /// <inheritdoc/>
    protected override ulong First => store.FirstSequence;

    /// <inheritdoc/>
    protected override ulong End => store.EndSequence;

    /// <inheritdoc/>
    protected override long CountFrom(ulong place) => store.CountFrom(place);

    /// <inheritdoc/>
    protected override IEnumerable<(ulong Place, ReadOnlyMemory<byte> Item)> ReadFrom(ulong place) =>
        store.Read(place).Select(static record => (record.Sequence, record.Payload));

    /// <inheritdoc/>
    protected override SourceDocument? Document(ulong place, ReadOnlyMemory<byte> item)
    {
        try
        {
            return EventDocument.Of(place, EventJson.Read(item.Span), places, privacy());
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    protected override void Leave() => store.Added -= Wake;
}
