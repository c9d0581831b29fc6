using Monitoring.Collector.Commands;

namespace Monitoring.Collector;

/// <summary>Gives up commands that nobody took, and puts on disk what was kept since the last time.</summary>
internal sealed partial class CommandUpkeep(CaptureOrders orders, TimeProvider time, ILogger<CommandUpkeep> logger) : BackgroundService
{
    // How much of the audit and the budget a power cut may cost; the death of the process costs nothing.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) Sweep();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private void Sweep()
    {
        try
        {
            orders.Sweep();
        }
#pragma warning disable CA1031 // One failed sweep must not end the loop; the log says why.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(EventId = 5170, Level = LogLevel.Error, Message = "Commands that have expired could not be given up; the next attempt follows in a second.")]
    private partial void LogFailed(Exception exception);
}
