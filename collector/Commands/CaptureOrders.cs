using Monitoring.Collector.Captures;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Commands;

/// <summary>
/// Makes captures of wishes: each node is asked by a command that waits for it, within the budget; every wish and what became of it is
/// audited. People, alerts and schedules come the same way.
/// </summary>
internal sealed class CaptureOrders(
    CommandHub hub, CommandQueue queue, FleetBudget budget, OrderBook book, ControlChoice controls, ICaptureRecords records, RefusedCaptures refused, AuditLog audit, CommandJournal journal, CommandSettings settings, TimeProvider time)
{
    // Commands take a moment to arrive, and profilers another to be ready; those of a group begin together.
    private static readonly TimeSpan GroupLead = TimeSpan.FromSeconds(5);

    private readonly Lock placing = new(); // the same wish twice at the same time is one

    /// <summary>The group of a wish.</summary>
    public static string GroupOf(string kind, string key) => EventId.Of("order", kind, key);

    /// <summary>Takes a wish; one that was answered before is answered the same.</summary>
    /// <param name="isRepeated">True where it was answered before.</param>
    /// <returns>Null where another wish came under the same key.</returns>
    public CaptureOrderAnswer? Place(CaptureWish wish, out bool isRepeated)
    {
        lock (placing)
        {
            var group = GroupOf(wish.Trigger.Kind, wish.Key);
            isRepeated = false;
            if (book.Find(group) is { } known)
            {
                isRepeated = true;
                return known.Digest == wish.Digest ? known.Answer : null;
            }

            var now = time.GetUtcNow();
            var startAt = wish.StartAt ?? (wish.Targets.Count > 1 ? now + GroupLead : null);
            var captures = new List<OrderedCapture>();
            foreach (var target in wish.Targets)
            {
                var request = Request(wish, target, group, startAt, now);
                captures.Add(Command(request, wish.IsForced));
                Audit(wish, request, captures[^1]);
                if (captures[^1].Refusal is null && wish.WantsControl && TakeControl(request, GpuOf(target), target.Job, wish.By) is { } control) captures.Add(control);
            }

            var answer = new CaptureOrderAnswer(group, startAt, captures);
            if (!wish.MayBeTriedAgain || captures.Exists(static capture => capture.Refusal is null)) book.Keep(new PlacedOrder(wish.Digest, now, answer));
            journal.Flush();
            audit.Flush();
            return answer;
        }
    }

    /// <summary>Takes the control of a capture, once; what became of it is audited. Null where no healthy peer is known.</summary>
    /// <param name="victim">The capture.</param>
    /// <param name="gpu">UUID or index of its GPU; empty for the node.</param>
    /// <param name="job">Its job; empty to find it.</param>
    /// <param name="by">Who asks.</param>
    public OrderedCapture? TakeControl(CaptureRequest victim, string gpu, string job, string by)
    {
        lock (placing)
        {
            if (budget.Knows(ControlChoice.IdOf(victim)) || controls.Choose(victim, gpu, job) is not { } control) return null;
            var outcome = Command(control, isForced: false) with { ControlOf = control.ControlOf };
            audit.Append(new AuditEntry(time.GetUtcNow(), AuditActions.Control, OutcomeOf(outcome.Refusal), by, "", control.Id, control.Group, control.Target.Node, outcome.Refusal,
                outcome.Refusal is null ? $"control of {control.ControlOf}" : outcome.Words, control.Trigger.Origin ?? control.Trigger.Kind));
            return outcome;
        }
    }

    /// <summary>Takes back a capture; null where nothing is known of it.</summary>
    /// <returns>Whether it is done, and in words what happens now.</returns>
    public (bool IsDone, string Words)? Cancel(string id, string by, string remote)
    {
        var record = records.Find(id);
        if (queue.NodeOf(id) is not { } node) node = record?.Progress?.Node ?? record?.Request?.Target.Node ?? "";
        if (node.Length == 0) return null;
        var outcome = Cancel(id, node, record);
        audit.Append(new AuditEntry(time.GetUtcNow(), AuditActions.Cancel, outcome.IsDone ? AuditOutcomes.Accepted : AuditOutcomes.Refused, by, remote, id, record?.Request?.Group ?? "", node, null, outcome.Words));
        journal.Flush();
        audit.Flush();
        return outcome;
    }

    /// <summary>A node said where a capture stands.</summary>
    public void Progressed(CaptureProgress progress)
    {
        queue.Acknowledge(progress.Node, progress.Id, progress.IsOver);
        budget.Progressed(progress);
    }

    /// <summary>Audits that a wish which was accepted came to nothing, under the action of what asked.</summary>
    public void AuditRefusal(CaptureRequest request, string node, CaptureRefusal? refusal, string words) => audit.Append(new AuditEntry(
        time.GetUtcNow(), AuditActions.Of(request.Trigger.Kind), AuditOutcomes.Refused, request.Trigger.Name, "", request.Id, request.Group, node, refusal, words, request.Trigger.Origin ?? request.Trigger.Kind));

    /// <summary>Gives up what nobody took in time.</summary>
    public void Sweep()
    {
        foreach (var request in queue.Expire())
        {
            var words = $"{request.Target.Node} did not take it before {request.ExpiresAt:yyyy-MM-ddTHH:mm:ssZ}";
            Say(request.Id, request.Target.Node, CaptureStage.Refused, words, CaptureRefusal.Expired);
            refused.Add(request, CaptureRefusal.Expired, words);
            AuditRefusal(request, request.Target.Node, CaptureRefusal.Expired, words);
            budget.GiveBack(request.Id);
        }

        journal.Flush();
        audit.Sweep();
    }

    private static string OutcomeOf(CaptureRefusal? refusal) => refusal is null ? AuditOutcomes.Accepted : AuditOutcomes.Refused;

    private static string GpuOf(CaptureTarget target) => target switch
    {
        { Uuids: [var uuid, ..] } => uuid,
        { Gpus: [var gpu, ..] } => gpu.ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => "",
    };

    private (bool IsDone, string Words) Cancel(string id, string node, CaptureRecord? record)
    {
        if (record?.IsOver == true) return (false, $"it is over already: {record.Progress?.Words ?? record.Stage.ToString().ToLowerInvariant()}");
        if (queue.TryWithdraw(node, id))
        {
            Say(id, node, CaptureStage.Cancelled, "taken back before the node knew of it", null);
            budget.GiveBack(id);
            return (true, $"taken back before {node} knew of it");
        }

        if (queue.Add(node, time.GetUtcNow() + settings.CommandLifetime, sequence => new AgentCommand(sequence) { Cancel = id }) is { } refusal) return (false, refusal.Words);
        hub.Wake(node);
        return (true, hub.IsConnected(node) ? $"{node} is told to end it" : $"{node} is not connected; it is told when it comes back within {settings.CommandLifetime.TotalMinutes:0.#} minutes");
    }

    private CaptureRequest Request(CaptureWish wish, CaptureTarget target, string group, DateTimeOffset? startAt, DateTimeOffset now) => new()
    {
        Id = EventId.Of("capture", group, target.Node),
        Group = group,
        Members = wish.Targets.Count,
        Trigger = wish.Trigger,
        Target = target,
        Profilers = wish.Profilers,
        DurationSeconds = wish.DurationSeconds,
        StartAt = startAt,
        RequestedAt = now,
        ExpiresAt = (startAt ?? now) + settings.CommandLifetime,
        CpuSampling = wish.CpuSampling,
        WantsControl = wish.WantsControl,
        Pinned = wish.Pinned,
    };

    private OrderedCapture Command(CaptureRequest request, bool isForced)
    {
        var node = request.Target.Node;
        if (!hub.IsConnected(node))
            return Refuse(request, CaptureRefusal.NodeNotConnected, $"no agent of {node} is connected to this collector: see that it runs and that its collector.endpoint leads here");
        var question = new BudgetQuestion(request.Id, node, request.Trigger.Kind, request.Trigger.Name, GpuOf(request.Target), request.Target.Job, request.DurationSeconds, isForced, request.StartAt, OrderOf(request));
        if (budget.Ask(question) is { Granted: false } no) return Refuse(request, no.Refusal ?? CaptureRefusal.Budget, no.Words);
        // Known before the node can speak of it.
        records.Requested(request);
        if (queue.Add(node, request.ExpiresAt, sequence => new AgentCommand(sequence) { Capture = request }) is { } refusal)
        {
            budget.GiveBack(request.Id);
            Say(request.Id, node, CaptureStage.Refused, refusal.Words, refusal.Refusal);
            return Refuse(request, refusal.Refusal, refusal.Words);
        }

        hub.Wake(node);
        return new OrderedCapture(node, request.Id);
    }

    /// <summary>What a person or a schedule asks for at once, on however many nodes a job has; rules, alerts and controls ask for one each.</summary>
    private static string OrderOf(CaptureRequest request) => request.Trigger.Kind is TriggerKinds.Person or TriggerKinds.Schedule ? request.Group : "";

    private OrderedCapture Refuse(CaptureRequest request, CaptureRefusal refusal, string words)
    {
        refused.Add(request, refusal, words);
        return new OrderedCapture(request.Target.Node, "", refusal, words);
    }

    /// <summary>Says where a capture stands in the node's place, which has not spoken of it; its own first word goes before this.</summary>
    private void Say(string id, string node, CaptureStage stage, string words, CaptureRefusal? refusal) => records.Progressed(new CaptureProgress(id, node, 0, time.GetUtcNow(), stage, words, Refusal: refusal));

    private void Audit(CaptureWish wish, CaptureRequest request, OrderedCapture outcome) => audit.Append(new AuditEntry(
        time.GetUtcNow(), AuditActions.Of(wish.Trigger.Kind), OutcomeOf(outcome.Refusal), wish.By, wish.Remote, request.Id, request.Group, request.Target.Node, outcome.Refusal,
        outcome.Refusal is null ? wish.Trigger.Reason : outcome.Words, wish.Trigger.Kind));
}
