using System.Globalization;
using Monitoring.Agent.Capture.Dcgm;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture;

/// <summary>
/// Records one capture: every chosen profiler at once, under the watch over cost and disk, and with a time after which none is waited
/// for any more.
/// </summary>
internal sealed partial class CaptureRecorder(
    IReadOnlyList<IProfiler> profilers, ScopeFinder finder, RecordingWatch watch, ProfilingPause pause, CaptureDisk disk, TimeProvider time, ILogger<CaptureRecorder> logger)
{
    /// <summary>Profilers are called so long before the start time, since some need to prepare.</summary>
    internal static readonly TimeSpan Lead = TimeSpan.FromSeconds(3);

    /// <summary>A start that is later than this is said: whoever holds nodes of a group against each other takes them as of one instant.</summary>
    private static readonly TimeSpan OnTime = TimeSpan.FromSeconds(1);

    // Beyond an early end.
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(30);

    /// <summary>Records.</summary>
    /// <param name="told">Told how far recording is, 0 to 1, from its beginning on.</param>
    /// <param name="cancelled">Ends it for <paramref name="why"/>.</param>
    /// <param name="why">Why <paramref name="cancelled"/> was set.</param>
    internal async Task<RecordedCapture> RecordAsync(CaptureRequest request, CaptureScope scope, ProfilerChoice choice, Action<double> told, Func<EarlyEnd> why, CancellationToken cancelled)
    {
        var (processes, job) = finder.Describe(scope);
        var duration = TimeSpan.FromSeconds(request.DurationSeconds);
        var ahead = request.StartAt is { } start && start - time.GetUtcNow() is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        var task = new ProfilerTask(request.Id, disk.PartOf(request.Id), disk.ScratchOf(request.Id), scope, duration, request.StartAt, new Teller(told));
        var longest = ahead + duration + choice.Chosen.Max(static one => one.Profiler.Slack);
        var words = choice.Chosen.Any(static one => one.Profiler.NeedsPerformanceCounters) ? await pause.PauseAsync(request.Id, scope.Gpus, longest).ConfigureAwait(false) : "";
        EarlyEnd? early = null;
        ProfilerOutcome[] outcomes;
        var from = time.GetUtcNow() + ahead;
        try
        {
            using var watching = new CancellationTokenSource();
            var watched = WatchAsync(request.Id, scope, choice.Chosen.Any(static one => one.Profiler.Name != ProfilerNames.Counters), longest, end, watching.Token);
            var recording = choice.Chosen.Select(one => RunAsync(one.Profiler, one.Version, task, end.Token)).ToArray();
            outcomes = await Task.WhenAll(recording).ConfigureAwait(false);
            await watching.CancelAsync().ConfigureAwait(false);
            early = await watched.ConfigureAwait(false) ?? (cancelled.IsCancellationRequested ? why() : null);
        }
        finally
        {
            if (words.Length > 0) await pause.ResumeAsync().ConfigureAwait(false);
        }
        var counters = Array.Find(outcomes, static outcome => outcome.Run is { Profiler: ProfilerNames.Counters, From: not null })?.Run;
        return new RecordedCapture
        {
            Scope = scope, Processes = processes, Job = job, From = counters?.From ?? from, To = counters?.To ?? time.GetUtcNow(),
            Outcomes = outcomes, NotBegun = choice.NotBegun, Early = early, Notes = string.Join("; ", ((string[])[words, Late(request, outcomes)]).Where(static note => note.Length > 0)),
        };
    }

    /// <summary>Which profilers began later than they were to, and by how much; empty where none did.</summary>
    private static string Late(CaptureRequest request, ProfilerOutcome[] outcomes)
    {
        if (request.StartAt is not { } start) return "";
        string[] late = [.. outcomes.Where(outcome => outcome.Run.From - start > OnTime).Select(outcome => string.Create(CultureInfo.InvariantCulture, $"{outcome.Run.Profiler} {(outcome.Run.From!.Value - start).TotalSeconds:0.0} s"))];
        return late is [] ? "" : $"begun after the start time {start.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)} UTC: {string.Join(", ", late)}";
    }

    private async Task<EarlyEnd?> WatchAsync(string id, CaptureScope scope, bool mayCost, TimeSpan longest, CancellationTokenSource end, CancellationToken over)
    {
        EarlyEnd? early;
        try
        {
            early = await watch.RunAsync(id, scope.Gpus, mayCost, longest, over).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            // A recording that nobody watches must not go on.
            LogWatchFault(fault);
            early = new EarlyEnd(EarlyEndReason.Overdue, $"watching over it ended in a fault of the agent: {fault.Message}");
        }
        if (early is not null) await end.CancelAsync().ConfigureAwait(false);
        return early;
    }

    private async Task<ProfilerOutcome> RunAsync(IProfiler profiler, string version, ProfilerTask task, CancellationToken end)
    {
        try
        {
            var recording = profiler.RecordAsync(task, end);
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using (end.Register(() => ended.TrySetResult()))
                await Task.WhenAny(recording, ended.Task).ConfigureAwait(false);
            return await recording.WaitAsync(LastPatience, time, CancellationToken.None).ConfigureAwait(false) is var outcome && outcome.Run.Version.Length == 0 && version.Length > 0
                ? outcome with { Run = outcome.Run with { Version = version } } : outcome;
        }
        catch (TimeoutException)
        {
            LogNotEnded(profiler.Name, LastPatience.TotalSeconds);
            await CleanUpAsync(profiler, task.CaptureId).ConfigureAwait(false);
            return Failed(profiler, version, $"it did not end within {LastPatience.TotalSeconds} s of being told to, and was cleaned up");
        }
        catch (Exception fault)
        {
            LogFault(profiler.Name, fault);
            await CleanUpAsync(profiler, task.CaptureId).ConfigureAwait(false);
            return Failed(profiler, version, $"recording ended in a fault of the agent: {fault.Message}");
        }
    }

    /// <summary>Ends and removes what any profiler left behind of a capture.</summary>
    internal async Task CleanUpAsync(string captureId)
    {
        foreach (var profiler in profilers) await CleanUpAsync(profiler, captureId).ConfigureAwait(false);
    }

    private async Task CleanUpAsync(IProfiler profiler, string captureId)
    {
        try
        {
            using var limit = new CancellationTokenSource(LastPatience, time);
            await profiler.CleanUpAsync(captureId, limit.Token).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            LogNotCleaned(profiler.Name, captureId, fault);
        }
    }

    private static ProfilerOutcome Failed(IProfiler profiler, string version, string words) => new(new ProfilerRun(profiler.Name, Succeeded: false, Words: words, Version: version), [], []);

    [LoggerMessage(EventId = 2120, Level = LogLevel.Error, Message = "The profiler {Profiler} ended in a fault of the agent.")]
    private partial void LogFault(string profiler, Exception fault);

    [LoggerMessage(EventId = 2121, Level = LogLevel.Error, Message = "The profiler {Profiler} did not end within {Seconds} s of being told to.")]
    private partial void LogNotEnded(string profiler, double seconds);

    [LoggerMessage(EventId = 2122, Level = LogLevel.Error, Message = "What the profiler {Profiler} left of capture {Capture} could not be cleaned up.")]
    private partial void LogNotCleaned(string profiler, string capture, Exception fault);

    [LoggerMessage(EventId = 2123, Level = LogLevel.Error, Message = "Watching over a recording ended in a fault of the agent; the recording is ended.")]
    private partial void LogWatchFault(Exception fault);

    /// <summary>Hands progress on at once, on the thread that tells it.</summary>
    private sealed class Teller(Action<double> told) : IProgress<double>
    {
        public void Report(double value) => told(value);
    }
}
