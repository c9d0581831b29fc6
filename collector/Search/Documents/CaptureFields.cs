using static Monitoring.Collector.Search.Documents.FieldType;
using static Monitoring.Collector.Search.Documents.StreamSet;

namespace Monitoring.Collector.Search.Documents;

/// <summary>Fields of our own that say what a capture is and what it found. Lists of objects are searched list by list, not row by row.</summary>
internal static class CaptureFields
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<DocumentField> All { get; } =
    [
        new("gpu.capture.id", Keyword, Records, "the capture; of an event of a rule, the capture that it led to"),
        new("gpu.capture.group", Keyword, Capture | Audit, "what captures have in common that one wish made"),
        new("gpu.capture.stage", Keyword, Event | Capture, "where it came to stand: `queued`, `recording`, `done`, `refused`, ..."),
        new("gpu.capture.result", Keyword, Event | Capture, "of a capture that is over: `done`, `failed`, `aborted`, `refused` or `cancelled`"),
        new("gpu.capture.decision", Keyword, Event, "what became of the capture that a rule asked for: `accepted` or `refused`"),
        new("gpu.capture.refusal", Keyword, Records, "why it was refused, a word: `budget`, `cooldown`, ..."),
        new("gpu.capture.words", Text, Event | Capture, "the same for a person"),
        new("gpu.capture.trigger.kind", Keyword, Event | Capture, "what asked for it: `rule`, `person`, `schedule`, `alert`, `control`"),
        new("gpu.capture.trigger.name", Keyword, Event | Capture, "its name; a person is subject to `elasticsearch.privacy.users`"),
        new("gpu.capture.trigger.event_id", Keyword, Capture, "the event that led to it"),
        new("gpu.capture.control_of", Keyword, Capture, "the capture whose control it is"),
        new("gpu.capture.profilers", Keyword, Event | Capture, "the profilers at work; of a finished one, those whose report is whole", IsList: true),
        new("gpu.capture.profiler_results", Keyword, Event | Capture, "what became of each: `kineto:failed`", IsList: true),
        new("gpu.capture.duration_seconds", Number, Capture, "how long was to be recorded"),
        new("gpu.capture.size_bytes", Long, Capture, "bytes of all files"),
        new("gpu.capture.files.name", Keyword, Capture, "its files", IsList: true),
        new("gpu.capture.files.kind", Keyword, Capture, "`report`, `trace`, `summary`, `counters`, `kernel_log`, `log`", IsList: true),
        new("gpu.capture.files.size_bytes", Long, Capture, "their bytes", IsList: true),
        new("gpu.capture.files.sha256", Keyword, Capture, "their hashes", IsList: true),
        new("gpu.capture.files.url", Keyword, Capture, "links to them at the collector", IsList: true),
        new("gpu.capture.processes.pid", Long, Capture, "processes that used the GPUs", IsList: true),
        new("gpu.capture.processes.name", Keyword, Capture, "their names", IsList: true),
        new("gpu.capture.processes.user", Keyword, Capture, "their users; subject to `elasticsearch.privacy.users`", IsList: true),
        new("gpu.capture.processes.command_line", Wildcard, Capture, "their command lines, secrets replaced by the agent; subject to `elasticsearch.privacy.command_lines`", IsList: true),
        new("gpu.capture.triage.code", Keyword, Capture, "what stands out: `nccl_bound`, `gpu_idle`, `host_wait`, ... (capture-summaries.md)", IsList: true),
        new("gpu.capture.triage.words", Text, Capture, "the same in sentences with numbers", IsList: true),
        new("gpu.capture.top_kernel.name", Keyword, Capture, "the kernel with the most time"),
        new("gpu.capture.top_kernel.share_ratio", Number, Capture, "its part of the time of all kernels, 0 to 1"),
        new("gpu.capture.top_kernel.seconds", Number, Capture, "its time"),
        new("gpu.capture.kernels.name", Keyword, Capture, "the kernels with the most time, at most ten", IsList: true),
        new("gpu.capture.kernels.count", Long, Capture, "how often each ran", IsList: true),
        new("gpu.capture.kernels.seconds", Number, Capture, "how long", IsList: true),
        new("gpu.capture.kernels.share_ratio", Number, Capture, "their parts of the time of all kernels, 0 to 1", IsList: true),
        new("gpu.capture.nccl.share_ratio", Number, Capture, "NCCL's part of the time of all kernels, 0 to 1"),
        new("gpu.capture.nccl.exposed_ratio", Number, Capture, "part of the time in which NCCL ran and nothing else"),
        new("gpu.capture.nccl.seconds", Number, Capture, "time of NCCL's kernels"),
        new("gpu.capture.nccl.collectives", Keyword, Capture, "its collectives: `all_reduce`, ...", IsList: true),
        new("gpu.capture.busy_ratio", Number, Capture, "part of the time in which the GPUs worked, mean over them"),
        new("gpu.capture.idle_ratio", Number, Capture, "the rest of it"),
        new("gpu.capture.longest_gap_seconds", Number, Capture, "the longest time in which a GPU had nothing to do between works"),
        new("gpu.capture.copy_seconds", Number, Capture, "time of copies and fills of memory"),
        new("gpu.capture.copy_bytes", Long, Capture, "bytes that they moved"),
        new("gpu.capture.steps.count", Long, Capture, "steps of the training loop, where the program marks them"),
        new("gpu.capture.steps.median_seconds", Number, Capture, "how long half of them took at most"),
        new("gpu.capture.steps.max_seconds", Number, Capture, "how long the longest took"),
        new("gpu.capture.cost.worst_drop_ratio", Number, Capture, "the largest fall of a measure of the workload while recording, 0 to 1"),
        new("gpu.capture.cost.aborted", YesNo, Capture, "true where it was ended early for that"),
        new("gpu.capture.is_incomplete", YesNo, Capture, "true where a report was cut off or damaged"),
    ];
}
