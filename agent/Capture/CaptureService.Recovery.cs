using System.Text.Json;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Capture;

/// <summary>
/// After a start: what an earlier life of the agent began is cleaned up or gone on with, so that every capture that was accepted comes to
/// one end, and nothing is left on the disk or running that no capture owns.
/// </summary>
internal sealed partial class CaptureService
{
    /// <summary>Events newer than this are told again in case they did not reach the disk; the journal knows those that did by their ids.</summary>
    private static readonly TimeSpan TellAgain = TimeSpan.FromHours(1);

    private const int RecentEvents = 1000;
    private const string AcceptedPrefix = "accepted: ";

    private async Task RecoverAsync()
    {
        foreach (var capture in book.All())
            if (time.GetUtcNow() - capture.Progress.Time < TellAgain) parts.Journal.Append(CaptureEvents.Of(capture, parts.Identity));
        await parts.Pause.RecoverAsync().ConfigureAwait(false);
        foreach (var one in book.InFlight()) await RecoverAsync(one).ConfigureAwait(false);
        Tidy();
        FindLost();
        book.Flush();
    }

    private CaptureLedger? Load()
    {
        try
        {
            return parts.Disk.Read(CaptureLedger.FileName) is { } bytes ? CaptureLedger.Read(bytes) : null;
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException)
        {
            LogNotLoaded(parts.Disk.Root, fault.Message);
            if (fault is JsonException) parts.Disk.SetAside(CaptureLedger.FileName);
            return null;
        }
    }

    private async Task RecoverAsync(InFlightCapture one)
    {
        var id = one.Request.Id;
        await parts.Recorder.CleanUpAsync(id).ConfigureAwait(false);
        // The bundle got its name, and the agent ended before it noted so.
        if (parts.Disk.IsComplete(id) && parts.Writer.Read(id) is { } manifest)
        {
            parts.Disk.RemoveUnfinished(id);
            Complete(one.Request, manifest);
            return;
        }
        if (one.Recorded is not null) return; // the worker goes on with exporting
        parts.Disk.RemoveUnfinished(id);
        // A report that was handed over still lies where it was: nothing of it was lost.
        if (one.Request.Profilers is [ProfilerNames.Ncu] || book.Find(id)?.Progress.Stage is CaptureStage.Queued or CaptureStage.Armed)
        {
            book.Requeue(id);
            return;
        }
        book.End(one.Request, CaptureStage.Failed, "interrupted: the agent ended while it was recorded; what it had was cleaned up", results: new Dictionary<string, string>((book.Find(id)?.Progress.Profilers ?? []).Select(static name => KeyValuePair.Create(name, "failed"))));
    }

    /// <summary>Makes disk and ledger agree.</summary>
    private void Tidy()
    {
        var (complete, others) = parts.Disk.Find();
        var recorded = book.InFlight().Where(static one => one.Recorded is not null).Select(static one => one.Request.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var id in others.Where(id => !recorded.Contains(id)))
        {
            parts.Disk.RemoveUnfinished(id);
            if (!parts.Disk.IsComplete(id)) parts.Disk.RemoveBundle(id);
        }
        foreach (var id in complete)
        {
            if (book.Find(id) is { } known)
            {
                // Done with, and the agent ended before it was removed.
                if (known is { Bundle: null, Progress.IsOver: true }) parts.Disk.RemoveBundle(id);
            }
            else if (parts.Writer.Read(id) is { } manifest && manifest.Request.Id == id) Complete(manifest.Request, manifest);
        }
        foreach (var known in book.All())
            if (known.Bundle is not null && !parts.Disk.IsComplete(known.Request.Id))
                book.Settle(known.Request.Id, static gone => (null, gone.Progress.IsOver ? gone.Progress.Stage : CaptureStage.Failed, "its bundle is gone from the disk"));
    }

    /// <summary>A rule was told "accepted", and the agent ended in the milliseconds before that was on disk.</summary>
    private void FindLost()
    {
        foreach (var record in parts.Journal.Recent(RecentEvents))
        {
            if (record is not { Kind: EventKinds.Anomaly, Capture: { } said, Rule: { } rule } || !said.StartsWith(AcceptedPrefix, StringComparison.Ordinal) || time.GetUtcNow() - record.Time >= TellAgain) continue;
            var id = said[AcceptedPrefix.Length..];
            if (!Contracts.Events.EventId.IsValid(id) || book.Find(id) is not null || record.Node != parts.Identity.Node) continue;
            var request = new CaptureRequest
            {
                Id = id,
                Group = id,
                Trigger = new CaptureTrigger(TriggerKinds.Rule, rule, record.Title, record.Id, record.Evidence.Values),
                Target = new CaptureTarget(parts.Identity.Node, record.Gpu?.Index is { } index ? [index] : []),
                RequestedAt = record.Time,
                ExpiresAt = record.Time,
            };
            book.End(request, CaptureStage.Failed, "interrupted: the agent ended just after it was accepted", results: new Dictionary<string, string> { [ProfilerNames.Counters] = "failed" });
        }
    }

    [LoggerMessage(EventId = 2104, Level = LogLevel.Error, Message = "The state of captures in {Directory} cannot be read and begins anew: {Reason} Bundles that are complete are kept.")]
    private partial void LogNotLoaded(string directory, string reason);
}
