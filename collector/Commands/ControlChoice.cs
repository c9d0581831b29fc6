using Monitoring.Collector.Fleet;
using Monitoring.Contracts.Captures;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Commands;

/// <summary>
/// Picks the control of a capture: a GPU of the same job on another node that is connected and for which no rule fired lately. Which of
/// several is left to the capture's id, so that a storm does not fall on one.
/// </summary>
internal sealed class ControlChoice(CommandHub hub, FleetBudget budget, JobDirectory jobs, CommandSettings settings, TimeProvider time)
{
    /// <summary>Id of the control of a capture, of which there is one.</summary>
    public static string IdOf(CaptureRequest victim) => EventId.Of("control", victim.Id);

    /// <summary>The request for a control; null where no job or no healthy peer is known.</summary>
    /// <param name="victim">The capture that it is the control of.</param>
    /// <param name="gpu">UUID or index of its GPU; empty for the node.</param>
    /// <param name="job">Its job; empty to find it.</param>
    public CaptureRequest? Choose(CaptureRequest victim, string gpu, string job)
    {
        var node = victim.Target.Node;
        if (job.Length == 0) job = jobs.JobOf(node, gpu.Length > 0 ? gpu : null);
        var peer = jobs.GpusOf(job)
            .Where(candidate => candidate.Node != node && hub.IsConnected(candidate.Node) && !budget.IsTroubled(candidate.Node, candidate.Uuid))
            .MinBy(candidate => EventId.Of(victim.Id, candidate.Node, candidate.Uuid), StringComparer.Ordinal);
        if (peer is null) return null;
        var now = time.GetUtcNow();
        return new CaptureRequest
        {
            Id = IdOf(victim),
            Group = victim.Group.Length > 0 ? victim.Group : victim.Id,
            Trigger = new CaptureTrigger(TriggerKinds.Control, victim.Trigger.Name, $"control of {victim.Id} on {node}", Origin: victim.Trigger.Kind),
            Target = new CaptureTarget(peer.Node, peer.Uuid.Length == 0 && peer.Gpu is { } index ? [index] : [], peer.Uuid.Length > 0 ? [peer.Uuid] : [], job),
            Profilers = victim.Profilers,
            DurationSeconds = victim.DurationSeconds,
            StartAt = victim.StartAt,
            RequestedAt = now,
            ExpiresAt = (victim.StartAt ?? now) + settings.CommandLifetime,
            CpuSampling = victim.CpuSampling,
            ControlOf = victim.Id,
            Pinned = victim.Pinned,
        };
    }
}
