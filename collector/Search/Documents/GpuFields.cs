using static Monitoring.Collector.Search.Documents.FieldType;
using static Monitoring.Collector.Search.Documents.StreamSet;

namespace Monitoring.Collector.Search.Documents;

/// <summary>Fields of our own that say which GPU, which job and what kind of event.</summary>
internal static class GpuFields
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<DocumentField> All { get; } =
    [
        new("gpu.index", Integer, Event | Capture, "number of the GPU on its node", IsList: true),
        new("gpu.uuid", Keyword, Event | Capture, "its UUID", IsList: true),
        new("gpu.serial", Keyword, Event | Capture, "serial number of its board", IsList: true),
        new("gpu.pci.bus_id", Keyword, Event | Capture, "its place on the PCI bus", IsList: true),
        new("gpu.driver_version", Keyword, Capture, "version of the driver"),
        new("gpu.kind", Keyword, Event, "the kind of event, as in events.md: `xid`, `anomaly`, `capture`, ..."),
        new("gpu.severity", Keyword, Event, "`critical`, `warning`, `info`, `unknown`"),
        new("gpu.phase", Keyword, Event, "`instant`, `started` or `ended`"),
        new("gpu.incident", Keyword, Event, "id of the event that began what ends here"),
        new("gpu.component", Keyword, Event, "the part whose health it concerns: `memory`, `nvlink`, `pcie`, ..."),
        new("gpu.suggested_action", Keyword, Event, "what to do, one sentence"),
        new("gpu.runbook", Keyword, Event, "name of the runbook"),
        new("gpu.node_time", Date, Event, "what the node's clock said, where it is not believed"),
        new("gpu.xid.code", Integer, Event, "the XID"),
        new("gpu.xid.mnemonic", Keyword, Event, "NVIDIA's name of it"),
        new("gpu.xid.bucket", Keyword, Event, "NVIDIA's bucket of what recovers the system: `RESTART_APP`, `RESET_GPU`, `RESTART_BM`, `IGNORE`, ..."),
        new("gpu.xid.investigate", Keyword, Event, "NVIDIA's bucket of how the cause is found"),
        new("gpu.xid.origin", Keyword, Event, "`application`, `hardware`, `driver` or `either`"),
        new("gpu.sxid.code", Integer, Event, "the SXID of an NVSwitch"),
        new("gpu.evidence.sources", Keyword, Event, "who saw it", IsList: true),
        new("gpu.evidence.details", Flattened, Event, "what was decoded, by name: `gpu.evidence.details.link: \"3\"`"),
        new("gpu.evidence.values.name", Keyword, Event, "the values that crossed: the series", IsList: true),
        new("gpu.evidence.values.value", Number, Event, "what it was, in the base unit", IsList: true),
        new("gpu.evidence.values.threshold", Number, Event, "what it crossed", IsList: true),
        new("gpu.job.scheduler", Keyword, Event | Capture, "`slurm`, `kubernetes`, `pbs`, `lsf`"),
        new("gpu.job.id", Keyword, Event | Capture, "the job that the GPU worked for"),
        new("gpu.job.name", Keyword, Event | Capture, "its name"),
        new("gpu.job.user", Keyword, Event | Capture, "its user; subject to `elasticsearch.privacy.users`"),
        new("gpu.job.namespace", Keyword, Event | Capture, "its namespace, of Kubernetes"),
        new("gpu.job.pod", Keyword, Event | Capture, "its pod"),
        new("gpu.job.container", Keyword, Event | Capture, "its container"),
        new("gpu.audit.by", Keyword, Audit, "the person, rule, alert or schedule; a person is subject to `elasticsearch.privacy.users`"),
        new("gpu.audit.outcome", Keyword, Audit, "`accepted`, `refused` or `skipped`"),
        new("gpu.log.template", Keyword, Lines, "the message with the names of its values in their places: lines of one kind share it"),
    ];
}
