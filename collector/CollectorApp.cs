using System.Diagnostics.Metrics;
using Monitoring.Collector.Captures;
using Monitoring.Collector.Commands;
using Monitoring.Collector.Events;
using Monitoring.Collector.Exposition;
using Monitoring.Collector.Ingest;
using Monitoring.Collector.Logs;
using Monitoring.Collector.Pages;
using Monitoring.Collector.Query;
using Monitoring.Collector.Series;
using Monitoring.Collector.Storage;
using Monitoring.Elasticsearch.Delivery;
using OpenTelemetry.Metrics;
using Serilog;

namespace Monitoring.Collector;

/// <summary>The collector as an application that can be started: by <c>Program</c>, and in-process by tests.</summary>
internal static class CollectorApp
{
    // A push takes milliseconds; whoever is still sending after this is slow, and systemd would kill (TimeoutStopSec of the unit).
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Puts the collector together.</summary>
    /// <param name="settings">Settings without errors.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="replace">Puts other services in place of some; null for none.</param>
    /// <exception cref="StateDirectoryException">The state directory cannot be used.</exception>
    public static WebApplication Build(CollectorSettings settings, TimeProvider? time = null, Action<IServiceCollection>? replace = null)
    {
        // The empty builder reads neither appsettings.json nor ASPNETCORE_ variables: nothing but the settings decides where it listens.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "gpu-collector" });
        var ownLog = new OwnLogSink(time ?? TimeProvider.System);
        builder.Logging.AddSerilog(CollectorLogging.Create(settings.Log, settings.Logs.OwnLevel, ownLog), dispose: true);
        builder.Services.AddSingleton(ownLog);
        builder.Host.UseSystemd();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.Ingest.MaxCompressedBytes;
            kestrel.Limits.MaxConcurrentConnections = settings.Ingest.MaxConnections;
            kestrel.Listen(settings.ListenEndPoint);
        });
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = ShutdownTimeout);
        AddStages(builder.Services, settings, time ?? TimeProvider.System);
        replace?.Invoke(builder.Services);

        var app = builder.Build();
        Map(app);
        return app;
    }

    private static void AddStages(IServiceCollection services, CollectorSettings settings, TimeProvider time)
    {
        services.AddSingleton(time);
        services.AddSingleton(settings.Ingest).AddSingleton(settings.Series).AddSingleton(settings.Events).AddSingleton(settings.Discovery);
        services.AddSingleton<Meter>(_ => OwnMetricsPage.MakeMeter());
        services.AddSingleton<SeriesStore>();
        services.AddSingleton(provider => OpenEvents(settings, time, provider.GetRequiredService<ILogger<EventStore>>())).AddSingleton<EventInstruments>();
        services.AddSingleton(PushReception.MakeTurns(settings.Ingest)).AddSingleton<BodyBudget>().AddSingleton<PushReception>();
        services.AddSingleton<RefusalLog>().AddSingleton<PushMeasure>().AddSingleton<PushEndpoint>().AddSingleton<EventEndpoint>();
        services.AddSingleton<EventQueryEndpoint>();
        services.AddLogs(settings, time);
        services.AddCaptures(settings.Captures, settings.CaptureDirectoryPath);
        services.AddSingleton<CaptureQueryEndpoint>().AddSingleton<CaptureFileEndpoint>().AddSingleton<CaptureComparisonEndpoint>();
        services.AddSingleton<NodePageEndpoint>().AddSingleton<ServiceDiscovery>().AddSingleton<StatusEndpoints>();
        services.AddSingleton<ClusterRollup>().AddSingleton<CollectorInstruments>().AddSingleton<NodeInstruments>();
        services.AddSingleton<MeterProvider>(provider => OwnMetricsPage.MakeProvider(
            provider.GetRequiredService<Meter>(), settings.Series.MaxNodes,
            new Dictionary<string, int> { [EventInstruments.ByCluster] = EventInstruments.SeriesAtMost, ["gpu.sink.failures"] = SearchStages.SeriesAtMost, ["gpu.sink.events_dropped"] = SearchStages.SeriesAtMost }));
        services.AddHostedService(static provider => provider.GetRequiredService<EventStore>());
        services.AddHostedService<Upkeep>();
        services.AddCommands(settings, time);
        services.AddPages();
        services.AddSearch(settings);
    }

    private static EventStore OpenEvents(CollectorSettings settings, TimeProvider time, ILogger<EventStore> logger) =>
        new(EventStorage.Open(settings.StateDirectoryPath, settings.Events, time, logger), settings.Events, time, logger);

    private static void Map(WebApplication app)
    {
        var services = app.Services;
        app.MapPost("/v1/metrics", (RequestDelegate)services.GetRequiredService<PushEndpoint>().HandleAsync);
        app.MapPost("/v1/events", (RequestDelegate)services.GetRequiredService<EventEndpoint>().HandleAsync);
        app.MapGet(NodePageEndpoint.Route, (RequestDelegate)services.GetRequiredService<NodePageEndpoint>().HandleAsync);
        app.MapGet("/sd/prometheus", (RequestDelegate)services.GetRequiredService<ServiceDiscovery>().HandleAsync);
        app.MapGet("/healthz", (RequestDelegate)StatusEndpoints.HealthAsync);
        app.MapGet("/readyz", (RequestDelegate)services.GetRequiredService<StatusEndpoints>().ReadyAsync);
        app.MapGet("/api/v1/nodes", (RequestDelegate)services.GetRequiredService<StatusEndpoints>().NodesAsync);

        var eventQueries = services.GetRequiredService<EventQueryEndpoint>();
        app.MapGet("/api/v1/events", (RequestDelegate)eventQueries.ListAsync);
        app.MapGet("/api/v1/events/{" + EventQueryEndpoint.RouteValue + "}", (RequestDelegate)eventQueries.FindAsync);

        app.MapLogs();
        app.MapPages();
        app.MapUploads();
        app.MapCaptureQueries();
        app.MapCommands();
        app.MapSearch();

        // The provider listens before the instruments are made; whoever made them later would show them nowhere.
        var provider = services.GetRequiredService<MeterProvider>();
        services.GetRequiredService<CollectorInstruments>();
        services.GetRequiredService<EventInstruments>();
        services.GetRequiredService<LogInstruments>();
        services.GetService<CaptureInstruments>();
        services.GetRequiredService<CommandInstruments>();
        services.GetService<SinkInstruments>();
        var nodeInstruments = services.GetRequiredService<NodeInstruments>();
        app.MapPrometheusScrapingEndpoint("/metrics", provider, RenewFirst, optionsName: null);

        void RenewFirst(IApplicationBuilder page) => page.Use((context, next) =>
        {
            nodeInstruments.RenewIfNeeded(() => provider.ForceFlush());
            return next(context);
        });
    }
}
