using Monitoring.Contracts.Captures;

namespace Monitoring.Collector.Captures.Buckets;

/// <summary>
/// Moves captures from the collector's disk into the bucket, one at a time, as long as it takes. At the start it compares the bucket with
/// what is known and removes what a sudden end left there.
/// </summary>
internal sealed partial class BucketMover(
    BucketCaptureFiles files, CaptureBucket bucket, CaptureCatalogue catalogue, CaptureRecovery recovery, CaptureTally tally, TimeProvider time, ILogger<BucketMover> logger) : BackgroundService
{
    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    // What the bucket refused: it comes after the others, which it would otherwise hold up for good.
    private readonly HashSet<string> refused = new(StringComparer.Ordinal);
    private int failures;
    private bool isCompared;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await recovery.Completed.WaitAsync(stoppingToken);
            while (true)
            {
                if (await RoundAsync(stoppingToken)) await files.ArrivedAsync().WaitAsync(stoppingToken);
                else await Task.Delay(Pause(failures), time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; what was not moved waits for the next start.
        }
    }

    /// <summary>Moves all that waits.</summary>
    /// <returns>False where the bucket failed.</returns>
    internal async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!isCompared) await CompareAsync(cancellationToken);
            isCompared = true;
            while (files.Due() is { Count: > 0 } due)
            {
                foreach (var (id, isRemoved) in due.OrderBy(one => refused.Contains(one.Id)))
                {
                    refused.Add(id);
                    await CarryOutAsync(id, isRemoved, cancellationToken);
                    refused.Remove(id);
                }
                Recovered();
            }
            Recovered();
            return true;
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested && fault is CaptureStoreException or IOException or UnauthorizedAccessException)
        {
            tally.Fail((fault as CaptureStoreException)?.Reason ?? "disk");
            if (failures++ == 0) LogFailing(fault.Message, files.Waiting.Count);
            return false;
        }
    }

    private async Task CarryOutAsync(string id, bool isRemoved, CancellationToken cancellationToken)
    {
        if (isRemoved)
        {
            await files.DeleteAsync(id, cancellationToken);
            files.TookBack(id);
            return;
        }
        await files.MoveAsync(id, cancellationToken);
        LogMoved(id);
    }

    private async Task CompareAsync(CancellationToken cancellationToken)
    {
        if (await bucket.AbortLeftoversAsync(cancellationToken) is var aborted and > 0) LogAborted(aborted);
        var (added, gone) = await files.CompareAsync(cancellationToken);
        foreach (var bundle in added)
        {
            if (await files.ReadAsync(bundle.Id, CaptureManifest.FileName, BundleManifest.MostBytes, cancellationToken) is not { } json || BundleManifest.Read(json, out _) is not { } manifest || manifest.Request.Id != bundle.Id) continue;
            catalogue.Kept(manifest, await files.ReadAsync(bundle.Id, CaptureManifest.SummaryFileName, BundleManifest.MostSummaryBytes, cancellationToken) ?? [], bundle.KeptAt);
        }
        foreach (var id in gone) catalogue.Forget(id);
        if (added.Count + gone.Count > 0) LogCompared(added.Count, gone.Count);
    }

    private void Recovered()
    {
        if (failures > 0) LogRecovered();
        failures = 0;
    }

    private static TimeSpan Pause(int failures) => LeastPause * Math.Min(1 << Math.Min(failures - 1, 6), LongestPause / LeastPause);

    [LoggerMessage(EventId = 5120, Level = LogLevel.Debug, Message = "Capture {Id} is in the bucket.")]
    private partial void LogMoved(string id);

    [LoggerMessage(EventId = 5121, Level = LogLevel.Warning, Message = "Captures do not reach the bucket: {Reason}. {Waiting} wait on this disk, from where they are served; trying again after a second at first, then up to a minute.")]
    private partial void LogFailing(string reason, int waiting);

    [LoggerMessage(EventId = 5122, Level = LogLevel.Information, Message = "Captures reach the bucket again.")]
    private partial void LogRecovered();

    [LoggerMessage(EventId = 5123, Level = LogLevel.Information, Message = "{Count} unfinished uploads to the bucket were aborted.")]
    private partial void LogAborted(int count);

    [LoggerMessage(EventId = 5124, Level = LogLevel.Information, Message = "Compared with the bucket: {Added} captures were found there, {Gone} are gone.")]
    private partial void LogCompared(int added, int gone);
}
