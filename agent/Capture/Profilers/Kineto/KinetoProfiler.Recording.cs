using System.Globalization;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>The recording itself.</summary>
internal sealed partial class KinetoProfiler
{
    // A timer is late by some; the wanted instant must be met all the same.
    private static readonly TimeSpan StartSlack = TimeSpan.FromMilliseconds(500);

    // Once a second PyTorch looks whether a trace is to begin; who gets its configuration later begins later than the others.
    private static readonly TimeSpan ControllerInterval = TimeSpan.FromSeconds(1);

    // How often it is looked for traces; a look opens one file in memory.
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    // Once nobody wants the trace, it is only waited for so that it can be removed.
    private static readonly TimeSpan EarlyEndPatience = TimeSpan.FromSeconds(5);

    // Clocks of a file system are as coarse as the kernel's tick.
    private static readonly TimeSpan FileClockSlack = TimeSpan.FromSeconds(1);

    // A look at a file, or taking one of the largest size.
    private static readonly TimeSpan TakePatience = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public async Task<ProfilerOutcome> RecordAsync(ProfilerTask task, CancellationToken cancellationToken)
    {
        IReadOnlyList<KinetoTarget> targets = [];
        try
        {
            (var ability, targets) = await ChooseAsync(task.Scope, task.CaptureId, cancellationToken);
            if (!ability.Can) return Nothing(new ProfilerRun(Name, false, ability.Refusal, ability.Words));
            return await RecordAsync(task, targets, ability, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Nothing(new ProfilerRun(Name, false, null, "ended before a process was asked"));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Nothing(new ProfilerRun(Name, false, null, fault.Message));
        }
        finally
        {
            foreach (var target in targets) target.Dispose();
        }
    }

    private async Task<ProfilerOutcome> RecordAsync(ProfilerTask task, IReadOnlyList<KinetoTarget> targets, ProfilerAbility ability, CancellationToken cancellationToken)
    {
        var way = (IKinetoWay)(endpoint.State == KinetoEndpointState.Dynolog ? dynologWay : endpointWay);
        // As late as can be: what is handed out cannot be taken back.
        var early = (task.StartAt ?? time.GetUtcNow()) - time.GetUtcNow() - StartMargin - StartSlack - targets.Max(static target => target.Client.Interval);
        if (early > TimeSpan.Zero) await Task.Delay(early, time, cancellationToken);
        var asked = time.GetUtcNow();
        var soonest = asked + StartMargin + targets.Max(target => early > TimeSpan.Zero ? target.Client.Interval : target.Client.AsksWithin);
        var start = task.StartAt > soonest ? task.StartAt.Value : soonest;
        var lead = new Lead(time, start - asked);

        var answers = await Task.WhenAll(targets.Select(target =>
            way.HandAsync(target.Client, KinetoConfig.Text(target.LogFile, task.Duration, start, task.CaptureId), start - asked - ControllerInterval, cancellationToken)));
        var handed = targets.Where((_, place) => answers[place] is null).ToArray();
        var words = targets.Zip(answers).Where(static pair => pair.Second is not null).Select(static pair => $"process {pair.First.Client.Pid}: {pair.Second}").ToList();
        if (handed.Length == 0) return Nothing(new ProfilerRun(Name, false, null, string.Join("; ", words), ability.Version));

        // From here on the processes go their way whatever becomes of the capture.
        await lead.WaitAsync();
        await WatchAsync(task);
        var paths = await TakeAsync(task, handed, asked, words, cancellationToken);
        var late = task.StartAt is { } wanted && start - wanted > LookInterval ? $"; begun {Seconds(start - wanted)} after the wanted time, since processes ask only every few seconds" : "";
        var summary = string.Create(CultureInfo.InvariantCulture, $"{paths.Count} of {targets.Count} PyTorch processes wrote a trace{late}");
        var run = new ProfilerRun(Name, paths.Count > 0, null, string.Join("; ", [summary, .. words]), ability.Version, start, start + task.Duration);
        Recorded(task.CaptureId, run.Words);
        return new ProfilerOutcome(run, [], paths);
    }

    private async Task WatchAsync(ProfilerTask task)
    {
        var begun = time.GetTimestamp();
        task.Progress.Report(0);
        while (time.GetElapsedTime(begun) is var passed && passed < task.Duration)
        {
            var left = task.Duration - passed;
            await Task.Delay(left < LookInterval ? left : LookInterval, time, CancellationToken.None);
            task.Progress.Report(Math.Min(1, time.GetElapsedTime(begun) / task.Duration));
        }
    }

    /// <summary>Waits for the traces and takes them, each as soon as it is there.</summary>
    private async Task<List<string>> TakeAsync(ProfilerTask task, IReadOnlyList<KinetoTarget> handed, DateTimeOffset asked, List<string> words, CancellationToken cancellationToken)
    {
        var waiting = handed.ToList();
        var taken = new List<string>();
        var takenBytes = 0L;
        var over = time.GetTimestamp();
        while (waiting.Count > 0)
        {
            foreach (var target in waiting.ToArray())
            {
                var (path, refusal) = await TakeAsync(target, asked - FileClockSlack, task.ScratchDirectory, room.In(task.ScratchDirectory, takenBytes));
                if (path is null && refusal is null) continue;
                waiting.Remove(target);
                if (path is null)
                {
                    words.Add($"process {target.Client.Pid}: {refusal}");
                    continue;
                }
                taken.Add(path);
                // Its folder goes with a capture that is given up.
                takenBytes += new FileInfo(path) is { Exists: true } file ? file.Length : 0;
            }
            var patience = cancellationToken.IsCancellationRequested && settings.WriteTimeout > EarlyEndPatience ? EarlyEndPatience : settings.WriteTimeout;
            if (waiting.Count == 0 || time.GetElapsedTime(over) >= patience) break;
            await Task.Delay(LookInterval, time, CancellationToken.None);
        }
        words.AddRange(waiting.Select(target => $"process {target.Client.Pid}: no trace within {Seconds(time.GetElapsedTime(over))} after the recording; the job's own log may say why"));
        // It may still come; nobody waits for that.
        if (waiting.Count > 0) _ = late.RemoveAsync(task.CaptureId);
        return taken;
    }

    private async Task<(string? Path, string? Refusal)> TakeAsync(KinetoTarget target, DateTimeOffset since, string folder, CopyLimit limit)
    {
        try
        {
            return await Task.Run(() => Take(target, since, folder, limit)).WaitAsync(TakePatience, RealTime);
        }
        catch (TimeoutException)
        {
            return (null, "its file system hangs");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return (null, fault.Message);
        }
    }

    private (string? Path, string? Refusal) Take(KinetoTarget target, DateTimeOffset since, string folder, CopyLimit limit)
    {
        using var trace = KinetoTrace.Find(target, since, settings.MaximumTraceBytes);
        if (trace is null) return (null, null);
        var destination = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"kineto-{target.Client.Pid}.json.gz"));
        try
        {
            var refusal = trace.Refusal ?? trace.Compress(destination, settings.MaximumTraceBytes, limit);
            return refusal is null ? (destination, null) : (null, refusal);
        }
        finally
        {
            // Also where it cannot be had, such as after the capture was given up: nobody else would ever remove it.
            if (trace.MustGo && !target.Root.Remove(trace.Path)) NotRemoved(trace.Path, target.Client.Pid);
        }
    }

    private static ProfilerOutcome Nothing(ProfilerRun run) => new(run, [], []);

    [LoggerMessage(EventId = 2185, Level = LogLevel.Information, Message = "Capture {Capture} of PyTorch's profiler: {Words}")]
    private partial void Recorded(string capture, string words);

    [LoggerMessage(EventId = 2188, Level = LogLevel.Warning, Message = "The trace {File} of process {Pid} cannot be removed from the job's file system")]
    private partial void NotRemoved(string file, long pid);

    /// <summary>The time until the start, by the monotonic clock: a step of the wall clock moves the start of the processes, not how long we wait.</summary>
    private sealed class Lead(TimeProvider time, TimeSpan whole)
    {
        private readonly long begun = time.GetTimestamp();

        internal async Task WaitAsync()
        {
            var left = whole - time.GetElapsedTime(begun);
            if (left > TimeSpan.Zero) await Task.Delay(left, time, CancellationToken.None);
        }
    }
}
