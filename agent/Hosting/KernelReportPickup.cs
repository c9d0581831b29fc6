using Monitoring.Agent.Capture;
using Monitoring.Agent.Capture.Profilers.Ncu;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Hosting;

/// <summary>Looks every few seconds for reports that <c>gpu-run --kernels</c> handed over, and asks for the captures that they make.</summary>
internal sealed partial class KernelReportPickup(NcuIncoming incoming, ICaptureDesk desk, TimeProvider time, ILogger<KernelReportPickup> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>A queue empties and a disk gets room again within minutes.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>A report that finds no place in an hour is given up.</summary>
    private const int AttemptsAtMost = 60;

    private int attempts;
    private long? refusedAt;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            incoming.Prepare();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogClosed(fault.Message);
            return;
        }
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                Look();
            }
            catch (Exception fault)
            {
                // What users put there must not end the agent.
                LogFault(fault);
            }
        }
    }

    /// <summary>One look: what has ended is removed, and one at a time is asked for, since the queue is everyone's.</summary>
    internal void Look()
    {
        var isBusy = refusedAt is { } at && time.GetElapsedTime(at) < Pause;
        foreach (var drop in incoming.Take())
        {
            var id = drop.Request.Id;
            switch (desk.Progress(id))
            {
                case null when isBusy: break;
                case null:
                    isBusy = true;
                    Settle(desk.Request(drop.Request));
                    break;
                case { Stage: CaptureStage.Refused, Refusal: { } refusal } when Passes(refusal) && attempts < AttemptsAtMost:
                    isBusy = true;
                    Settle(new CaptureAnswer(id, refusal, ""));
                    break;
                // Exporting copied it into the bundle, which is on its way from then on.
                case { IsOver: true } or { Stage: CaptureStage.Uploading }:
                    attempts = 0;
                    incoming.Remove(id);
                    break;
                default:
                    isBusy = true;
                    break;
            }
        }
    }

    /// <summary>A refusal for a reason that passes is no word about the report: it is asked for again later, as another capture.</summary>
    private void Settle(CaptureAnswer answer)
    {
        if (answer.Refusal is not { } refusal || !Passes(refusal)) return;
        (refusedAt, attempts) = (time.GetTimestamp(), attempts + 1);
        incoming.OfferAgain(answer.Id);
    }

    private static bool Passes(CaptureRefusal refusal) =>
        refusal is CaptureRefusal.QueueFull or CaptureRefusal.DiskFloor or CaptureRefusal.DiskQuota or CaptureRefusal.Stopping or CaptureRefusal.UnknownGpu or CaptureRefusal.Disabled;

    [LoggerMessage(EventId = 2170, Level = LogLevel.Warning, Message = "Reports of gpu-run --kernels are not taken: {Reason}. Give the agent the rights for it (./install.sh agent --captures), or leave capture.incoming_directory empty.")]
    private partial void LogClosed(string reason);

    [LoggerMessage(EventId = 2171, Level = LogLevel.Error, Message = "Looking for reports of gpu-run --kernels ended in a fault of the agent; it goes on with the next look.")]
    private partial void LogFault(Exception fault);
}
