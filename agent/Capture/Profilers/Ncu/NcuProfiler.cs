using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Profilers.Ncu;

/// <summary>
/// Nsight Compute. It can attach to no running job and replays kernels many times, so that nothing is recorded here: a person started a command
/// under it with <c>gpu-run --kernels</c>, and its report becomes a capture like any other.
/// </summary>
internal sealed class NcuProfiler(NcuIncoming incoming, TimeProvider time) : IProfiler
{
    private const string BundleReportName = "kernels.ncu-rep";
    private const string BundleLogName = "kernels.log";
    private const string MediaType = "application/vnd.nvidia.ncu-rep";
    private const long LogBytesAtMost = 16 << 20;

    /// <inheritdoc/>
    public string Name => ProfilerNames.Ncu;

    /// <inheritdoc/>
    public bool NeedsPerformanceCounters => false;

    /// <inheritdoc/>
    public Task<ProfilerAbility> AbilityFor(CaptureScope? scope, CancellationToken cancellationToken) =>
        Task.FromResult(new ProfilerAbility(true, null, "takes reports of commands that were started with gpu-run --kernels; ncu cannot attach to a running job"));

    /// <inheritdoc/>
    public Task<ProfilerOutcome> RecordAsync(ProfilerTask task, CancellationToken cancellationToken)
    {
        task.Progress.Report(1);
        var folder = incoming.DirectoryOf(task.CaptureId);
        return Task.FromResult(folder is null
            ? new ProfilerOutcome(new ProfilerRun(Name, false, CaptureRefusal.ProfilerUnable, "ncu cannot record a running job: start the command with gpu-run --kernels"), [], [])
            : new ProfilerOutcome(new ProfilerRun(Name, true, null, "a command under gpu-run --kernels", "", time.GetUtcNow(), time.GetUtcNow()), [], [Path.Combine(folder, NcuIncoming.ReportName), Path.Combine(folder, NcuIncoming.LogName)]));
    }

    /// <inheritdoc/>
    public async Task<ProfilerOutcome> ExportAsync(ProfilerTask task, ProfilerOutcome recorded, CancellationToken cancellationToken)
    {
        if (recorded.Raw is not [var report, var log]) return recorded;
        if (await CopyAsync(report, Path.Combine(task.BundleDirectory, BundleReportName), NcuIncoming.ReportBytesAtMost, cancellationToken).ConfigureAwait(false) is { } trouble)
            return recorded with { Run = recorded.Run with { Succeeded = false, Words = trouble }, Raw = [] };
        var files = new List<ProfilerFile> { new(BundleReportName, CaptureFileKinds.Report, MediaType) };
        if (await CopyAsync(log, Path.Combine(task.BundleDirectory, BundleLogName), LogBytesAtMost, cancellationToken).ConfigureAwait(false) is null) files.Add(new ProfilerFile(BundleLogName, CaptureFileKinds.Log, "text/plain"));
        return recorded with { Files = files, Raw = [] };
    }

    /// <summary>Nothing runs: what was taken and did not become a bundle is taken again.</summary>
    public Task CleanUpAsync(string captureId, CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task<string?> CopyAsync(string from, string to, long bytesAtMost, CancellationToken cancellationToken)
    {
        var (file, words) = OpenedFile.Open(from, bytesAtMost);
        if (file is null) return words;
        await using (file)
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using var copy = new FileStream(to, options);
            // A file that still grows is taken as far as it was.
            var (part, left) = (new byte[128 * 1024], file.Length);
            while (left > 0 && await file.ReadAsync(part.AsMemory(0, (int)Math.Min(part.Length, left)), cancellationToken).ConfigureAwait(false) is var count and > 0)
            {
                await copy.WriteAsync(part.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                left -= count;
            }
        }
        return null;
    }
}
