using System.Globalization;
using Monitoring.Collector.Search.Privacy;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;
using Monitoring.Contracts.Xid;
using Monitoring.Elasticsearch.Documents;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Search.Documents;

/// <summary>An event of a node as a document.</summary>
internal static class EventDocument
{
    // What a person who clears health, and a person who asks for a capture, are called in the details of events.
    private const string WhoDetail = "who";
    private const string DurationDetail = "duration_seconds";

    /// <summary>The document.</summary>
    /// <param name="place">Its place in the source.</param>
    /// <param name="record">The event.</param>
    /// <param name="places">Where documents go.</param>
    /// <param name="privacy">What of persons is kept.</param>
    public static SourceDocument Of(ulong place, EventRecord record, DocumentPlaces places, DocumentPrivacy privacy)
    {
        var names = privacy.Named();
        var document = new DocumentBuilder();
        var user = names.User(record.Job?.User);
        var who = names.User(record.Detail(WhoDetail));
        var isPerson = IsPerson(record.Detail(CaptureEventDetails.Origin) ?? record.Detail(CaptureEventDetails.Trigger));
        var asker = isPerson ? names.User(record.Detail(CaptureEventDetails.AskedBy)) : record.Detail(CaptureEventDetails.AskedBy);

        StreamFields.Write(document, SearchStream.Event, places, record.BelievedTime);
        WriteKind(document, record);
        WriteWhere(document, record);
        document.Word("event.id", record.Id);
        document.Word("event.url", places.Link("/api/v1/events/" + record.Id));
        document.Sentence("message", names.In(record.Title));
        // Not indexed, and so of any length.
        document.Whole("process.pid", record.Process?.Pid);
        document.Word("process.name", record.Process is { } process ? names.In(process.Name ?? "") : null);
        document.Word("user.name", who ?? asker.If(record.Kind == EventKinds.Capture && isPerson) ?? user);
        document.Words("related.user", names.Users);
        WriteEvidence(document, record, names);
        if (record.Job is { } job) JobFields.Write(document, job, user, names);
        WriteCapture(document, record, asker, names);
        return new SourceDocument(place, places.Index(SearchStream.Event, record.BelievedTime), record.Id, document.ToJson());
    }

    /// <summary>True where the name of a trigger may be that of a person; a control has the name of what it is the control of, and says what that is where it is known.</summary>
    public static bool IsPerson(string? trigger) => trigger is not (null or TriggerKinds.Rule or TriggerKinds.Alert or TriggerKinds.Schedule);

    private static void WriteKind(DocumentBuilder document, EventRecord record)
    {
        var (kind, category, type) = EventWords.Of(record);
        var (severity, level, word) = EventWords.Severity(record.Severity);
        document.Word("event.kind", kind);
        document.Words("event.category", [category]);
        document.Words("event.type", [type]);
        document.Word("event.action", EventWords.Action(record));
        document.Word("event.code", record.Code?.ToString(CultureInfo.InvariantCulture));
        document.Whole("event.severity", severity);
        document.Word("log.level", level);
        document.Word("gpu.kind", record.Kind);
        document.Word("gpu.severity", word);
        document.Word("gpu.phase", record.Phase switch { EventPhase.Started => "started", EventPhase.Ended => "ended", _ => "instant" });
        document.Word("gpu.incident", record.Incident);
        document.Word("gpu.component", record.Component);
        document.Word("gpu.suggested_action", record.SuggestedAction);
        document.Word("gpu.runbook", record.Runbook);
        if (Uri.TryCreate(record.Runbook, UriKind.Absolute, out var link) && link.Scheme is "http" or "https") document.Word("event.reference", record.Runbook);
        document.Word("rule.id", record.Rule);
        document.Word("rule.name", record.Rule);
        if (record is { Kind: EventKinds.Xid, Code: { } code }) WriteXid(document, code);
        if (record is { Kind: EventKinds.Sxid, Code: { } switchCode }) document.Whole("gpu.sxid.code", switchCode);
    }

    private static void WriteXid(DocumentBuilder document, int code)
    {
        var entry = XidCatalogue.Describe(code);
        document.Whole("gpu.xid.code", code);
        document.Word("gpu.xid.mnemonic", entry.Mnemonic);
        document.Word("gpu.xid.bucket", entry.Immediate);
        document.Word("gpu.xid.investigate", entry.Investigate);
        document.Word("gpu.xid.origin", entry.Origin switch { XidOrigin.Application => "application", XidOrigin.Hardware => "hardware", XidOrigin.Driver => "driver", _ => "either" });
    }

    private static void WriteWhere(DocumentBuilder document, EventRecord record)
    {
        document.Word("host.name", record.Node);
        document.Word("host.boot.id", record.BootId);
        document.Word("orchestrator.cluster.name", record.Cluster);
        document.Word("agent.type", "gpu-agent");
        if (record.Kind == EventKinds.Agent) document.Word("agent.version", record.Detail("version"));
        if (record.Received is { } received)
        {
            document.Time("event.created", received);
            document.Time("gpu.node_time", record.Time);
        }
        if (record.Gpu is not { } gpu) return;
        document.Word("device.type", "gpu");
        document.Word("device.manufacturer", "NVIDIA");
        document.Word("device.id", gpu.Uuid);
        document.Word("device.serial_number", gpu.Serial);
        document.Whole("gpu.index", gpu.Index);
        document.Word("gpu.uuid", gpu.Uuid);
        document.Word("gpu.serial", gpu.Serial);
        document.Word("gpu.pci.bus_id", gpu.PciBusId);
    }

    private static void WriteEvidence(DocumentBuilder document, EventRecord record, DocumentPrivacy.Names names)
    {
        var evidence = record.Evidence;
        document.Word("event.provider", evidence.Sources is [{ } first, ..] ? first : null);
        document.Words("gpu.evidence.sources", evidence.Sources);
        if (evidence.RawLine is { Length: > 0 } line) document.Sentence("event.original", names.In(line));
        // An element of a list may be null whatever its type says: it comes from outside.
        document.Rows("gpu.evidence.values", evidence.Values.Where(static value => value is not null), static (row, value) =>
        {
            row.Word("name", value.Name);
            row.Number("value", value.Value);
            row.Number("threshold", value.Threshold);
        });
        if (evidence.Details is null) return;
        document.Map("gpu.evidence.details", evidence.Details.Where(static detail => detail.Value is not null).Select(detail => new KeyValuePair<string, string>(detail.Key, names.In(detail.Value))));
        if (double.TryParse(record.Detail(DurationDetail), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)) document.Whole("event.duration", StreamFields.Nanoseconds(seconds));
    }

    private static void WriteCapture(DocumentBuilder document, EventRecord record, string? asker, DocumentPrivacy.Names names)
    {
        if (record.Capture is { Length: > 0 } decision)
        {
            var parts = decision.Split(": ", 3);
            document.Word("gpu.capture.decision", parts[0] is "accepted" or "refused" ? parts[0] : null);
            document.Word("gpu.capture.id", parts is ["accepted", { } id, ..] && EventId.IsValid(id) ? id : null);
            document.Word("gpu.capture.refusal", parts is ["refused", { } why, _] ? why : null);
            document.Sentence("gpu.capture.words", names.In(decision));
        }
        if (record.Kind != EventKinds.Capture) return;
        var stage = record.Detail(CaptureEventDetails.Stage);
        var outcome = EventWords.Outcome(stage);
        document.Word("event.outcome", outcome);
        document.Word("gpu.capture.id", record.Detail(CaptureEventDetails.Capture));
        document.Word("gpu.capture.stage", stage);
        document.Word("gpu.capture.result", outcome is null ? null : stage);
        document.Word("gpu.capture.trigger.kind", record.Detail(CaptureEventDetails.Trigger));
        document.Word("gpu.capture.trigger.name", asker);
        document.Word("gpu.capture.refusal", record.Detail(CaptureEventDetails.Refusal));
        document.Words("gpu.capture.profilers", record.Detail(CaptureEventDetails.Profilers)?.Split(',') ?? []);
        document.Words("gpu.capture.profiler_results", record.Detail(CaptureEventDetails.Results)?.Split(',') ?? []);
    }

    private static string? If(this string? value, bool condition) => condition ? value : null;
}
