using System.Globalization;
using Monitoring.Contracts.Events;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Agent.Detection.Health;

/// <summary>Clearing by hand.</summary>
internal sealed partial class HealthEvaluator
{
    private ClearOutcome Clear(ClearRequest request)
    {
        var subject = request.Gpu == "node" ? ledger.Node : ledger.Gpus.FirstOrDefault(known => known.Gpu!.IsNamed(request.Gpu));
        if (subject is null) return new ClearOutcome($"gpu is '{request.Gpu}', expected node, or the index, UUID or PCI address of a GPU of this node; GET /api/v1/health names them", [], [], null);

        List<HealthReason> kept = [];
        var cleared = subject.RemoveWhere((component, held) =>
        {
            if (request.Component.Length > 0 && component != request.Component) return false;
            // A rule goes on looking and will say the end of its condition; a source that lost sight of the end would never.
            if (held is not { IsPastFact: false, Reason: { IsHolding: true, Rule: not null } }) return true;
            kept.Add(held.Reason);
            held.EndsWithCondition = isUnkept = true;
            return false;
        });
        Ended(subject, cleared);
        // Only who speaks of the bus says that a GPU is gone for good.
        var settled = subject == ledger.Node && request.Component == Components.Pcie ? Settled() : null;
        foreach (var reason in kept) Waived(reason.Rule!, subject.Gpu, InstanceOf(reason.Rule!, reason.Cause));
        if (cleared.Count + kept.Count == 0 && settled is null) return new ClearOutcome(null, [], [], null);

        var now = time.GetUtcNow();
        var of = request.Component.Length > 0 ? $"{Name(subject)}, {request.Component}" : Name(subject);
        var details = new Dictionary<string, string>
        {
            ["who"] = request.Who,
            ["why"] = request.Why,
            ["cleared"] = string.Join(", ", cleared.Select(static reason => reason.Cause)),
            ["kept"] = string.Join(", ", kept.Select(static reason => reason.Cause)),
        };
        if (settled is var (before, present)) details["gpus_expected"] = string.Create(CultureInfo.InvariantCulture, $"{present}, {before} before");
        var record = new EventRecord
        {
            Id = EventId.Of(node.BootId, node.Node, "health cleared", now.Ticks.ToString(CultureInfo.InvariantCulture), of, request.Who),
            Time = now,
            BootId = node.BootId,
            Cluster = node.Cluster,
            Node = node.Node,
            Gpu = subject.Gpu?.Reference,
            Kind = EventKinds.Agent,
            Component = request.Component,
            Severity = EventSeverity.Info,
            Title = $"{request.Who} cleared the health of {of}: {request.Why}",
            Evidence = new EventEvidence
            {
                Sources = [OwnEvents.Person],
                Details = details,
            },
        };
        journal.Append(record);
        lastEvent = record.Id;
        Keep();
        return new ClearOutcome(null, cleared, kept, record.Id);
    }
}
