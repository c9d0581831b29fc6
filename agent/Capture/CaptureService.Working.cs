using System.Globalization;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;

namespace Monitoring.Agent.Capture;

/// <summary>The worker: one capture after the other.</summary>
internal sealed partial class CaptureService
{
    // A start time that comes, or a state that could not be saved, is looked at this often.
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    private const string ThrownAway = "taken back, what it had is thrown away";

    private async Task WorkAsync()
    {
        try
        {
            await RecoverAsync().ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            LogFault(fault);
        }
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (!await StepAsync().ConfigureAwait(false)) await PauseAsync(stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                LogFault(fault);
            }
        }
    }

    private async Task PauseAsync(CancellationToken end)
    {
        using var timer = time.CreateTimer(_ => waking.Writer.TryWrite(true), null, LookInterval, Timeout.InfiniteTimeSpan);
        await waking.Reader.ReadAsync(end).ConfigureAwait(false);
    }

    /// <summary>Finishes what was recorded, else takes the next capture; false where there is nothing to do.</summary>
    private async Task<bool> StepAsync()
    {
        if (book.InFlight().FirstOrDefault(static one => one.Recorded is not null) is { } recorded)
        {
            await GuardedAsync(recorded.Request, end => FinishAsync(recorded.Request, recorded.Recorded!, end)).ConfigureAwait(false);
            return true;
        }
        if (book.TakeNext(time.GetUtcNow() + CaptureRecorder.Lead) is not { } next) return false;
        await GuardedAsync(next, end => TakeAsync(next, end)).ConfigureAwait(false);
        return true;
    }

    /// <summary>Runs a part of a capture so that it can be taken back, and so that a fault of it ends this capture alone.</summary>
    private async Task GuardedAsync(CaptureRequest request, Func<CancellationToken, Task> part)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        lock (gate)
        {
            running = (request.Id, end);
            if (cancelled.Contains(request.Id)) end.Cancel();
        }
        try
        {
            await part(end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Taken back, which is seen below, or the agent ends, and the next one goes on.
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            await GiveUpAsync(request, $"the bundle cannot be written: {fault.Message}").ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            LogFault(fault);
            await GiveUpAsync(request, $"it ended in a fault of the agent: {fault.Message}").ConfigureAwait(false);
        }
        bool isTakenBack;
        lock (gate)
        {
            running = null;
            isTakenBack = cancelled.Remove(request.Id);
        }
        if (isTakenBack && book.InFlight().Any(one => one.Request.Id == request.Id))
        {
            await CleanUpAsync(request.Id).ConfigureAwait(false);
            book.End(request, CaptureStage.Cancelled, ThrownAway);
        }
        book.Flush();
    }

    private async Task TakeAsync(CaptureRequest request, CancellationToken end)
    {
        book.Flush();
        var now = time.GetUtcNow();
        if (!settings.Enabled)
        {
            Refuse(request, new CaptureRefused(CaptureRefusal.Disabled, "captures are switched off (capture.enabled)"));
            return;
        }
        if (request.ExpiresAt <= now && !(request.StartAt > now))
        {
            Refuse(request, CapturePolicy.Expired(request, now));
            return;
        }
        if (CapturePolicy.TooLate(request, now) is { } late)
        {
            Refuse(request, late);
            return;
        }
        var (scope, refused) = parts.Finder.Find(request);
        if (IsTooEarly(refused))
        {
            book.Requeue(request.Id);
            await PauseAsync(end).ConfigureAwait(false);
            return;
        }
        refused ??= await AskForLeaseAsync(request, scope!, end).ConfigureAwait(false);
        if (refused is not null)
        {
            Refuse(request, refused);
            return;
        }
        var choice = await ProfilerChoice.MakeAsync(parts.Profilers, request, scope!, end).ConfigureAwait(false);
        // Looking at the profilers may have taken long.
        if ((choice.Refused ?? CapturePolicy.TooLate(request, time.GetUtcNow()) ?? parts.Room.Make()) is { } no)
        {
            Refuse(request, no);
            return;
        }
        await RecordAsync(request, scope!, choice, end).ConfigureAwait(false);
    }

    private async Task RecordAsync(CaptureRequest request, Profilers.CaptureScope scope, ProfilerChoice choice, CancellationToken end)
    {
        string[] names = [.. choice.Chosen.Select(static one => one.Profiler.Name)];
        book.Tell(request, CaptureStage.Armed, request.StartAt is { } start ? $"armed for {start.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)} UTC with {string.Join(", ", names)}" : $"armed with {string.Join(", ", names)}", profilers: names);
        // On disk before anything is begun: a sudden end from here on is cleaned up after.
        book.Flush();
        parts.Disk.Begin(request.Id);
        var recorded = await parts.Recorder.RecordAsync(request, scope, choice, fraction => TellRecording(request, fraction), Why, end).ConfigureAwait(false);
        if (recorded.Early?.Reason == EarlyEndReason.Cancelled) return;
        List<(CaptureRequest, RecordedCapture)> all = [(request, recorded)];
        if (request.WantsControl && Control(request, recorded) is { } control) all.Add(control);
        book.Recorded(all);
        book.Flush();

        EarlyEnd Why()
        {
            lock (gate)
            {
                return cancelled.Contains(request.Id) ? new EarlyEnd(EarlyEndReason.Cancelled, "taken back") : new EarlyEnd(EarlyEndReason.Stopping, "the agent was stopped");
            }
        }
    }

    /// <summary>Called by profilers on threads of their own.</summary>
    private void TellRecording(CaptureRequest request, double fraction)
    {
        var isNew = book.Find(request.Id)?.Progress.Stage is not CaptureStage.Recording;
        book.Tell(request, CaptureStage.Recording, string.Create(CultureInfo.InvariantCulture, $"recording {Math.Round(fraction * request.DurationSeconds, 1):0.#}/{request.DurationSeconds:0.#} s"), Math.Clamp(fraction, 0, 1));
        if (isNew) book.Flush();
    }

    /// <summary>A sound peer of the same job over the same time, as a capture of its own made of the counters that were kept anyway.</summary>
    private (CaptureRequest, RecordedCapture)? Control(CaptureRequest request, RecordedCapture recorded)
    {
        if (parts.Finder.Peer(recorded.Scope) is not { } peer || parts.Profilers.OfType<Counters.CountersProfiler>().FirstOrDefault() is not { } counters) return null;
        var id = Contracts.Events.EventId.Of("control", request.Id, parts.Identity.Node);
        parts.Disk.Begin(id);
        var (processes, job) = parts.Finder.Describe(peer);
        var outcome = counters.Keep(parts.Disk.PartOf(id), parts.Disk.ScratchOf(id), peer, recorded.From, recorded.To);
        var control = request with
        {
            Id = id,
            Group = request.Group.Length > 0 ? request.Group : request.Id,
            Trigger = new CaptureTrigger(TriggerKinds.Control, request.Trigger.Name, $"control of capture {request.Id}", request.Trigger.EventId, Origin: request.Trigger.Kind),
            Target = new CaptureTarget(request.Target.Node, [peer.Gpus[0].Index]),
            Profilers = [ProfilerNames.Counters],
            ControlOf = request.Id,
            WantsControl = false,
        };
        return (control, new RecordedCapture { Scope = peer, Processes = processes, Job = job, From = recorded.From, To = recorded.To, Outcomes = [outcome], NotBegun = [], Early = recorded.Early, Notes = recorded.Notes });
    }

    private async Task FinishAsync(CaptureRequest request, RecordedCapture recorded, CancellationToken end)
    {
        // While the agent ends there is no time to export: the next one goes on from here. What is taken back is thrown away by the caller.
        end.ThrowIfCancellationRequested();
        var manifest = await parts.Writer.FinishAsync(request, recorded, end).ConfigureAwait(false);
        Complete(request, manifest);
    }

    /// <summary>A bundle is complete: it waits for the collector, or the capture is over. Where it was taken back in the last moment, it goes again.</summary>
    private void Complete(CaptureRequest request, CaptureManifest manifest)
    {
        var size = parts.Disk.BundleBytes(request.Id);
        var bundle = new StoredBundle(parts.IsShipped ? BundleState.Waiting : BundleState.Local, manifest.Result, manifest.Words, manifest.FinishedAt, size);
        var results = manifest.Runs.Where(static run => run.Refusal is null).GroupBy(static run => run.Profiler)
            .ToDictionary(static run => run.Key, run => run.Any(static one => one.Succeeded) ? manifest.Result == CaptureStage.Aborted ? "aborted" : "done" : "failed");
        bool isTakenBack;
        lock (gate)
        {
            // In one step: who takes it back after this is told that nothing runs, who did so before was told that it is thrown away.
            isTakenBack = cancelled.Remove(request.Id);
            if (isTakenBack) parts.Disk.RemoveBundle(request.Id);
            if (isTakenBack) book.End(request, CaptureStage.Cancelled, ThrownAway);
            else if (parts.IsShipped) book.End(request, CaptureStage.Uploading, string.Create(CultureInfo.InvariantCulture, $"waits for the collector, {size >> 10} KiB"), bundle: bundle, results: results);
            else book.End(request, manifest.Result, manifest.Words, bundle: bundle, results: results);
        }
        book.Flush();
        if (isTakenBack) return;
        TaskCompletionSource arrived;
        lock (gate) (arrived, bundleArrived) = (bundleArrived, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        arrived.TrySetResult();
    }

    private async Task<CaptureRefused?> AskForLeaseAsync(CaptureRequest request, Profilers.CaptureScope scope, CancellationToken end)
    {
        // The collector itself sent the others.
        if (request.Trigger.Kind != TriggerKinds.Rule) return null;
        var (_, job) = parts.Finder.Describe(scope);
        var answer = await parts.Leases.AskAsync(new CaptureLeaseRequest(request.Id, parts.Identity.Cluster, parts.Identity.Node, request.Trigger.Name, scope.Gpus is [var gpu] ? gpu.Uuid : "", job?.Id ?? "", request.DurationSeconds, request.WantsControl, request.Profilers), end).ConfigureAwait(false);
        return answer switch
        {
            null when settings.WithoutCollector == BudgetUnknown.Allow => null,
            null => new CaptureRefused(CaptureRefusal.Budget, "the collector does not answer, so that the cluster's budget is not known (capture.without_collector)"),
            { Granted: true } => null,
            _ => new CaptureRefused(answer.Refusal ?? CaptureRefusal.Budget, answer.Words),
        };
    }

    private void Refuse(CaptureRequest request, CaptureRefused refused)
    {
        book.Refuse(request, refused);
        book.Flush();
    }

    private async Task GiveUpAsync(CaptureRequest request, string words)
    {
        await CleanUpAsync(request.Id).ConfigureAwait(false);
        book.End(request, CaptureStage.Failed, words, results: new Dictionary<string, string> { [ProfilerNames.Counters] = "failed" });
    }

    private async Task CleanUpAsync(string id)
    {
        await parts.Recorder.CleanUpAsync(id).ConfigureAwait(false);
        try
        {
            parts.Disk.RemoveUnfinished(id);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogNotRemoved(id, fault.Message);
        }
    }

    [LoggerMessage(EventId = 2103, Level = LogLevel.Warning, Message = "What is left of capture {Capture} cannot be removed: {Reason}")]
    private partial void LogNotRemoved(string capture, string reason);
}
