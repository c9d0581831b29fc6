namespace Monitoring.Dashboards.Generator.Kibana;

/// <summary>The fields that searches and dashboards use; <c>docs/elasticsearch-fields.md</c> says what each means, and a test holds these against it.</summary>
internal static class Fields
{
    public const string Timestamp = "@timestamp";
    public const string Message = "message";
    public const string Cluster = "orchestrator.cluster.name";
    public const string Node = "host.name";
    public const string Boot = "host.boot.id";
    public const string Device = "device.id";
    public const string Service = "service.name";
    public const string SourceAddress = "source.address";
    public const string Rule = "rule.name";
    public const string Level = "log.level";
    public const string Logger = "log.logger";
    public const string ErrorType = "error.type";
    public const string ErrorMessage = "error.message";
    public const string Link = "url.full";

    public const string Action = "event.action";
    public const string Code = "event.code";
    public const string Reason = "event.reason";
    public const string EventLink = "event.url";
    public const string RunbookLink = "event.reference";

    public const string Gpu = "gpu.index";
    public const string Kind = "gpu.kind";
    public const string Severity = "gpu.severity";
    public const string Phase = "gpu.phase";
    public const string Component = "gpu.component";
    public const string SuggestedAction = "gpu.suggested_action";
    public const string Runbook = "gpu.runbook";
    public const string Xid = "gpu.xid.code";
    public const string XidMnemonic = "gpu.xid.mnemonic";
    public const string XidBucket = "gpu.xid.bucket";
    public const string XidOrigin = "gpu.xid.origin";
    public const string Job = "gpu.job.id";
    public const string JobName = "gpu.job.name";
    public const string AuditBy = "gpu.audit.by";
    public const string AuditOutcome = "gpu.audit.outcome";

    public const string Capture = "gpu.capture.id";
    public const string CaptureResult = "gpu.capture.result";
    public const string CaptureRefusal = "gpu.capture.refusal";
    public const string CaptureTrigger = "gpu.capture.trigger.kind";
    public const string CaptureTriggerName = "gpu.capture.trigger.name";
    public const string TriageCode = "gpu.capture.triage.code";
    public const string TriageWords = "gpu.capture.triage.words";
    public const string Kernels = "gpu.capture.kernels.name";
    public const string TopKernel = "gpu.capture.top_kernel.name";
    public const string TopKernelShare = "gpu.capture.top_kernel.share_ratio";
    public const string TopKernelSeconds = "gpu.capture.top_kernel.seconds";
    public const string BusyShare = "gpu.capture.busy_ratio";
    public const string NcclShare = "gpu.capture.nccl.share_ratio";
    public const string CaptureBytes = "gpu.capture.size_bytes";
    public const string CaptureCost = "gpu.capture.cost.worst_drop_ratio";
    public const string Files = "gpu.capture.files.url";
}
