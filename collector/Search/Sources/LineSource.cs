using Monitoring.Collector.Logs;
using Monitoring.Collector.Search.Documents;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Collector.Search.Sources;

/// <summary>The log lines of one stream as documents: they came as such, and only the name of the index is this collector's to say.</summary>
internal sealed class LineSource : LogSource<LogLine>
{
    private readonly LogStore store;
    private readonly SearchStream stream;
    private readonly DocumentPlaces places;
    private readonly string prefix;

    /// <param name="store">The lines of all streams.</param>
    /// <param name="stream">The one that is given.</param>
    /// <param name="directory">Where the ledger lies.</param>
    /// <param name="places">Where documents go.</param>
    public LineSource(LogStore store, SearchStream stream, string directory, DocumentPlaces places) : base(stream.Name, directory)
    {
        (this.store, this.stream, this.places) = (store, stream, places);
        prefix = $"logs-{stream.Dataset}-";
        store.Added += Wake;
    }

    /// <inheritdoc/>
    protected override Task Ready => store.Recovered;

    /// <inheritdoc/>
    protected override ulong First => store.FirstSequence;

    /// <inheritdoc/>
    protected override ulong End => store.EndSequence;

    // Those of other streams among them are counted too until they were passed over: to tell them apart would cost a look at each.
    /// <inheritdoc/>
    protected override long CountFrom(ulong place) => store.CountFrom(place);

    /// <inheritdoc/>
    protected override IEnumerable<(ulong Place, LogLine Item)> ReadFrom(ulong place) => store.Read(place).Select(static one => (one.Sequence, one.Line));

    /// <inheritdoc/>
    protected override bool IsOfStream(LogLine item) => item.Index.StartsWith(prefix, StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override SourceDocument? Document(ulong place, LogLine item) => new(
        place, places.IndexPrefix(stream) + DayAndNumber(item.Index), item.Id, LineNamespace.Of(item.Json, places.Namespace));

    /// <inheritdoc/>
    protected override void Leave() => store.Added -= Wake;

    /// <summary>The end of an index's name, which follows from what the line itself says of its time.</summary>
    private static string DayAndNumber(string index) => index[^"yyyy.MM.dd-000001".Length..];
}
