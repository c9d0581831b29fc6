using Monitoring.Agent.Capture;
using Monitoring.Agent.Sampling;
using Monitoring.Agent.Shipping.Commands;

namespace Monitoring.Agent.Hosting;

/// <summary>Puts together what speaks with the collector about captures: the stream of commands, leases, and where captures stand.</summary>
internal static class CommandStages
{
    /// <summary>Adds the services, after those of captures: the collector's budget then takes the place of the node's own. Nothing without a collector.</summary>
    internal static void AddCommands(this IServiceCollection services, AgentSettings settings, TimeProvider time)
    {
        if (settings.Collector.Endpoint is null) return;
        services.AddSingleton(provider => new LeaseClient(settings.Collector, time, provider.GetRequiredService<ILogger<LeaseClient>>()));
        services.AddSingleton<ICaptureLeases>(static provider => provider.GetRequiredService<LeaseClient>());
        // The desk tells its listeners and is asked by one of them: it is looked for when it is needed.
        services.AddSingleton(provider => new ProgressReporter(settings.Collector, () => provider.GetRequiredService<ICaptureDesk>().All(), new ToldCaptures(settings.ResolvedStateDirectory), time, provider.GetRequiredService<ILogger<ProgressReporter>>()));
        services.AddSingleton<ICaptureListener>(static provider => provider.GetRequiredService<ProgressReporter>());
        services.AddSingleton(provider => new CommandStream(
            settings.Collector, settings.NodeName, new CommandCursor(settings.ResolvedStateDirectory),
            new CommandDesk(provider.GetRequiredService<ICaptureDesk>(), provider.GetRequiredService<ProgressReporter>(), settings.NodeName, time), time, provider.GetRequiredService<ILogger<CommandStream>>()));
        services.AddHostedService(static provider => provider.GetRequiredService<ProgressReporter>());
        services.AddHostedService(static provider => provider.GetRequiredService<CommandStream>());
    }

    /// <summary>Registers what they answer for.</summary>
    internal static void RegisterCommands(this IServiceProvider provider, NodeReadings readings)
    {
        provider.GetService<ProgressReporter>()?.Register(readings);
        provider.GetService<CommandStream>()?.Register(readings);
    }
}
