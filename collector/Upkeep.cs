using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;
using Monitoring.Collector.Events;
using Monitoring.Collector.Logs;
using Monitoring.Collector.Series;

namespace Monitoring.Collector;

/// <summary>
/// Frees what silent senders left behind, and tells the service manager how things are. The watchdog is fed here because
/// the sweep passes the store's gate: a writer that hangs stops it.
/// </summary>
internal sealed partial class Upkeep(SeriesStore store, EventStore events, LogStore logs, TimeProvider time, IServiceProvider services, ILogger<Upkeep> logger) : BackgroundService
{
    // Below half of the shortest sensible WatchdogSec (10 s), and often enough for memory.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(4);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Registered only under a service manager.
        var notifier = services.GetService<ISystemdNotifier>();
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            do
            {
                Sweep(notifier);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private void Sweep(ISystemdNotifier? notifier)
    {
        try
        {
            store.Sweep();
            events.Sweep();
            logs.Sweep();
            if (notifier is not { IsEnabled: true }) return;
            var now = time.GetTimestamp();
            var fresh = store.Nodes.All.Count(node => node.IsFresh(now));
            notifier.Notify(new ServiceState("WATCHDOG=1"));
            notifier.Notify(new ServiceState(string.Create(CultureInfo.InvariantCulture, $"STATUS={fresh} of {store.Nodes.Count} nodes heard")));
        }
#pragma warning disable CA1031 // One failed sweep must not end the loop; the watchdog goes unfed and the log says why.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(EventId = 1301, Level = LogLevel.Error, Message = "Old series could not be freed; the next attempt follows in a few seconds.")]
    private partial void LogFailed(Exception exception);
}
