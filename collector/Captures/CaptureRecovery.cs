using Monitoring.Contracts.Captures;

namespace Monitoring.Collector.Captures;

/// <summary>Reads at the start what the bundles say, so that the catalogue is whole again even where all else was lost.</summary>
internal sealed partial class CaptureRecovery(ICaptureFiles files, CaptureCatalogue catalogue, TimeProvider time, ILogger<CaptureRecovery> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when every bundle that can be read has been.</summary>
    public Task Completed => completed.Task;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var count = 0;
                await foreach (var bundle in files.ListAsync(stoppingToken))
                    if (await ReadAsync(bundle, stoppingToken)) count++;
                catalogue.AllKept();
                if (count > 0) LogRead(count);
                completed.TrySetResult();
                return;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever is wrong with the store may be over at the next attempt.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                LogFailed(fault.Message, Pause);
                await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<bool> ReadAsync(KeptBundle bundle, CancellationToken cancellationToken)
    {
        try
        {
            return await ShowAsync(bundle, cancellationToken);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A file that the disk has lost must not keep every other capture from being taken and shown.
            LogUnreadable(bundle.Id, fault.Message);
            return false;
        }
    }

    private async Task<bool> ShowAsync(KeptBundle bundle, CancellationToken cancellationToken)
    {
        if (await files.ReadAsync(bundle.Id, CaptureManifest.FileName, BundleManifest.MostBytes, cancellationToken) is not { } json) return false;
        var manifest = BundleManifest.Read(json, out var error);
        if (manifest?.Request.Id != bundle.Id)
        {
            LogUnreadable(bundle.Id, error.Length > 0 ? error : $"the manifest is of capture {manifest?.Request.Id}");
            return false;
        }
        catalogue.Kept(manifest, await files.ReadAsync(bundle.Id, CaptureManifest.SummaryFileName, BundleManifest.MostSummaryBytes, cancellationToken) ?? [], bundle.KeptAt);
        return true;
    }

    [LoggerMessage(EventId = 5103, Level = LogLevel.Information, Message = "{Count} captures are kept.")]
    private partial void LogRead(int count);

    [LoggerMessage(EventId = 5104, Level = LogLevel.Warning, Message = "Capture {Id} is not shown: {Reason}. Its files stay where they are.")]
    private partial void LogUnreadable(string id, string reason);

    [LoggerMessage(EventId = 5105, Level = LogLevel.Error, Message = "The captures that are kept could not be read: {Reason}. Uploads and queries of captures wait; trying again in {Pause}.")]
    private partial void LogFailed(string reason, TimeSpan pause);
}
