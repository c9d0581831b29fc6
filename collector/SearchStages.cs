using System.Diagnostics.Metrics;
using Monitoring.Collector.Captures;
using Monitoring.Collector.Commands;
using Monitoring.Collector.Events;
using Monitoring.Collector.Logs;
using Monitoring.Collector.Query;
using Monitoring.Collector.Search;
using Monitoring.Collector.Search.Bootstrap;
using Monitoring.Collector.Search.Documents;
using Monitoring.Collector.Search.Sources;
using Monitoring.Collector.Storage;
using Monitoring.Elasticsearch.Delivery;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Collector;

/// <summary>Puts together what goes to Elasticsearch or OpenSearch; without an address for it nothing is made.</summary>
internal static class SearchStages
{
    /// <summary>Series that a counter by stream and reason may have: a handful of streams, each with any status of HTTP.</summary>
    public const int SeriesAtMost = 500;

    /// <summary>Adds the services.</summary>
    public static void AddSearch(this IServiceCollection services, CollectorSettings settings)
    {
        var search = settings.Elasticsearch;
        services.AddSingleton(search).AddSingleton<ElasticsearchStatusEndpoint>();
        if (!search.IsUsed) return;
        services.AddSingleton(_ => Opened(settings.StateDirectoryPath)).AddSingleton(new SearchTransport());
        services.AddSingleton(Places(settings)).AddSingleton<ServerBootstrap>().AddSingleton<PreparedServer>().AddSingleton<ExpiredIndices>();
        if (search.Streams.Event.Send)
        {
            services.AddSingleton<IDocumentSource>(static provider => new EventSource(provider.GetRequiredService<EventStore>(), provider.GetRequiredService<SearchDirectory>().Path,
                provider.GetRequiredService<DocumentPlaces>(), Privacy(provider)));
        }
        if (search.Streams.Capture.Send)
        {
            services.AddSingleton<IDocumentSource>(static provider => new CaptureSource(provider.GetRequiredService<CaptureCatalogue>(), provider.GetRequiredService<ICaptureFiles>(),
                provider.GetRequiredService<CaptureRecovery>(), provider.GetRequiredService<SearchDirectory>().Path, provider.GetRequiredService<DocumentPlaces>(), Privacy(provider),
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<CaptureSource>>()));
        }
        if (search.Streams.Audit.Send)
        {
            services.AddSingleton<IDocumentSource>(static provider => new AuditSource(provider.GetRequiredService<AuditLog>(), provider.GetRequiredService<SearchDirectory>().Path,
                provider.GetRequiredService<DocumentPlaces>(), Privacy(provider)));
        }
        if (search.Streams.Agent.Send) services.AddSingleton<IDocumentSource>(static provider => Lines(provider, SearchStream.Agent));
        if (search.Streams.Collector.Send) services.AddSingleton<IDocumentSource>(static provider => Lines(provider, SearchStream.Collector));
        services.AddSingleton<SearchDelivery>();
        services.AddSingleton(static provider => new SinkInstruments(provider.GetRequiredService<Meter>(), () => provider.GetRequiredService<SearchDelivery>().Tallies));
        services.AddHostedService(static provider => provider.GetRequiredService<SearchDelivery>());
    }

    /// <summary>Maps the addresses.</summary>
    public static void MapSearch(this WebApplication app) =>
        app.MapGet("/api/v1/elasticsearch", (RequestDelegate)app.Services.GetRequiredService<ElasticsearchStatusEndpoint>().HandleAsync);

    /// <summary>Names of streams and indices, and the address of the collector in links.</summary>
    public static DocumentPlaces Places(CollectorSettings settings) => new(settings.Elasticsearch.Namespace, Links(settings));

    private static LineSource Lines(IServiceProvider provider, SearchStream stream) =>
        new(provider.GetRequiredService<LogStore>(), stream, provider.GetRequiredService<SearchDirectory>().Path, provider.GetRequiredService<DocumentPlaces>());

    private static string Links(CollectorSettings settings) => settings switch
    {
        { Elasticsearch.Links: { } links } => links.AbsoluteUri.TrimEnd('/'),
        { Discovery.AdvertisedAddress: { Length: > 0 } advertised } => "http://" + advertised,
        _ => $"http://{Environment.MachineName.ToLowerInvariant()}:{settings.ListenEndPoint.Port}",
    };

    private static Func<Search.Privacy.DocumentPrivacy> Privacy(IServiceProvider provider)
    {
        var prepared = provider.GetRequiredService<PreparedServer>();
        return () => prepared.Privacy;
    }

    private static SearchDirectory Opened(string state)
    {
        try
        {
            return SearchDirectory.Open(state);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StateDirectoryException($"cannot keep in {state} what was delivered to Elasticsearch: {exception.Message}. Make it writable for this user, or set another state_directory.", exception);
        }
    }
}
