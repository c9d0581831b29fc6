using System.Globalization;

namespace Monitoring.Agent.Capture;

/// <summary>Looks twice a second at what a recording costs the workload and the disk, and says when it has to end.</summary>
internal sealed class RecordingWatch(ICaptureNode node, CaptureDisk disk, CaptureSettings settings, TimeProvider time)
{
    /// <summary>How often it looks.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>What "before" means for the cost: long enough for a few steps of a training job.</summary>
    internal static readonly TimeSpan BeforeWindow = TimeSpan.FromSeconds(30);

    // Readings of the hardware counters come once a second.
    private static readonly TimeSpan NowWindow = TimeSpan.FromSeconds(2);

    /// <summary>Ends with the reason for which recording has to end; null once it is cancelled.</summary>
    /// <param name="id">The capture.</param>
    /// <param name="gpus">The GPUs whose workload it may cost.</param>
    /// <param name="mayCost">False where only the agent's own counters are kept: what falls then, falls by itself.</param>
    /// <param name="longest">How long it may take in all.</param>
    /// <param name="cancellationToken">The recording is over.</param>
    internal async Task<EarlyEnd?> RunAsync(string id, IReadOnlyList<Contracts.Captures.CapturedGpu> gpus, bool mayCost, TimeSpan longest, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var from = time.GetUtcNow();
        var meter = new CostMeter(node.Windows(gpus, from - BeforeWindow, from), node.Windows(gpus, from - NowWindow, from));
        long? fellAt = null;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                if (time.GetElapsedTime(began) > longest) return new EarlyEnd(EarlyEndReason.Overdue, string.Create(CultureInfo.InvariantCulture, $"recording lasted over {longest.TotalSeconds:0} s"));
                if (Room(id) is { } end) return end;
                if (time.GetElapsedTime(began) < NowWindow || settings.AbortDropRatio >= 1 || !mayCost) continue;
                var now = time.GetUtcNow();
                var drop = meter.WorstDrop(node.Windows(gpus, now - NowWindow > from ? now - NowWindow : from, now));
                if (drop is not { } worst || worst.Drop <= settings.AbortDropRatio)
                {
                    fellAt = null;
                    continue;
                }
                fellAt ??= time.GetTimestamp();
                // What was looked at counts: a recording of the usual few seconds would be over otherwise.
                if (time.GetElapsedTime(fellAt.Value) + NowWindow >= settings.AbortAfter)
                    return new EarlyEnd(EarlyEndReason.Cost, string.Create(CultureInfo.InvariantCulture,
                        $"{meter.Words(worst)}; a recording may cost {settings.AbortDropRatio:P0} for {settings.AbortAfter.TotalSeconds:0.#} s (capture.abort_drop_ratio)"));
            }
        }
        catch (OperationCanceledException)
        {
            // The recording is over.
        }
        return null;
    }

    private EarlyEnd? Room(string id)
    {
        if (disk.FreeBytes is { } free && free < settings.FreeSpaceFloorBytes)
            return new EarlyEnd(EarlyEndReason.Disk, string.Create(CultureInfo.InvariantCulture, $"{free >> 20} MiB are free, {settings.FreeSpaceFloorBytes >> 20} MiB must stay (capture.free_space_floor_bytes)"));
        return disk.UnfinishedBytes(id) is var size && size > settings.MaximumBundleBytes
            ? new EarlyEnd(EarlyEndReason.Size, string.Create(CultureInfo.InvariantCulture, $"{size >> 20} MiB were written, {settings.MaximumBundleBytes >> 20} MiB are the limit (capture.maximum_bundle_bytes)"))
            : null;
    }
}
