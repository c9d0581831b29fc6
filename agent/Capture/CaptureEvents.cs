using System.Globalization;
using Monitoring.Agent.Detection;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Agent.Capture;

/// <summary>Makes the events of captures: one for each stage that a capture comes to, with an id that is the same however often it is made.</summary>
internal static class CaptureEvents
{
    internal const string Source = "capture";
    private const int LongestTitle = 400;
    private const int ShownDigits = 8;

    /// <summary>The event of where a capture stands.</summary>
    internal static EventRecord Of(KnownCapture capture, NodeIdentity identity)
    {
        var (request, progress) = (capture.Request, capture.Progress);
        var details = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [CaptureEventDetails.Capture] = request.Id,
            [CaptureEventDetails.Stage] = CaptureWords.Of(progress.Stage),
            [CaptureEventDetails.Trigger] = request.Trigger.Kind,
            [CaptureEventDetails.AskedBy] = request.Trigger.Name,
        };
        if (request.Trigger.Origin is { } origin) details[CaptureEventDetails.Origin] = origin;
        if (progress.Profilers is { Count: > 0 } profilers) details[CaptureEventDetails.Profilers] = string.Join(',', profilers);
        if (progress.Refusal is { } refusal) details[CaptureEventDetails.Refusal] = CaptureWords.Of(refusal);
        if (progress.IsOver && capture.Results is { Count: > 0 } results) details[CaptureEventDetails.Results] = string.Join(',', results.Select(static result => $"{result.Key}:{result.Value}"));
        var title = $"Capture {request.Id[..ShownDigits]}{Subject(request.Target)} for {request.Trigger.Kind} {request.Trigger.Name}: {(progress.Words.Length > 0 ? progress.Words : CaptureWords.Of(progress.Stage))}";
        return new EventRecord
        {
            Id = EventId.Of(Source, identity.Node, request.Id, CaptureWords.Of(progress.Stage)),
            Time = progress.Time,
            BootId = identity.BootId,
            Cluster = identity.Cluster,
            Node = identity.Node,
            Gpu = Gpu(request.Target),
            Kind = EventKinds.Capture,
            Severity = progress.Stage == CaptureStage.Failed ? EventSeverity.Warning : EventSeverity.Info,
            Title = title.Length <= LongestTitle ? title : string.Concat(title.AsSpan(0, LongestTitle - 3), "..."),
            Evidence = new EventEvidence { Sources = [Source], Details = details },
        };
    }

    private static string Subject(CaptureTarget target) => target.Gpus.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $" of GPU {string.Join(", ", target.Gpus)}")
        : target.Uuids.Count > 0 ? $" of {string.Join(", ", target.Uuids)}" : "";

    private static GpuReference? Gpu(CaptureTarget target) => (target.Gpus, target.Uuids) switch
    {
        ([var index], { Count: <= 1 } uuids) => new GpuReference(index, uuids is [var uuid] ? uuid : ""),
        ([], [var uuid]) => new GpuReference(Uuid: uuid),
        _ => null,
    };
}
