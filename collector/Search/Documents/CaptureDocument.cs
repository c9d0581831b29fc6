using Monitoring.Collector.Captures;
using Monitoring.Collector.Search.Privacy;
using Monitoring.Contracts.Captures;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Collector.Search.Documents;

/// <summary>A finished capture as a document: who asked, why, where, what was recorded and what the summaries say.</summary>
internal static class CaptureDocument
{
    /// <summary>The clocks of nodes may be ahead of the collector's by this; what is further ahead is dated by the collector.</summary>
    private static readonly TimeSpan AheadAtMost = TimeSpan.FromMinutes(5);

    /// <summary>A capture that was finished longer before it came than this was not: the node's clock stands at its beginning.</summary>
    private static readonly TimeSpan BehindAtMost = TimeSpan.FromDays(366);

    // A bundle names those of a node that many share; the first tell which job it is.
    private const int MostProcesses = 16;

    /// <summary>The document.</summary>
    /// <param name="place">Its place in the source.</param>
    /// <param name="manifest">The manifest of the bundle.</param>
    /// <param name="summaries">Its summaries; empty where there are none or they cannot be read.</param>
    /// <param name="keptAt">When the bundle came.</param>
    /// <param name="places">Where documents go.</param>
    /// <param name="privacy">What of persons is kept.</param>
    public static SourceDocument Of(
        ulong place, CaptureManifest manifest, IReadOnlyList<ProfilerSummary> summaries, DateTimeOffset keptAt, DocumentPlaces places, DocumentPrivacy privacy)
    {
        var names = privacy.Named();
        var document = new DocumentBuilder();
        var request = manifest.Request;
        var time = TimeOf(manifest, keptAt);
        var user = names.User(manifest.Job?.User);
        var asker = EventDocument.IsPerson(request.Trigger.Origin ?? request.Trigger.Kind) ? names.User(request.Trigger.Name) : request.Trigger.Name;
        var processes = manifest.Processes.Take(MostProcesses).Select(process => new ShownProcess(
            process.Pid, process.Name ?? "", names.User(process.User), names.CommandLine(process.CommandLine is { } line ? string.Join(' ', line) : null))).ToList();

        StreamFields.Write(document, SearchStream.Capture, places, time);
        WriteEvent(document, manifest, names);
        WriteWhere(document, manifest);
        WriteProcesses(document, processes, names);
        document.Word("user.name", request.Trigger.Kind == TriggerKinds.Person ? asker : user);
        document.Words("related.user", names.Users);
        if (manifest.Job is { } job) JobFields.Write(document, job, user, names);
        WriteCapture(document, manifest, asker, names);
        WriteFiles(document, manifest, places);
        SummaryFields.Write(document, summaries, names);
        return new SourceDocument(place, places.Index(SearchStream.Capture, time), request.Id, document.ToJson());
    }

    /// <summary>When the capture was finished, as far as its node's clock can be believed.</summary>
    internal static DateTimeOffset TimeOf(CaptureManifest manifest, DateTimeOffset keptAt) =>
        manifest.FinishedAt - keptAt <= AheadAtMost && keptAt - manifest.FinishedAt <= BehindAtMost ? manifest.FinishedAt : keptAt;

    private static void WriteEvent(DocumentBuilder document, CaptureManifest manifest, DocumentPrivacy.Names names)
    {
        var result = CaptureWords.Of(manifest.Result);
        var isDone = manifest.Result == CaptureStage.Done;
        document.Word("event.id", manifest.Request.Id);
        document.Word("event.kind", "event");
        document.Words("event.category", ["process"]);
        document.Words("event.type", ["end"]);
        document.Word("event.action", "capture_" + result);
        document.Word("event.provider", "capture");
        document.Word("event.outcome", EventWords.Outcome(result) ?? "unknown");
        document.Whole("event.severity", isDone ? 6 : 4);
        document.Word("log.level", isDone ? "info" : "warning");
        document.Time("event.start", manifest.RecordedFrom);
        document.Time("event.end", manifest.RecordedTo);
        document.Whole("event.duration", StreamFields.Nanoseconds((manifest.RecordedTo - manifest.RecordedFrom)?.TotalSeconds));
        document.Word("event.reason", names.In(manifest.Request.Trigger.Reason ?? ""));
        var of = manifest.Gpus.Count == 0 ? "" : $", GPU {string.Join(", ", manifest.Gpus.Select(static gpu => gpu.Index))}";
        document.Sentence("message", names.In($"Capture {manifest.Request.Id[..8]} of {manifest.Node}{of} is {result}: {(manifest.Words.Length > 0 ? manifest.Words : manifest.Request.Trigger.Reason)}"));
    }

    private static void WriteWhere(DocumentBuilder document, CaptureManifest manifest)
    {
        document.Word("host.name", manifest.Node);
        document.Word("host.boot.id", manifest.BootId);
        document.Word("host.os.kernel", manifest.KernelVersion);
        document.Word("orchestrator.cluster.name", manifest.Cluster);
        document.Word("agent.type", "gpu-agent");
        document.Word("agent.version", manifest.AgentVersion);
        document.Word("gpu.driver_version", manifest.DriverVersion);
        if (manifest.Gpus.Count == 0) return;
        document.Word("device.type", "gpu");
        document.Word("device.manufacturer", "NVIDIA");
        document.Word("device.model.name", manifest.Gpus[0].Model);
        if (manifest.Gpus is [var only])
        {
            document.Word("device.id", only.Uuid);
            document.Word("device.serial_number", only.Serial);
        }
        document.Wholes("gpu.index", manifest.Gpus.Select(static gpu => (long)gpu.Index));
        document.Words("gpu.uuid", manifest.Gpus.Select(static gpu => gpu.Uuid));
        document.Words("gpu.serial", manifest.Gpus.Select(static gpu => gpu.Serial));
        document.Words("gpu.pci.bus_id", manifest.Gpus.Select(static gpu => gpu.PciBusId));
    }

    private static void WriteProcesses(DocumentBuilder document, List<ShownProcess> processes, DocumentPrivacy.Names names)
    {
        document.Rows("gpu.capture.processes", processes, (row, process) =>
        {
            row.Whole("pid", process.Pid);
            row.Word("name", names.In(process.Name));
            row.Word("user", process.User);
            row.Line("command_line", process.CommandLine);
        });
        if (processes is not [var only]) return;
        document.Whole("process.pid", only.Pid);
        document.Word("process.name", names.In(only.Name));
        document.Line("process.command_line", only.CommandLine);
    }

    private static void WriteCapture(DocumentBuilder document, CaptureManifest manifest, string? asker, DocumentPrivacy.Names names)
    {
        var request = manifest.Request;
        var result = CaptureWords.Of(manifest.Result);
        document.Word("gpu.capture.id", request.Id);
        document.Word("gpu.capture.group", request.Group);
        document.Word("gpu.capture.stage", result);
        document.Word("gpu.capture.result", result);
        document.Sentence("gpu.capture.words", names.In(manifest.Words));
        document.Word("gpu.capture.trigger.kind", request.Trigger.Kind);
        document.Word("gpu.capture.trigger.name", asker);
        document.Word("gpu.capture.trigger.event_id", request.Trigger.EventId);
        if (request.Trigger.Kind == TriggerKinds.Rule)
        {
            document.Word("rule.id", request.Trigger.Name);
            document.Word("rule.name", request.Trigger.Name);
        }
        document.Word("gpu.capture.control_of", request.ControlOf);
        document.Number("gpu.capture.duration_seconds", request.DurationSeconds);
        document.Words("gpu.capture.profilers", manifest.Runs.Where(static run => run.Succeeded).Select(static run => run.Profiler));
        document.Words("gpu.capture.profiler_results", manifest.Runs.Select(static run => $"{run.Profiler}:{(run.Succeeded ? "done" : run.Refusal is { } refusal ? CaptureWords.Of(refusal) : "failed")}"));
        document.Word("gpu.capture.refusal", manifest.Runs.Select(static run => run.Refusal).FirstOrDefault(static refusal => refusal is not null) is { } first && manifest.Result == CaptureStage.Failed ? CaptureWords.Of(first) : null);
        if (manifest.Cost is not { } cost) return;
        document.Number("gpu.capture.cost.worst_drop_ratio", cost.WorstDropRatio);
        document.Flag("gpu.capture.cost.aborted", cost.Aborted);
    }

    private static void WriteFiles(DocumentBuilder document, CaptureManifest manifest, DocumentPlaces places)
    {
        var link = places.Link("/api/v1/captures/" + manifest.Request.Id);
        document.Line("url.full", link);
        document.Whole("gpu.capture.size_bytes", manifest.Files.Sum(static file => file.SizeBytes));
        document.Rows("gpu.capture.files", manifest.Files, (row, file) =>
        {
            row.Word("name", file.Name);
            row.Word("kind", file.Kind);
            row.Whole("size_bytes", file.SizeBytes);
            row.Word("sha256", file.Sha256);
            row.Word("url", link is null ? null : $"{link}/files/{Uri.EscapeDataString(file.Name)}");
        });
        if (manifest.Files.FirstOrDefault(static file => file.Kind is CaptureFileKinds.Report or CaptureFileKinds.Trace) is not { } report) return;
        document.Word("file.name", report.Name);
        document.Whole("file.size", report.SizeBytes);
        document.Word("file.mime_type", report.MediaType);
        document.Word("file.hash.sha256", report.Sha256);
    }

    private sealed record ShownProcess(long Pid, string Name, string? User, string? CommandLine);
}
