using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting.Systemd;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Health;
using Monitoring.Agent.Exposition;
using Monitoring.Agent.Exposition.Api;
using Monitoring.Agent.Exposition.DcgmExporter;
using Monitoring.Agent.Journal;
using Monitoring.Agent.Sampling;
using Monitoring.Agent.Shipping;
using OpenTelemetry.Metrics;
using Serilog;

namespace Monitoring.Agent.Hosting;

/// <summary>The whole agent, put together in the order of the data; tests start it as the program does.</summary>
internal static class AgentApp
{
    internal static WebApplication Build(AgentSettings settings, TimeProvider time)
    {
        // An empty builder: no appsettings.json, no ASPNETCORE_ variables, nothing that is not said here or in the settings.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "gpu-agent" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(settings.ListenEndPoint ?? throw new InvalidOperationException($"listen: {settings.Listen}"));
            if (settings.CompatibilityEndPoint is { } compatibility) kestrel.ListenAsDcgmExporter(compatibility);
        });
        var shipping = new LogShipping(settings, time);
        builder.Logging.AddSerilog(AgentLogging.Create(settings.Log, shipping), dispose: true);
        builder.Services.AddSingleton(shipping);
        builder.Services.AddRoutingCore();
        builder.Host.UseSystemd();
        builder.Services.TryAddSingleton<ISystemdNotifier, SystemdNotifier>(); // outside systemd: tells nobody
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));

        var services = builder.Services;
        services.AddSingleton(time);
        services.AddSingleton(settings.Sampling);
        services.AddSingleton(new Freshness(settings.Sampling, time));
        services.AddSingleton<CounterLedger>();
        services.AddSingleton(provider => new NodeSampler(settings.Cluster, settings.NodeName, settings.Devices, settings.Sampling, time,
            provider.GetRequiredService<ILogger<NodeSampler>>(), provider.GetRequiredService<CounterLedger>()));
        services.AddSingleton<SupervisedLanes>();
        services.AddSingleton(provider => new MetricPush(settings.Collector, time, provider.GetRequiredService<ILogger<MetricPush>>()));
        services.AddJournal(settings, time);
        services.AddCaptures(settings, time);
        services.AddCommands(settings, time);
        services.AddDetection(settings, time);
        services.AddSingleton(provider => Readings(provider, time));
        services.AddSingleton(provider => new MetricInstruments(provider.GetRequiredService<NodeSampler>(), provider.GetRequiredService<NodeReadings>(),
            provider.GetRequiredService<Freshness>(), settings.Cluster, settings.NodeName));
        services.AddSingleton(provider =>
        {
            _ = provider.GetRequiredService<MetricInstruments>();
            return MetricProvider.Build(Resource(settings), provider.GetRequiredService<MetricPush>().AddTo);
        });
        services.AddSingleton<SamplingSupervisor>();
        services.AddHostedService(static provider => provider.GetRequiredService<SamplingSupervisor>());

        var app = builder.Build();
        // Whoever answers for a metric says so before the first collection.
        _ = app.Services.GetRequiredService<EventSources>();
        if (settings.CompatibilityEndPoint is not null) app.UseDcgmExporter(DcgmPage(settings, app.Services, time));
        app.UseRouting();
        app.MapPrometheusScrapingEndpoint("/metrics", app.Services.GetRequiredService<MeterProvider>(), configureBranchedPipeline: null, optionsName: null);
        app.MapHealth();
        app.MapLocalApi(new LocalApi(app.Services.GetRequiredService<HealthEvaluator>(), app.Services.GetRequiredService<NodeSampler>(), app.Services.GetRequiredService<Freshness>(),
            app.Services.GetRequiredService<DetectionLoop>().Rules.Status, app.Services.GetRequiredService<IEventJournal>(), time));
        app.MapCaptures(app.Services.GetRequiredService<CaptureService>(), settings.Capture, app.Services.GetRequiredService<NodeIdentity>(), time);
        return app;
    }

    private static NodeReadings Readings(IServiceProvider provider, TimeProvider time)
    {
        var readings = new NodeReadings();
        new SamplingReadings(provider.GetRequiredService<NodeSampler>(), provider.GetRequiredService<SupervisedLanes>(),
            provider.GetRequiredService<Freshness>(), time).Register(readings);
        JournalServices.Register(readings, provider);
        provider.GetRequiredService<MetricPush>().Register(readings);
        new ProcessReadings(time).Register(readings);
        provider.RegisterDetection(readings);
        provider.RegisterCaptures(readings);
        provider.RegisterCommands(readings);
        provider.GetRequiredService<LogShipping>().Register(readings);
        return readings;
    }

    private static DcgmPage DcgmPage(AgentSettings settings, IServiceProvider provider, TimeProvider time)
    {
        var node = provider.GetRequiredService<NodeSampler>();
        var readings = new DcgmReadings(settings.NodeName, () => node.DriverVersion, gpus =>
        {
            foreach (var lane in node.Lanes)
                if (lane.Sampler is { } sampler) gpus.Add(sampler.Sets);
        }, provider.GetRequiredService<GpuJobs>().Of, provider.GetRequiredService<EventJournal>().LastXid);
        return new DcgmPage(DcgmFlavour.Of(settings.Compatibility), readings, provider.GetRequiredService<Freshness>(), time);
    }

    private static Dictionary<string, object> Resource(AgentSettings settings)
    {
        var resource = new Dictionary<string, object>
        {
            ["service.name"] = "gpu-agent",
            ["service.version"] = ProcessReadings.Version,
            ["service.instance.id"] = ProcessReadings.InstanceId(settings.ListenEndPoint?.Port ?? 0),
            ["host.name"] = settings.NodeName,
            ["cluster"] = settings.Cluster,
            ["gpu.agent.push_interval_seconds"] = settings.Collector.PushInterval.TotalSeconds,
        };
        if (settings.ReachableAddress is { Length: > 0 } address) resource.Add("gpu.agent.address", address);
        return resource;
    }
}
