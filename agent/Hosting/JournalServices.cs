using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Detection.Rules.Files;
using Monitoring.Agent.Devices.Kernel;
using Monitoring.Agent.Journal;
using Monitoring.Agent.Sampling;
using Monitoring.Agent.Shipping;
using Monitoring.Contracts.Xid;

namespace Monitoring.Agent.Hosting;

/// <summary>
/// The journal, the counters that outlive a restart, and the pipe to the collector. Hosted services start in this order and stop in
/// the reverse: what comes after the journal can append until its own end.
/// </summary>
internal static class JournalServices
{
    internal static void AddJournal(this IServiceCollection services, AgentSettings settings, TimeProvider time)
    {
        var stateDirectory = StateDirectory.Resolve(settings.StateDirectory, Environment.GetEnvironmentVariable);
        services.AddSingleton(new NodeIdentity(settings.Cluster, settings.NodeName, new KernelBoot(settings.Devices.Procfs).Id));
        services.AddSingleton(provider => JournalOpening.Open(settings.Journal, stateDirectory, provider.GetRequiredService<NodeIdentity>(), settings.Collector.Endpoint is not null, time,
            provider.GetRequiredService<ILogger<EventJournal>>()));
        services.AddSingleton<IEventJournal>(static provider => provider.GetRequiredService<EventJournal>());
        services.AddSingleton(provider => new CounterKeeping(provider.GetRequiredService<CounterLedger>(), Held(provider, stateDirectory), provider.GetRequiredService<NodeIdentity>(), time,
            provider.GetRequiredService<ILogger<CounterKeeping>>()));
        services.AddSingleton(provider => new EventPush(settings.Collector, provider.GetRequiredService<EventJournal>(), new DeadLetters(Held(provider, stateDirectory)), time,
            provider.GetRequiredService<ILogger<EventPush>>()));
        services.AddHostedService<JournalService>();
        services.AddHostedService(static provider => provider.GetRequiredService<CounterKeeping>());
        services.AddHostedService(static provider => provider.GetRequiredService<EventPush>());
    }

    internal static void Register(NodeReadings readings, IServiceProvider provider)
    {
        var node = provider.GetRequiredService<NodeSampler>();
        var watcher = provider.GetRequiredService<RuleWatcher>();
        new JournalReadings(provider.GetRequiredService<EventJournal>(),
            () => [.. node.Lanes.Where(static lane => lane.Identity is not null).Select(static lane => (lane.Index, lane.Identity!.Uuid))],
            static () => [.. XidCatalogue.CodesThatRulesMatch], () => [.. watcher.Current.Rules.Select(static rule => (rule.Name, RuleReaches.IsOfGpus(rule)))]).Register(readings);
        provider.GetRequiredService<EventPush>().Register(readings);
    }

    /// <summary>The state directory, where the journal holds it; empty where it cannot be used or another agent does.</summary>
    private static string Held(IServiceProvider provider, string stateDirectory) => provider.GetRequiredService<EventJournal>().IsOnDisk ? stateDirectory : "";

    /// <summary>The journal as a hosted service.</summary>
    private sealed class JournalService(EventJournal journal, CounterKeeping counters) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            counters.Load(); // before the first lane begins
            journal.Start();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            journal.Dispose();
            return Task.CompletedTask;
        }
    }
}
