using Microsoft.Extensions.Hosting.Systemd;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Exposition;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Hosting;

/// <summary>
/// Starts and stops sampling, looks once a second at every thread that calls the driver and at detection, and tells systemd what it
/// saw: WATCHDOG only while all of them make progress or wait inside the driver, STATUS when it changed.
/// </summary>
internal sealed partial class SamplingSupervisor(
    NodeSampler node, SupervisedLanes lanes, DetectionLoop detection, MetricInstruments instruments, ISystemdNotifier notifier, TimeProvider time, ILogger<SamplingSupervisor> logger) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    // It never waits for a disk or a driver, and makes twenty rounds a second.
    private const int LooksWithoutDetection = 10;

    private readonly LoopWatch detectionWatch = new(() => detection.Rounds, LooksWithoutDetection);
    private readonly StartupGarbage garbage = new(time);
    private string status = "";
    private string standstill = "";

    /// <summary>What of the agent's own stands still, so that systemd will restart it; empty for nothing.</summary>
    internal string Standstill => Volatile.Read(ref standstill);

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
        try
        {
            instruments.Renew();
            garbage.Look();
            Judge(lanes.Look(), detectionWatch.Look());
        }
        catch (Exception fault)
        {
            // The watchdog is not fed in this look; a fault of each look ends in a restart.
            LogFault(fault);
        }
    }

    private void Judge(bool samplingLives, bool detectionLives)
    {
        var now = samplingLives ? detectionLives ? "" : "detection stands still" : "a sampling thread stands still";
        if (standstill.Length == 0 && now.Length > 0) LogStandsStill(now);
        Volatile.Write(ref standstill, now);
        if (!notifier.IsEnabled) return;

        if (now.Length == 0) notifier.Notify(new ServiceState("WATCHDOG=1"));
        var summary = now.Length > 0 ? now : lanes.Summary();
        if (summary == status) return;
        status = summary;
        notifier.Notify(new ServiceState("STATUS=" + summary));
    }

    [LoggerMessage(EventId = 1300, Level = LogLevel.Critical, Message = "Outside the driver {What}; the watchdog is not fed any more.")]
    private partial void LogStandsStill(string what);

    [LoggerMessage(EventId = 1301, Level = LogLevel.Error, Message = "A look of the supervisor ended in a fault of the agent.")]
    private partial void LogFault(Exception fault);
}
