using System.Globalization;
using System.Text;
using System.Text.Json;
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
    private const string SummaryFile = "counters-summary.json";
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
        return Keep(task.BundleDirectory, task.ScratchDirectory, task.Scope, from, time.GetUtcNow());
    }

    /// <summary>Writes down what was before and during a recording that is over, and what is to be said of that should this life of the agent say no more.</summary>
    internal ProfilerOutcome Keep(string directory, string scratch, CaptureScope scope, DateTimeOffset from, DateTimeOffset to)
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
        if (Summarise(scope, from, to) is { } summary) Save(scratch, summary);
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
            // The agent ends, and its flight recorders with it: what came after so far is kept for the next life.
        }
        var windows = node.Windows(task.Scope.Gpus, from - settings.CountersBefore, to + settings.CountersAfter);
        var saved = windows.Any(window => window.Rows.Any(row => row.UnixMicroseconds <= Microseconds(to))) ? null : Saved(task.ScratchDirectory);
        foreach (var file in recorded.Files)
        {
            var path = Path.Combine(task.BundleDirectory, file.Name);
            var written = await File.ReadAllTextAsync(path, CancellationToken.None).ConfigureAwait(false);
            // An earlier life had readings of after, and this one has none of the recording.
            if (saved is not null && CounterFile.HasAfter(written)) continue;
            var text = CounterFile.WithAfter(written, windows.FirstOrDefault(window => CounterFile.NameOf(window) == file.Name), Microseconds(from), Microseconds(to));
            DurableFile.Replace(path, Encoding.UTF8.GetBytes(text));
        }
        var summary = saved ?? Summarise(task.Scope, from, to);
        if (cancellationToken.IsCancellationRequested && summary is not null) Save(task.ScratchDirectory, summary);
        cancellationToken.ThrowIfCancellationRequested();
        return recorded with { Summary = summary };
    }

    /// <inheritdoc/>
    public Task CleanUpAsync(string captureId, CancellationToken cancellationToken) => Task.CompletedTask; // everything of it is in the bundle's directory

    private ProfilerSummary? Summarise(CaptureScope scope, DateTimeOffset from, DateTimeOffset to) =>
        summarise?.Invoke(node.Windows(node.Gpus(), from - settings.CountersBefore, to + settings.CountersAfter), scope, from, to);

    private static void Save(string scratch, ProfilerSummary summary)
    {
        try
        {
            File.WriteAllBytes(Path.Combine(scratch, SummaryFile), JsonSerializer.SerializeToUtf8Bytes(summary, CaptureJson.Default.ProfilerSummary));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // It is wanted only should the agent end now; the readings themselves are on disk.
        }
    }

    /// <summary>What an earlier life of the agent had to say; null where there was none.</summary>
    private static ProfilerSummary? Saved(string scratch)
    {
        try
        {
            var path = Path.Combine(scratch, SummaryFile);
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), CaptureJson.Default.ProfilerSummary) : null;
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long Microseconds(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
