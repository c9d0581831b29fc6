using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Health;
using Monitoring.Agent.Detection.Rules.Files;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Xid;

namespace Monitoring.Agent.Hosting;

/// <summary>Puts detection together: sources, rules, health and the journal.</summary>
internal static class DetectionStages
{
    // Processes are read once in a medium interval; one that is slow once has not lost its job.
    private const int JobRounds = 3;

    internal static void AddDetection(this IServiceCollection services, AgentSettings settings, TimeProvider time)
    {
        services.AddSingleton<SightingQueue>().AddSingleton<GpuDirectory>().AddSingleton<SightingMerger>();
        services.AddSingleton(provider => new RuleWatcher(settings.Detection, time, provider.GetRequiredService<ILogger<RuleWatcher>>()));
        services.AddSingleton(provider => new HealthEvaluator(provider.GetRequiredService<NodeIdentity>(), new EventVerdicts(static code => XidCatalogue.Find(code)?.Immediate),
            provider.GetRequiredService<IEventJournal>(), time, provider.GetRequiredService<ILogger<HealthEvaluator>>()));
        services.AddSingleton(provider => new GpuJobs(() => GpuJobsService.Users(provider.GetRequiredService<NodeSampler>(), JobRounds * settings.Sampling.MediumInterval), settings.Devices.Procfs, time));
        services.AddHostedService<GpuJobsService>();
        services.AddSingleton<DetectionParts>();
        services.AddSingleton(provider => new DetectionLoop(provider.GetRequiredService<DetectionParts>(), provider.GetRequiredService<NodeSampler>(), provider.GetRequiredService<NodeReadings>(),
            provider.GetRequiredService<IEventJournal>(), provider.GetRequiredService<HealthEvaluator>(), time, provider.GetRequiredService<ILogger<DetectionLoop>>()));
        services.AddSingleton(provider => Sources(provider, settings, time));
        services.AddSingleton<IReadOnlyList<IEventSource>>(static provider => provider.GetRequiredService<EventSources>().All);
        services.AddHostedService<DetectionService>();
    }

    /// <summary>Registers what detection answers for; makes its sources.</summary>
    internal static void RegisterDetection(this IServiceProvider provider, NodeReadings readings)
    {
        provider.GetRequiredService<RuleWatcher>().Register(readings);
        provider.GetRequiredService<GpuJobs>().Register(readings);
        HealthReadings.Register(readings, provider.GetRequiredService<HealthEvaluator>());
    }

    private static EventSources Sources(IServiceProvider provider, AgentSettings settings, TimeProvider time)
    {
        var readings = provider.GetRequiredService<NodeReadings>();
        var loop = provider.GetRequiredService<DetectionLoop>();
        var sources = EventSources.Create(settings, provider.GetRequiredService<NodeSampler>(), provider.GetRequiredService<SupervisedLanes>(),
            provider.GetRequiredService<NodeIdentity>().BootId, readings, time, provider.GetRequiredService<ILoggerFactory>(), loop.GpuBefore);
        new DetectionReadings(sources.All, sources.KernelLog, sources.Journal, provider.GetRequiredService<SightingMerger>(), loop).Register(readings);
        return sources;
    }
}
