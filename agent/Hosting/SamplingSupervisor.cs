using Microsoft.Extensions.Hosting.Systemd;
using Monitoring.Agent.Exposition;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Hosting;

/// <summary>
/// Starts and stops sampling, looks once a second at every thread that calls the driver, and tells systemd what it saw: WATCHDOG only
/// while all of them make progress or wait inside the driver, STATUS when it changed.
/// </summary>
internal sealed partial class SamplingSupervisor(
    NodeSampler node, SupervisedLanes lanes, MetricInstruments instruments, ISystemdNotifier notifier, TimeProvider time, ILogger<SamplingSupervisor> logger) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private string status = "";

    /// <summary>False when a thread of the agent's own stands still; systemd will then restart it.</summary>
    internal bool IsAlive { get; private set; } = true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        node.Start();
        using var timer = new PeriodicTimer(LookInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false)) Look();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        finally
        {
            node.Stop();
        }
    }

    internal void Look()
    {
        instruments.Renew();
        var alive = lanes.Look();
        if (IsAlive && !alive) LogStandsStill();
        IsAlive = alive;
        if (!notifier.IsEnabled) return;

        if (alive) notifier.Notify(new ServiceState("WATCHDOG=1"));
        var now = lanes.Summary();
        if (now == status) return;
        status = now;
        notifier.Notify(new ServiceState("STATUS=" + now));
    }

    [LoggerMessage(EventId = 1300, Level = LogLevel.Critical, Message = "A sampling thread stands still outside the driver; the watchdog is not fed any more.")]
    private partial void LogStandsStill();
}
