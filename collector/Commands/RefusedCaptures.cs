using System.Collections.Concurrent;
using Monitoring.Collector.Captures;
using Monitoring.Collector.Events;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Commands;

/// <summary>
/// Captures that the collector refuses in the node's place, which has not spoken of them: counted by reason, and an event of each as the
/// node makes one of what it refuses itself. What a rule asks for its agent tells.
/// </summary>
/// <param name="clusterOf">The cluster of a node; empty where it is not known.</param>
internal sealed class RefusedCaptures(EventStore events, Func<string, string> clusterOf, TimeProvider time)
{
    /// <summary>Source of the events.</summary>
    public const string Source = "collector";

    private const int LongestTitle = 400;
    private const int ShownDigits = 8;

    private static readonly string[] Triggers = [TriggerKinds.Person, TriggerKinds.Alert, TriggerKinds.Schedule, TriggerKinds.Control];
    private static readonly CaptureRefusal[] Reasons = [CaptureRefusal.NodeNotConnected, CaptureRefusal.Budget, CaptureRefusal.QueueFull, CaptureRefusal.Expired];

    private readonly ConcurrentDictionary<(string Trigger, CaptureRefusal Reason), long> counts = new(Triggers.SelectMany(static trigger => Reasons.Select(reason => KeyValuePair.Create((trigger, reason), 0L))));

    /// <summary>How many, by what asked and why; each is there at 0 from the start.</summary>
    public IEnumerable<KeyValuePair<(string Trigger, CaptureRefusal Reason), long>> Counts => counts;

    /// <summary>Counts one and tells of it.</summary>
    public void Add(CaptureRequest request, CaptureRefusal refusal, string words)
    {
        counts.AddOrUpdate((request.Trigger.Kind, refusal), 1, static (_, count) => count + 1);
        events.Add(Event(request, CaptureWords.Of(refusal), words));
    }

    private EventRecord Event(CaptureRequest request, string reason, string words)
    {
        var node = request.Target.Node;
        var stage = CaptureWords.Of(CaptureStage.Refused);
        var title = $"Capture {request.Id[..ShownDigits]} on {node} for {request.Trigger.Kind} {request.Trigger.Name}: {stage}: {reason}: {words}";
        return new EventRecord
        {
            // An alert that is repeated is refused again for the same reason: that is one event. The node may refuse it too when it comes to it.
            Id = EventId.Of(Source, node, request.Id, reason),
            Time = time.GetUtcNow(),
            Cluster = clusterOf(node),
            Node = node,
            Gpu = request.Target switch
            {
                { Uuids: [var uuid], Gpus.Count: <= 1 } target => new GpuReference(target.Gpus is [var index] ? index : null, uuid),
                { Uuids: [], Gpus: [var index] } => new GpuReference(index),
                _ => null,
            },
            Kind = EventKinds.Capture,
            Severity = EventSeverity.Info,
            Title = title.Length <= LongestTitle ? title : string.Concat(title.AsSpan(0, LongestTitle - 3), "..."),
            Evidence = new EventEvidence
            {
                Sources = [Source],
                Details = Details(request, stage, reason),
            },
        };
    }

    private static SortedDictionary<string, string> Details(CaptureRequest request, string stage, string reason)
    {
        var details = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [CaptureEventDetails.Capture] = request.Id,
            [CaptureEventDetails.Stage] = stage,
            [CaptureEventDetails.Trigger] = request.Trigger.Kind,
            [CaptureEventDetails.AskedBy] = request.Trigger.Name,
            [CaptureEventDetails.Refusal] = reason,
        };
        if (request.Trigger.Origin is { } origin) details[CaptureEventDetails.Origin] = origin;
        return details;
    }
}
