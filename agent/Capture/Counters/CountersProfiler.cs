using System.Globalization;
using System.Text;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Contracts.Captures;
using Monitoring.Segments;

namespace Monitoring.Agent.Capture.Counters;

/// <summary>
/// The agent's own counters at full rate from before, during and after the recording, out of the flight recorder of each GPU. It touches
/// neither the job nor the driver. What was before and during is on disk as soon as recording ends; exporting adds what comes after.
/// </summary>
/// <param name="node">Whose counters.</param>
/// <param name="settings">How much before and after.</param>
/// <param name="summarise">Makes a summary of the windows of every GPU of the node; null for none.</param>
internal sealed class CountersProfiler(ICaptureNode node, CaptureSettings settings, TimeProvider time, Func<IReadOnlyList<CounterWindow>, CaptureScope, DateTimeOffset, DateTimeOffset, ProfilerSummary?>? summarise = null) : IProfiler
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public string Name => ProfilerNames.Counters;

    /// <inheritdoc/>
    public bool NeedsPerformanceCounters => false;

    /// <inheritdoc/>
    public Task<ProfilerAbility> AbilityFor(CaptureScope? scope, CancellationToken cancellationToken)
    {
        var gpus = node.Gpus().Count;
        return Task.FromResult(gpus > 0
            ? new ProfilerAbility(Can: true, Refusal: null, string.Create(CultureInfo.InvariantCulture, $"the readings of {gpus} GPU{(gpus == 1 ? "" : "s")} at full rate"))
            : new ProfilerAbility(Can: false, CaptureRefusal.UnknownGpu, node.Trouble is { Length: > 0 } trouble ? $"no GPU is read: {trouble}" : "no GPU is read"));
    }

    /// <inheritdoc/>
    public async Task<ProfilerOutcome> RecordAsync(ProfilerTask task, CancellationToken cancellationToken)
    {
        try
        {
            if (task.StartAt is { } start && start - time.GetUtcNow() is var wait && wait > TimeSpan.Zero) await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return new ProfilerOutcome(new ProfilerRun(Name, Succeeded: false, Words: "ended before it began"), [], []);
        }
        var (from, began) = (time.GetUtcNow(), time.GetTimestamp());
        task.Progress.Report(0);
        try
        {
            while (task.Duration - time.GetElapsedTime(began) is var left && left > TimeSpan.Zero)
            {
                await Task.Delay(left < ReportInterval ? left : ReportInterval, time, cancellationToken).ConfigureAwait(false);
                task.Progress.Report(Math.Min(1, time.GetElapsedTime(began) / task.Duration));
            }
        }
        catch (OperationCanceledException)
        {
            // What there is counts.
        }
        return Keep(task.BundleDirectory, task.Scope, from, time.GetUtcNow());
    }

    /// <summary>Writes down what was before and during a recording that is over.</summary>
    internal ProfilerOutcome Keep(string directory, CaptureScope scope, DateTimeOffset from, DateTimeOffset to)
    {
        List<ProfilerFile> files = [];
        var rows = 0;
        foreach (var window in node.Windows(scope.Gpus, from - settings.CountersBefore, to))
        {
            var name = CounterFile.NameOf(window);
            File.WriteAllText(Path.Combine(directory, name), CounterFile.Text(window, Microseconds(from), Microseconds(to)));
            files.Add(CounterFile.FileOf(name));
            rows += window.Rows.Count;
        }
        var words = string.Create(CultureInfo.InvariantCulture, $"{rows} readings of {files.Count} GPU{(files.Count == 1 ? "" : "s")} or instances");
        return new ProfilerOutcome(new ProfilerRun(Name, Succeeded: rows > 0, Words: rows > 0 ? words : "no reading was taken in the time", From: from, To: to), files, []);
    }

    /// <inheritdoc/>
    public async Task<ProfilerOutcome> ExportAsync(ProfilerTask task, ProfilerOutcome recorded, CancellationToken cancellationToken)
    {
        if (recorded.Run is not { From: { } from, To: { } to }) return recorded;
        try
        {
            if (to + settings.CountersAfter - time.GetUtcNow() is var wait && wait > TimeSpan.Zero)
                await Task.Delay(wait < settings.CountersAfter ? wait : settings.CountersAfter, time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The agent ends: what came after so far is what there is.
        }
        var windows = node.Windows(task.Scope.Gpus, from - settings.CountersBefore, to + settings.CountersAfter);
        foreach (var file in recorded.Files)
        {
            var path = Path.Combine(task.BundleDirectory, file.Name);
            var written = await File.ReadAllTextAsync(path, CancellationToken.None).ConfigureAwait(false);
            var text = CounterFile.WithAfter(written, windows.FirstOrDefault(window => CounterFile.NameOf(window) == file.Name), Microseconds(from), Microseconds(to));
            DurableFile.Replace(path, Encoding.UTF8.GetBytes(text));
        }
        return recorded with { Summary = summarise?.Invoke(node.Windows(node.Gpus(), from - settings.CountersBefore, to + settings.CountersAfter), task.Scope, from, to) };
    }

    /// <inheritdoc/>
    public Task CleanUpAsync(string captureId, CancellationToken cancellationToken) => Task.CompletedTask; // everything of it is in the bundle's directory

    private static long Microseconds(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
