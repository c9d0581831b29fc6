using System.Runtime.ExceptionServices;
using Monitoring.Collector.Captures.Uploads;

namespace Monitoring.Collector.Captures;

/// <summary>Removes captures beyond the limits of age, count and bytes, or for which the disk has no room, the oldest first and none that is pinned, and uploads that rest for too long.</summary>
internal sealed partial class CaptureKeeper(
    ICaptureFiles files, CaptureCatalogue catalogue, CaptureIntake? intake, CaptureRoom? room, CaptureRecovery recovery, CaptureTally tally, CaptureSettings settings, TimeProvider time, ILogger<CaptureKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private const int MostFaults = 10;

    private readonly SemaphoreSlim wake = new(0, 1);
    private readonly SemaphoreSlim turn = new(1); // two at once would both make the same room
    private bool isOverfull;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (intake is not null) intake.Arrived += Wake;
        if (room is not null) room.Short += Wake;
        try
        {
            // Removing before everything is known would remove what is younger than the rest.
            await recovery.Completed.WaitAsync(stoppingToken);
            while (true)
            {
                await RoundAsync(stoppingToken);
                using var pause = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                await Task.WhenAny(wake.WaitAsync(pause.Token), Task.Delay(Period, time, pause.Token));
                await pause.CancelAsync();
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
        finally
        {
            if (intake is not null) intake.Arrived -= Wake;
            if (room is not null) room.Short -= Wake;
        }
    }

    /// <summary>Removes a capture because a person says so.</summary>
    /// <exception cref="CaptureStoreException">It could not be removed.</exception>
    public Task RemoveAsync(string id, CancellationToken cancellationToken) => RemoveAsync(id, "person", cancellationToken);

    /// <summary>Looks once.</summary>
    internal async Task RoundAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (intake is not null) await intake.SweepAsync(cancellationToken);
            catalogue.Expire(settings.MaxAge);
            await TrimAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CaptureStoreException)
        {
            tally.Fail((fault as CaptureStoreException)?.Reason ?? "disk");
            LogFailed(fault.Message, Period);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        wake.Dispose();
        turn.Dispose();
        base.Dispose();
    }

    private async Task TrimAsync(CancellationToken cancellationToken)
    {
        var (count, bytes, pinned, pinnedBytes) = catalogue.Totals;
        var underWayBytes = room?.UnderWayBytes ?? 0;
        bytes += underWayBytes;
        var lacking = files.IsOnDisk && room is not null ? room.TakeShortage() : 0;
        List<Exception> faults = [];
        foreach (var record in catalogue.Removable())
        {
            var reason = time.GetUtcNow() - record.KeptAt > settings.MaxAge ? "age" : count > settings.MaxCount ? "count" : bytes > settings.MaxBytes ? "bytes" : lacking > 0 ? "disk" : null;
            if (reason is null) break;
            // Removing takes its time, and a person may have pinned it meanwhile, or removed it.
            if (catalogue.Find(record.Id) is not { IsPinned: false }) continue;
            try
            {
                await RemoveAsync(record.Id, reason, cancellationToken);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CaptureStoreException)
            {
                // It must not keep those behind it; a later round tries it again. Where everything fails, not everything is tried.
                faults.Add(fault);
                if (faults.Count == MostFaults) break;
                continue;
            }
            LogRemoved(record.Id, record.Node, reason);
            count--;
            bytes -= record.SizeBytes;
            lacking -= record.SizeBytes;
        }
        var isOver = count > settings.MaxCount || bytes > settings.MaxBytes;
        if (isOver && !isOverfull) LogOverfull(pinned, pinnedBytes, underWayBytes);
        isOverfull = isOver;
        // The round counts it and says it.
        if (faults.Count > 0) ExceptionDispatchInfo.Throw(faults[0]);
    }

    private async Task RemoveAsync(string id, string reason, CancellationToken cancellationToken)
    {
        await files.RemoveAsync(id, cancellationToken);
        if (catalogue.Forget(id)) tally.Remove(reason);
    }

    private void Wake()
    {
        try
        {
            wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is to look anyway.
        }
    }

    [LoggerMessage(EventId = 5106, Level = LogLevel.Information, Message = "Capture {Id} of {Node} was removed: {Reason}.")]
    private partial void LogRemoved(string id, string node, string reason);

    [LoggerMessage(EventId = 5107, Level = LogLevel.Warning, Message = "Captures are over their limits, and {Pinned} pinned ones with {Bytes} bytes may not be removed, nor {UnderWayBytes} bytes of those on their way. Unpin or delete some, or raise captures.max_bytes and captures.max_count.")]
    private partial void LogOverfull(int pinned, long bytes, long underWayBytes);

    [LoggerMessage(EventId = 5108, Level = LogLevel.Error, Message = "Captures beyond the limits could not be removed: {Reason}; trying again in {Period}.")]
    private partial void LogFailed(string reason, TimeSpan period);
}
