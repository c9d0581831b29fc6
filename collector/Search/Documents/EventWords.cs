using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;

namespace Monitoring.Collector.Search.Documents;

/// <summary>What the Elastic Common Schema calls the kinds of event.</summary>
internal static class EventWords
{
    // event.type of what has no beginning and end.
    private const string Info = "info";
    private const string Change = "change";
    private const string Start = "start";
    private const string End = "end";

    /// <summary><c>event.kind</c>, <c>event.category</c> and <c>event.type</c> of an event, each of the schema's closed lists.</summary>
    public static (string Kind, string Category, string Type) Of(EventRecord record)
    {
        var (kind, category, instant) = record.Kind switch
        {
            EventKinds.Xid or EventKinds.Sxid or EventKinds.Gsp or EventKinds.Nvswitch or EventKinds.PeerMemory => ("event", "driver", Info),
            EventKinds.Fabric => ("event", "network", Info),
            EventKinds.OomKill or EventKinds.ProcessFault => ("event", "process", End),
            EventKinds.Driver => ("event", "driver", Change),
            EventKinds.MigChange => ("event", "configuration", Change),
            EventKinds.DriverStuck => ("state", "driver", Info),
            EventKinds.Infiniband => ("state", "network", Info),
            EventKinds.RecoveryAction or EventKinds.Availability or EventKinds.PowerSource or EventKinds.Service => ("state", "host", Change),
            EventKinds.Anomaly => ("alert", "host", Info),
            EventKinds.Capture => ("event", "process", OfStage(record.Detail(CaptureEventDetails.Stage))),
            // Memory errors, PCI Express, gaps, what agents say of themselves, and kinds that a newer agent has.
            _ => ("event", "host", Info),
        };
        // A beginning and an end are told of everything that lasts; configuration knows neither.
        var type = category == "configuration" ? instant : record.Phase switch { EventPhase.Started => Start, EventPhase.Ended => End, _ => instant };
        return (kind, category, type);
    }

    /// <summary><c>event.action</c>.</summary>
    public static string Action(EventRecord record) => record switch
    {
        { Kind: EventKinds.Capture } when record.Detail(CaptureEventDetails.Stage) is { Length: > 0 } stage => $"{record.Kind}_{stage}",
        { Phase: EventPhase.Started } => record.Kind + "_started",
        { Phase: EventPhase.Ended } => record.Kind + "_ended",
        _ => record.Kind,
    };

    /// <summary><c>event.outcome</c> of a capture that came to this stage; null where it is not over.</summary>
    public static string? Outcome(string? stage) => stage switch
    {
        "done" => "success",
        "failed" or "aborted" or "refused" => "failure",
        "cancelled" => "unknown",
        _ => null,
    };

    /// <summary><c>event.severity</c> as syslog counts, <c>log.level</c>, and the word of the product.</summary>
    public static (long Number, string Level, string Word) Severity(EventSeverity severity) => severity switch
    {
        EventSeverity.Critical => (2, "critical", "critical"),
        EventSeverity.Warning => (4, "warning", "warning"),
        EventSeverity.Info => (6, Info, "info"),
        _ => (5, "notice", "unknown"),
    };

    /// <summary>A detail of an event; null where it has none of the name.</summary>
    public static string? Detail(this EventRecord record, string name) => record.Evidence.Details?.GetValueOrDefault(name) is { Length: > 0 } detail ? detail : null;

    private static string OfStage(string? stage) => stage == "recording" ? Start : Outcome(stage) is null ? Info : End;
}
