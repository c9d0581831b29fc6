using System.Globalization;
using System.Net;
using Monitoring.Collector.Captures;
using Monitoring.Collector.Search.Privacy;
using Monitoring.Contracts.Commands;
using Monitoring.Elasticsearch.Documents;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Search.Documents;

/// <summary>An entry of the audit as a document.</summary>
internal static class AuditDocument
{
    /// <summary>The document.</summary>
    /// <param name="place">The entry's number in the audit.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="places">Where documents go.</param>
    /// <param name="privacy">What of persons is kept.</param>
    public static SourceDocument Of(ulong place, AuditEntry entry, DocumentPlaces places, DocumentPrivacy privacy)
    {
        var names = privacy.Named();
        var document = new DocumentBuilder();
        // Rules, alerts and schedules act without a person. Entries of older versions do not say who did it: of a control it may be a person.
        var isPerson = entry.Trigger is { } trigger ? EventDocument.IsPerson(trigger) : entry.Action is not (AuditActions.Lease or AuditActions.Alert or AuditActions.Schedule);
        var by = isPerson ? names.User(entry.By) : entry.By;
        var remote = names.Remote(entry.Remote);
        // The number tells entries apart that are alike in everything else; the rest keeps a new audit from meeting the ids of an old one. No
        // person goes into it: whoever has the other parts could try names until the id fits.
        var id = EventId.Of("audit", place.ToString(CultureInfo.InvariantCulture), entry.Time.UtcTicks.ToString(CultureInfo.InvariantCulture), entry.Action, entry.Outcome, entry.Capture ?? "", entry.Node ?? "");
        var (category, types) = Schema(entry);

        StreamFields.Write(document, SearchStream.Audit, places, entry.Time);
        document.Word("event.id", id);
        document.Word("event.kind", "event");
        document.Words("event.category", category);
        document.Words("event.type", types);
        document.Word("event.action", entry.Action);
        document.Word("event.provider", "gpu-collector");
        document.Word("event.outcome", entry.Outcome switch { AuditOutcomes.Accepted => "success", AuditOutcomes.Refused => "failure", _ => "unknown" });
        document.Whole("event.severity", 6);
        document.Word("log.level", "info");
        document.Word("service.name", "gpu-collector");
        document.Word("host.name", entry.Node);
        document.Word("source.address", remote);
        if (privacy.KeepsAddresses && IPAddress.TryParse(entry.Remote, out var address)) document.Word("source.ip", address.IsIPv4MappedToIPv6 ? address.MapToIPv4().ToString() : new IPAddress(address.GetAddressBytes()).ToString());
        document.Word("user.name", isPerson ? by : null);
        document.Words("related.user", names.Users);
        document.Word("gpu.audit.by", by);
        document.Word("gpu.audit.outcome", entry.Outcome);
        document.Word("gpu.capture.id", entry.Capture);
        document.Word("gpu.capture.group", entry.Group);
        document.Word("gpu.capture.refusal", entry.Refusal is { } refusal ? CaptureWords.Of(refusal) : null);
        document.Line("url.full", string.IsNullOrEmpty(entry.Capture) ? null : places.Link("/api/v1/captures/" + entry.Capture));
        document.Word("event.reason", names.In(entry.Words ?? ""));
        document.Sentence("message", Message(entry, by, names));
        return new SourceDocument(place, places.Index(SearchStream.Audit, entry.Time), id, document.ToJson());
    }

    private static string Message(AuditEntry entry, string? by, DocumentPrivacy.Names names)
    {
        var message = $"{entry.Action} by {(string.IsNullOrEmpty(by) ? "nobody who gave a name" : by)}: {entry.Outcome}";
        if (!string.IsNullOrEmpty(entry.Node)) message += $", node {entry.Node}";
        if (!string.IsNullOrEmpty(entry.Capture)) message += $", capture {entry.Capture}";
        return string.IsNullOrEmpty(entry.Words) ? message : $"{message}: {names.In(entry.Words)}";
    }

    private static (string[] Category, string[] Types) Schema(AuditEntry entry)
    {
        var answer = entry.Outcome == AuditOutcomes.Accepted ? "allowed" : entry.Outcome == AuditOutcomes.Refused ? "denied" : "info";
        return entry.Action switch
        {
            AuditActions.SchedulePut => (["api", "configuration"], ["change", answer]),
            AuditActions.ScheduleDelete => (["api", "configuration"], ["deletion", answer]),
            AuditActions.Delete => (["api"], ["deletion", answer]),
            AuditActions.Cancel or AuditActions.Pin or AuditActions.Unpin => (["api"], ["change", answer]),
            _ => (["api"], ["creation", answer]),
        };
    }
}
