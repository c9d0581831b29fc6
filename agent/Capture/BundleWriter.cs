using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.KernelLog;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Capture;

/// <summary>Who writes bundles, for the manifest.</summary>
internal sealed record BundleAuthor(NodeIdentity Identity, string AgentVersion, string KernelVersion);

/// <summary>Makes a bundle of what was recorded: reports, counters, what the kernel and the agent said around the moment, and at last the manifest.</summary>
internal sealed partial class BundleWriter(
    IReadOnlyList<IProfiler> profilers, ICaptureNode node, CaptureDisk disk, CaptureSettings settings, Func<RecentLines> kernelLines, IEventJournal journal, BundleAuthor author, TimeProvider time,
    ILogger<BundleWriter> logger)
{
    private const string KernelLogFile = "kernel.log";
    private const string EventsFile = "events.jsonl";
    private const int EventsAtMost = 1000;

    // An XID comes with lines before it, and a job dies of it minutes later.
    private static readonly TimeSpan Around = TimeSpan.FromMinutes(5);

    /// <summary>Exports, writes and commits; going on after a restart gives the same.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    /// <exception cref="OperationCanceledException">It is taken back, or the agent ends; there is no bundle then, and all that was recorded is still there.</exception>
    internal async Task<CaptureManifest> FinishAsync(CaptureRequest request, RecordedCapture recorded, CancellationToken cancellationToken)
    {
        var (part, scratch) = (disk.PartOf(request.Id), disk.ScratchOf(request.Id));
        Directory.CreateDirectory(part);
        Directory.CreateDirectory(scratch);
        var task = new ProfilerTask(request.Id, part, scratch, recorded.Scope, TimeSpan.FromSeconds(request.DurationSeconds), request.StartAt, new Progress<double>());
        ProfilerOutcome[] outcomes = await Task.WhenAll(recorded.Outcomes.Select(outcome => ExportAsync(task, outcome, cancellationToken))).ConfigureAwait(false);
        // A profiler that was ended says so in words, which would be the last ones about what was recorded.
        cancellationToken.ThrowIfCancellationRequested();
        List<ProfilerFile> files = [.. outcomes.SelectMany(static outcome => outcome.Files).Where(file => File.Exists(Path.Combine(part, file.Name)))];
        Enforce(part, scratch, files, outcomes);
        WriteKernelLog(part, recorded, files);
        WriteEvents(part, recorded, files);
        WriteSummary(part, outcomes, files);
        // What no profiler answers for would be in no manifest, and so never leave the node.
        foreach (var path in Directory.EnumerateFiles(part))
            if (!files.Exists(file => file.Name == Path.GetFileName(path))) File.Delete(path);

        var (result, words) = Result(request, recorded, outcomes);
        var manifest = ManifestFit.Within(new CaptureManifest
        {
            Request = request,
            Node = author.Identity.Node,
            Cluster = author.Identity.Cluster,
            BootId = author.Identity.BootId,
            AgentVersion = author.AgentVersion,
            DriverVersion = node.DriverVersion,
            KernelVersion = author.KernelVersion,
            Gpus = recorded.Scope.Gpus,
            Processes = recorded.Processes,
            Job = recorded.Job,
            Result = result,
            Words = words,
            Runs = [.. outcomes.Select(static outcome => outcome.Run), .. recorded.NotBegun],
            Cost = Cost(recorded),
            Files = [.. files.OrderBy(static file => file.Name, StringComparer.Ordinal).Select(file => Described(part, file))],
            RecordedFrom = recorded.From,
            RecordedTo = recorded.To,
            FinishedAt = time.GetUtcNow(),
        });
        cancellationToken.ThrowIfCancellationRequested();
        disk.Commit(request.Id, JsonSerializer.SerializeToUtf8Bytes(manifest, CaptureJson.Readable.CaptureManifest));
        return manifest;
    }

    /// <summary>The manifest of a bundle that is complete; null for one that cannot be read.</summary>
    internal CaptureManifest? Read(string id)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(disk.BundleOf(id), CaptureManifest.FileName)), CaptureJson.Default.CaptureManifest);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private async Task<ProfilerOutcome> ExportAsync(ProfilerTask task, ProfilerOutcome outcome, CancellationToken cancellationToken)
    {
        if (outcome is { Run.Succeeded: false, Raw.Count: 0, Files.Count: 0 }) return outcome; // nothing was recorded
        if (profilers.FirstOrDefault(profiler => profiler.Name == outcome.Run.Profiler) is not { } profiler) return outcome;
        try
        {
            return await profiler.ExportAsync(task, outcome, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFault(outcome.Run.Profiler, fault);
            return outcome with { Run = outcome.Run with { Succeeded = false, Words = $"exporting ended in a fault of the agent: {fault.Message}" } };
        }
    }

    /// <summary>
    /// Takes the largest reports out until the bundle is within its limit; the counters stay. They go where they were recorded and are removed
    /// with that, so that a next life of the agent finds what this one found.
    /// </summary>
    private void Enforce(string part, string scratch, List<ProfilerFile> files, ProfilerOutcome[] outcomes)
    {
        while (files.Sum(file => Length(part, file)) > settings.MaximumBundleBytes && files.Where(static file => file.Kind != CaptureFileKinds.Counters).MaxBy(file => Length(part, file)) is { } largest)
        {
            var place = Array.FindIndex(outcomes, outcome => outcome.Files.Contains(largest));
            outcomes[place] = outcomes[place] with
            {
                Run = outcomes[place].Run with
                {
                    Succeeded = false,
                    Words = string.Create(CultureInfo.InvariantCulture, $"{largest.Name} has {Length(part, largest) >> 20} MiB and was left out: a bundle may have {settings.MaximumBundleBytes >> 20} MiB (capture.maximum_bundle_bytes)"),
                },
            };
            File.Move(Path.Combine(part, largest.Name), Path.Combine(scratch, largest.Name), overwrite: true);
            files.Remove(largest);
        }
    }

    private void WriteKernelLog(string part, RecordedCapture recorded, List<ProfilerFile> files)
    {
        var lines = kernelLines().Between(recorded.From - Around, time.GetUtcNow());
        if (lines.Count == 0) return;
        File.WriteAllText(Path.Combine(part, KernelLogFile), string.Concat(lines.Select(static line => $"{line.Time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture)} {Redaction.Text(line.Text).ReplaceLineEndings(" ")}\n")));
        files.Add(new ProfilerFile(KernelLogFile, CaptureFileKinds.KernelLog, "text/plain"));
    }

    private void WriteEvents(string part, RecordedCapture recorded, List<ProfilerFile> files)
    {
        EventRecord[] around = [.. journal.Recent(EventsAtMost).Where(record => record.Time >= recorded.From - Around)];
        if (around is []) return;
        File.WriteAllText(Path.Combine(part, EventsFile), string.Concat(around.Select(static record => Encoding.UTF8.GetString(EventJson.Write(record)) + "\n")));
        files.Add(new ProfilerFile(EventsFile, CaptureFileKinds.Log, "application/x-ndjson"));
    }

    /// <summary>The summaries of all profilers as a list.</summary>
    private static void WriteSummary(string part, ProfilerOutcome[] outcomes, List<ProfilerFile> files)
    {
        ProfilerSummary[] summaries = [.. outcomes.Where(static outcome => outcome.Summary is not null).Select(static outcome => outcome.Summary!)];
        if (summaries is []) return;
        using var file = File.Create(Path.Combine(part, CaptureManifest.SummaryFileName));
        using var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true, Encoder = CaptureJson.Readable.Options.Encoder });
        json.WriteStartArray();
        foreach (var summary in summaries) JsonSerializer.Serialize(json, summary, CaptureJson.Readable.ProfilerSummary);
        json.WriteEndArray();
        files.Add(new ProfilerFile(CaptureManifest.SummaryFileName, CaptureFileKinds.Summary, "application/json"));
    }

    /// <summary>A capture is done when what was asked for was recorded; the counters alone are enough where nobody asked for a profiler.</summary>
    private static (CaptureStage Result, string Words) Result(CaptureRequest request, RecordedCapture recorded, ProfilerOutcome[] outcomes)
    {
        var said = string.Join("; ", outcomes.Select(static outcome => $"{outcome.Run.Profiler}: {(outcome.Run.Words.Length > 0 ? outcome.Run.Words : outcome.Run.Succeeded ? "recorded" : "failed")}"));
        if (recorded.Notes.Length > 0) said = $"{said}; {recorded.Notes}";
        if (recorded.Early is { } early) said = $"ended early: {early.Words}; {said}";
        if (recorded.Early?.Reason == EarlyEndReason.Cost) return (CaptureStage.Aborted, said);
        if (recorded.Early?.Reason is EarlyEndReason.Disk or EarlyEndReason.Overdue) return (CaptureStage.Failed, said);
        var isAsked = request.Profilers.Any(static name => name != ProfilerNames.Counters);
        return (outcomes.Any(outcome => outcome.Run.Succeeded && (!isAsked || request.Profilers.Contains(outcome.Run.Profiler))) ? CaptureStage.Done : CaptureStage.Failed, said);
    }

    private CaptureCost? Cost(RecordedCapture recorded)
    {
        var gpus = recorded.Scope.Gpus;
        return CostMeter.Of(node.Windows(gpus, recorded.From - RecordingWatch.BeforeWindow, recorded.From), node.Windows(gpus, recorded.From, recorded.To),
            node.Windows(gpus, recorded.To.AddTicks(1), recorded.To + settings.CountersAfter), recorded.Early?.Reason == EarlyEndReason.Cost);
    }

    private static CaptureFile Described(string part, ProfilerFile file)
    {
        using var stream = File.OpenRead(Path.Combine(part, file.Name));
        return new CaptureFile(file.Name, file.Kind, file.MediaType, stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }

    private static long Length(string part, ProfilerFile file) => new FileInfo(Path.Combine(part, file.Name)).Length;

    [LoggerMessage(EventId = 2130, Level = LogLevel.Error, Message = "Exporting for the profiler {Profiler} ended in a fault of the agent.")]
    private partial void LogFault(string profiler, Exception fault);
}
