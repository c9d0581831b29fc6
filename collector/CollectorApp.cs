using System.Diagnostics.Metrics;
using System.Globalization;
using Monitoring.Collector.Exposition;
using Monitoring.Collector.Ingest;
using Monitoring.Collector.Series;
using OpenTelemetry.Metrics;
using Serilog;
using Serilog.Events;

namespace Monitoring.Collector;

/// <summary>The collector as an application that can be started: by <c>Program</c>, and in-process by tests.</summary>
internal static class CollectorApp
{
    // A push takes milliseconds; whoever is still sending after this is slow, and systemd would kill (TimeoutStopSec of the unit).
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    private const string LogLine = "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffzzz} {Level:u3} {SourceContext} {Message:lj}{NewLine}{Exception}";

    /// <summary>Puts the collector together.</summary>
    /// <param name="settings">Settings without errors.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public static WebApplication Build(CollectorSettings settings, TimeProvider? time = null)
    {
        // The empty builder reads neither appsettings.json nor ASPNETCORE_ variables: nothing but the settings decides where it listens.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "gpu-collector" });
        builder.Logging.AddSerilog(MakeLogger(settings), dispose: true);
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

        var app = builder.Build();
        Map(app);
        return app;
    }

    private static void AddStages(IServiceCollection services, CollectorSettings settings, TimeProvider time)
    {
        services.AddSingleton(time);
        services.AddSingleton(settings.Ingest).AddSingleton(settings.Series).AddSingleton(settings.Discovery);
        services.AddSingleton<Meter>(_ => OwnMetricsPage.MakeMeter());
        services.AddSingleton<SeriesStore>();
        services.AddSingleton(PushEndpoint.MakeTurns(settings.Ingest));
        services.AddSingleton<RefusalLog>().AddSingleton<PushMeasure>().AddSingleton<PushEndpoint>();
        services.AddSingleton<NodePageEndpoint>().AddSingleton<ServiceDiscovery>().AddSingleton<StatusEndpoints>();
        services.AddSingleton<ClusterRollup>().AddSingleton<CollectorInstruments>().AddSingleton<NodeInstruments>();
        services.AddSingleton<MeterProvider>(provider => OwnMetricsPage.MakeProvider(provider.GetRequiredService<Meter>(), settings.Series.MaxNodes));
        services.AddHostedService<Upkeep>();
    }

    private static void Map(WebApplication app)
    {
        var services = app.Services;
        app.MapPost("/v1/metrics", (RequestDelegate)services.GetRequiredService<PushEndpoint>().HandleAsync);
        app.MapGet(NodePageEndpoint.Route, (RequestDelegate)services.GetRequiredService<NodePageEndpoint>().HandleAsync);
        app.MapGet("/sd/prometheus", (RequestDelegate)services.GetRequiredService<ServiceDiscovery>().HandleAsync);
        app.MapGet("/healthz", (RequestDelegate)StatusEndpoints.HealthAsync);
        app.MapGet("/readyz", (RequestDelegate)services.GetRequiredService<StatusEndpoints>().ReadyAsync);
        app.MapGet("/api/v1/nodes", (RequestDelegate)services.GetRequiredService<StatusEndpoints>().NodesAsync);

        // The provider listens before the instruments are made; whoever made them later would show them nowhere.
        var provider = services.GetRequiredService<MeterProvider>();
        services.GetRequiredService<CollectorInstruments>();
        var nodeInstruments = services.GetRequiredService<NodeInstruments>();
        app.MapPrometheusScrapingEndpoint("/metrics", provider, RenewFirst, optionsName: null);

        void RenewFirst(IApplicationBuilder page) => page.Use((context, next) =>
        {
            nodeInstruments.RenewIfNeeded(() => provider.ForceFlush());
            return next(context);
        });
    }

    private static Serilog.Core.Logger MakeLogger(CollectorSettings settings) => new LoggerConfiguration()
        .MinimumLevel.Is(settings.LogLevel)
        .MinimumLevel.Override("Microsoft.AspNetCore", settings.LogLevel > LogEventLevel.Warning ? settings.LogLevel : LogEventLevel.Warning)
        .WriteTo.Console(outputTemplate: LogLine, formatProvider: CultureInfo.InvariantCulture)
        .CreateLogger();
}
