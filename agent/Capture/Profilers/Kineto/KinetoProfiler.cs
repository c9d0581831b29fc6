using System.Globalization;
using Monitoring.Agent.Devices.Files;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>
/// Records with PyTorch's own profiler in the job's processes: each is handed a configuration with one start time for all when it asks next,
/// and its trace is taken from its file system. What is handed out cannot be taken back; a recording ends by its own duration.
/// </summary>
/// <param name="room">What may be taken over, and what must be free where processes write.</param>
/// <param name="summarise">Makes a summary of a compressed trace; null where it cannot be read.</param>
internal sealed partial class KinetoProfiler(
    KinetoSettings settings, KinetoEndpoint endpoint, string procfs, CopyRoom room, TimeProvider time, Func<string, ProfilerSummary?> summarise, ILogger<KinetoProfiler> logger) : IProfiler
{
    /// <summary>From the last process's asking to the start: its profiler looks for work once a second.</summary>
    internal static readonly TimeSpan StartMargin = TimeSpan.FromSeconds(2);

    // Looking into the processes, and waiting until each of them has asked.
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);

    // One process of each GPU and some more; all of them write traces at once.
    private const int MostProcesses = 64;

    // Files of a job's file system are behind these reads, and that can hang; the thread is then left to it.
    private static readonly TimeSpan InspectionPatience = TimeSpan.FromSeconds(10);

    // A file system hangs in real time, whatever clock the recording has.
    private static readonly TimeProvider RealTime = TimeProvider.System;

    // Where processes are refused for several reasons, the one that somebody has to do most about.
    private static readonly CaptureRefusal?[] Foremost = [CaptureRefusal.UnsafePytorch, CaptureRefusal.DiskFloor];

    private readonly EndpointWay endpointWay = new(endpoint.Desk, time);
    private readonly KinetoLateTraces late = new(procfs, time, logger);
    private readonly DynologWay dynologWay = new(new DynologClient(settings.DynologPort, time), procfs);

    /// <inheritdoc/>
    public string Name => ProfilerNames.Kineto;

    /// <inheritdoc/>
    public bool NeedsPerformanceCounters => false;

    /// <inheritdoc/>
    public TimeSpan Slack => settings.WriteTimeout + StartPatience;

    /// <inheritdoc/>
    public async Task<ProfilerAbility> AbilityFor(CaptureScope? scope, CancellationToken cancellationToken)
    {
        var (ability, targets) = await ChooseAsync(scope, null, cancellationToken);
        foreach (var target in targets) target.Dispose();
        return ability;
    }

    /// <inheritdoc/>
    public Task<ProfilerOutcome> ExportAsync(ProfilerTask task, ProfilerOutcome recorded, CancellationToken cancellationToken)
    {
        var files = new List<ProfilerFile>();
        ProfilerSummary? summary = null;
        var found = recorded.Raw.Select(raw => (Raw: raw, Path: RecordedFile.Find(task, raw))).ToArray();
        var count = found.Count(static one => one.Path is not null);
        // The largest trace is that of the process that did most; the others can be read from the bundle.
        foreach (var (raw, _) in found.Where(static one => one.Path is not null).OrderByDescending(static one => new FileInfo(one.Path!).Length))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var kept = RecordedFile.Keep(task, raw);
            files.Add(new ProfilerFile(Path.GetFileName(kept), CaptureFileKinds.Trace, "application/gzip"));
            if (summary is null && Summarise(kept) is { } read)
                summary = SummarisedReport.Named(read with { Pids = KinetoTrace.PidOf(kept) is { } pid ? [pid] : [] }, Path.GetFileName(kept), ", the largest that can be read", count);
        }
        var run = recorded.Run.Succeeded && summary is null ? recorded.Run with { Words = recorded.Run.Words + "; no trace could be summarised" } : recorded.Run;
        if (files.Count < found.Length)
            run = run with { Succeeded = run.Succeeded && files.Count > 0, Words = $"{run.Words}; gone from the disk: {string.Join(", ", found.Where(static one => one.Path is null).Select(static one => Path.GetFileName(one.Raw)))}" };
        return Task.FromResult(recorded with { Run = run, Files = files, Raw = [], Summary = summary });
    }

    /// <inheritdoc/>
    public async Task CleanUpAsync(string captureId, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Run(() => KinetoLeftovers.Remove(procfs, captureId, cancellationToken), cancellationToken).WaitAsync(InspectionPatience, RealTime, cancellationToken);
        }
        catch (TimeoutException)
        {
            CleanUpHangs(captureId);
        }
    }

    /// <summary>What can be done, and the processes that it would be done to; the caller disposes of them.</summary>
    /// <param name="captureId">For the names of files; null to look only.</param>
    private async Task<(ProfilerAbility Ability, IReadOnlyList<KinetoTarget> Targets)> ChooseAsync(CaptureScope? scope, string? captureId, CancellationToken cancellationToken)
    {
        if (!settings.Enabled) return No(CaptureRefusal.ProfilerMissing, "the endpoint for PyTorch is switched off: set capture.kineto.enabled to true, but read docs/kineto.md first");
        IKinetoWay way;
        switch (endpoint.State)
        {
            case KinetoEndpointState.Listening: way = endpointWay; break;
            case KinetoEndpointState.Dynolog: way = dynologWay; break;
            default: return No(CaptureRefusal.ProfilerMissing, endpoint.Trouble is { Length: > 0 } trouble ? trouble : "the endpoint for PyTorch does not listen yet");
        }
        if (scope is null) return (new ProfilerAbility(true, null, way == dynologWay ? endpoint.Trouble : $"{endpoint.Desk.Processes.Known.Count} PyTorch processes ask for profiles"), []);
        if (scope.Processes.Count == 0) return No(CaptureRefusal.NoGpuProcess, "no process uses the GPUs");
        var clients = way.Clients(scope, out var words);
        if (clients.Count == 0) return No(CaptureRefusal.SessionNotReachable, words);

        var targets = new List<KinetoTarget>();
        var refused = new List<string>();
        var refusals = new List<CaptureRefusal?>();
        foreach (var client in clients.Take(MostProcesses))
        {
            var (target, why, refusal) = await InspectAsync(client, captureId, targets.Count, cancellationToken);
            if (target is not null) targets.Add(target);
            else
            {
                refused.Add($"process {client.Pid}: {why}");
                refusals.Add(refusal);
            }
        }
        if (targets.Count == 0) return No(Foremost.FirstOrDefault(refusals.Contains) ?? CaptureRefusal.SessionNotReachable, string.Join("; ", refused));
        var can = $"{targets.Count} PyTorch processes can be asked";
        return (new ProfilerAbility(true, null, refused.Count == 0 ? can : $"{can}; {string.Join("; ", refused)}", targets[0].Torch.Version), targets);
    }

    private async Task<(KinetoTarget? Target, string Why, CaptureRefusal? Refusal)> InspectAsync(KinetoClient client, string? captureId, int place, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(() => Inspect(client, captureId, place), cancellationToken).WaitAsync(InspectionPatience, RealTime, cancellationToken);
        }
        catch (TimeoutException)
        {
            return (null, $"its files could not be read within {InspectionPatience.TotalSeconds:0} s", CaptureRefusal.SessionNotReachable);
        }
    }

    private (KinetoTarget? Target, string Why, CaptureRefusal? Refusal) Inspect(KinetoClient client, string? captureId, int place)
    {
        if (JobProcess.Read(procfs, client.Pid) is not { } process || ProcessRoot.Open(procfs, client.Pid) is not { } root) return (null, "it has ended, or the agent may not look into it (CAP_SYS_PTRACE)", CaptureRefusal.SessionNotReachable);
        var torch = TorchInspector.Inspect(procfs, client.Pid, root);
        var why = torch.Safety switch
        {
            TorchSafety.TooOld => $"its PyTorch {torch.Version} is older than 2.10 and may abort",
            TorchSafety.Unknown when !settings.AllowUnknownVersion => torch.Version.Length > 0
                ? $"its PyTorch {torch.Version} may be older than the mending of 2.10; capture.kineto.allow_unknown_version asks it all the same"
                : "the version of its PyTorch cannot be found out; capture.kineto.allow_unknown_version asks it all the same",
            _ => null,
        };
        if (why is not null)
        {
            root.Dispose();
            return (null, why, CaptureRefusal.UnsafePytorch);
        }
        // Where the job names a folder, PyTorch writes nowhere else.
        var folder = process.Environment.TryGetValue(JobProcess.TraceFolder, out var named) && KinetoConfig.IsFolder(named) ? named.TrimEnd('/') : KinetoConfig.UsualFolder;
        // Nothing can be taken back once it is handed out, and a full /tmp ends more than the process that filled it.
        if (room.TooLittle(folder, root.FreeBytes(folder)) is { } full)
        {
            root.Dispose();
            return (null, full, CaptureRefusal.DiskFloor);
        }
        return (new KinetoTarget(client, torch, root, $"{folder}/{KinetoConfig.FileName(captureId ?? "none", place)}"), "", null);
    }

    private ProfilerSummary? Summarise(string path)
    {
        try
        {
            return summarise(path);
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException or System.Text.Json.JsonException)
        {
            NotSummarised(Path.GetFileName(path), fault.Message);
            return null;
        }
    }

    private static (ProfilerAbility, IReadOnlyList<KinetoTarget>) No(CaptureRefusal refusal, string words) => (new ProfilerAbility(false, refusal, words), []);

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture) + " s";

    [LoggerMessage(EventId = 2186, Level = LogLevel.Warning, Message = "The trace {File} of PyTorch's profiler could not be read: {Reason}")]
    private partial void NotSummarised(string file, string reason);

    [LoggerMessage(EventId = 2187, Level = LogLevel.Warning, Message = "Removing what capture {Capture} left in the file systems of jobs hangs; it is left to itself")]
    private partial void CleanUpHangs(string capture);
}
