namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>The time of a recording: waits for its beginning, lets it pass, and ends it early where the disk gets full or somebody asks.</summary>
internal sealed class RecordingTime(NsysSettings settings, TimeProvider time)
{
    /// <summary>NVIDIA supports five minutes; a capture is to show a moment, and its report grows by megabytes a second.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>How long nsys takes from its call to its first sample; measured: 0.2 to 0.7 s.</summary>
    private static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(400);

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Timers count milliseconds: less would be no wait at all.</summary>
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(1);

    internal DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Waits until nsys is to be called.</summary>
    internal async Task WaitForStartAsync(ProfilerTask task, CancellationToken cancellationToken)
    {
        if (task.StartAt is { } start && start - Lead - time.GetUtcNow() is var wait && wait > TimeSpan.Zero) await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets the recording pass.</summary>
    /// <param name="free">What is free where nsys writes, looked at as it fills; null where that cannot be told.</param>
    /// <returns>Why it was ended early, one line; empty where it was not.</returns>
    internal async Task<string> PassAsync(ProfilerTask task, Func<long?> free, CancellationToken cancellationToken)
    {
        var duration = task.Duration < Longest ? task.Duration : Longest;
        var begun = time.GetTimestamp();
        task.Progress.Report(0);
        while (time.GetElapsedTime(begun) is var elapsed && elapsed < duration)
        {
            // Half of the floor is left to the report itself, which is written while the raw recording still lies there.
            if (free() is { } bytes && bytes < settings.FreeSpaceFloorBytes / 2) return $"ended early: {bytes >> 20} MiB were left on the disk";
            try
            {
                var left = duration - elapsed;
                await Task.Delay(left > LookInterval ? LookInterval : left < LeastWait ? LeastWait : left, time, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return "ended early, as asked";
            }
            task.Progress.Report(Math.Min(1, time.GetElapsedTime(begun) / duration));
        }
        return "";
    }
}
