using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>
/// Nsight Systems in the sessions of jobs that were started under <c>gpu-run</c>: kernels, CUDA calls, NVTX ranges. Recording begins and ends
/// as often as wanted, and the job never notices.
/// </summary>
internal sealed class NsysSessionProfiler(
    NsysInstallations installations, NsysTool tool, OrphanSweep orphans, NsysJobSessions sessions, RecordingTime recording, NsysExport export, NsysSettings settings,
    CopyRoom room) : IProfiler
{
    private static readonly TimeSpan HelpLimit = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public string Name => ProfilerNames.NsysSession;

    /// <inheritdoc/>
    public bool NeedsPerformanceCounters => false;

    /// <inheritdoc/>
    public async Task<ProfilerAbility> AbilityFor(CaptureScope? scope, CancellationToken cancellationToken)
    {
        if (await installations.FindAsync(cancellationToken).ConfigureAwait(false) is not { } installation) return new ProfilerAbility(false, CaptureRefusal.ProfilerMissing, installations.Missing);
        if (scope is null) return new ProfilerAbility(true, null, "jobs that were started under gpu-run", installation.Version);
        return (await FindAsync(scope, installation.Version, cancellationToken).ConfigureAwait(false)).Ability;
    }

    /// <inheritdoc/>
    public async Task<ProfilerOutcome> RecordAsync(ProfilerTask task, CancellationToken cancellationToken)
    {
        if (await installations.FindAsync(cancellationToken).ConfigureAwait(false) is not { } installation) return Outcome(CaptureRefusal.ProfilerMissing, installations.Missing, "");
        if (FreeSpace.TooLittle(settings.FreeSpaceFloorBytes, task.ScratchDirectory, task.BundleDirectory) is { } full) return Outcome(CaptureRefusal.DiskFloor, full, installation.Version);
        var (found, ability) = await FindAsync(task.Scope, installation.Version, cancellationToken).ConfigureAwait(false);
        if (!ability.Can) return Outcome(ability.Refusal, ability.Words, installation.Version);

        NsysSessionRecording[] recordings = [.. found.Select(session => new NsysSessionRecording(tool, orphans, settings, session, task.CaptureId))];
        var begun = Array.Empty<NsysSessionRecording>();
        try
        {
            await recording.WaitForStartAsync(task, cancellationToken).ConfigureAwait(false);
            await Task.WhenAll(recordings.Select(async one => await one.StartAsync(await OptionsAsync(one.Session.Place, installation, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false))).ConfigureAwait(false);
            begun = [.. recordings.Where(static one => one.Trouble is null)];
            if (begun is []) return Outcome(recordings.Any(static one => one.IsDiskFull) ? CaptureRefusal.DiskFloor : CaptureRefusal.SessionNotReachable, Words(recordings.Select(static one => one.Trouble!)), installation.Version);

            var from = recording.Now;
            var free = new NsysSessionSpace([.. begun.Select(static one => (Func<CancellationToken, Task<long?>>)one.FreeAsync)]);
            var early = await recording.PassAsync(task, free.Latest, cancellationToken).ConfigureAwait(false);
            var to = recording.Now;
            var stopped = await Task.WhenAll(begun.Select(one => one.StopAsync(to - from))).ConfigureAwait(false);
            var (raw, troubles) = (new List<string>(), recordings.Select(static one => one.Trouble).OfType<string>().ToList());
            var takenBytes = 0L;
            for (var index = 0; index < begun.Length; index++)
            {
                var path = Path.Combine(task.ScratchDirectory, ReportName(index, begun.Length));
                if (await begun[index].FetchAsync(stopped[index], path, room.In(task.ScratchDirectory, takenBytes)).ConfigureAwait(false) is { } trouble)
                {
                    troubles.Add(trouble);
                    continue;
                }
                takenBytes += new FileInfo(path).Length;
                raw.Add(path);
            }
            if (early.Length > 0) troubles.Add(early);
            var words = $"{raw.Count} of {recordings.Length} sessions{(troubles is [] ? "" : ": " + Words(troubles))}";
            return new ProfilerOutcome(new ProfilerRun(Name, raw is not [], null, words, installation.Version, from, to), [], raw);
        }
        catch (OperationCanceledException)
        {
            foreach (var one in recordings.Where(static one => one.Trouble is null)) await one.StopAsync(TimeSpan.Zero).ConfigureAwait(false);
            return Outcome(null, "taken back before it began", installation.Version);
        }
        finally
        {
            foreach (var one in recordings) await one.RemoveAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task<ProfilerOutcome> ExportAsync(ProfilerTask task, ProfilerOutcome recorded, CancellationToken cancellationToken) => export.RunAsync(task, recorded, cancellationToken);

    /// <inheritdoc/>
    public async Task CleanUpAsync(string captureId, CancellationToken cancellationToken)
    {
        foreach (var session in await sessions.AllAsync(cancellationToken).ConfigureAwait(false)) await new NsysSessionRecording(tool, orphans, settings, session, captureId).ResumeAndEndAsync().ConfigureAwait(false);
    }

    private async Task<(IReadOnlyList<NsysJobSession> Sessions, ProfilerAbility Ability)> FindAsync(CaptureScope scope, string version, CancellationToken cancellationToken)
    {
        if (scope.Processes is []) return ([], new ProfilerAbility(false, CaptureRefusal.NoGpuProcess, "no process uses the GPU", version));
        var (reached, troubles) = await sessions.OfAsync(scope.Processes, cancellationToken).ConfigureAwait(false);
        var ready = reached.Where(static session => session.Session.State == NsysSession.Launched).ToArray();
        if (ready is not []) return (ready, new ProfilerAbility(true, null, $"{ready.Length} sessions of gpu-run", version));
        var words = reached is [var busy, ..] ? $"session {busy.Name} is in state {busy.Session.State}: somebody else records it"
            : troubles is not [] ? Words(troubles)
            : $"none of the {scope.Processes.Count} processes of the GPU was started under gpu-run, or their environment may not be read (run the agent as root)";
        return ([], new ProfilerAbility(false, CaptureRefusal.SessionNotReachable, words, version));
    }

    /// <summary>The job's nsys may be of another version than the node's.</summary>
    private async Task<NsysOptions> OptionsAsync(NsysPlace place, NsysInstallation installation, CancellationToken cancellationToken) =>
        place.Program == installation.Program && place.Prefix is [] ? installation.Start
            : NsysOptions.Read((await tool.Programs.RunAsync(place.Nsys(HelpLimit, "start", "--help"), cancellationToken).ConfigureAwait(false)).Text);

    private static string ReportName(int index, int count) => $"nsys-session{(count == 1 ? "" : $"-{index}")}{NsysReport.Extension}";

    private static string Words(IEnumerable<string> troubles) => string.Join("; ", troubles.Distinct().Take(3));

    private ProfilerOutcome Outcome(CaptureRefusal? refusal, string words, string version) => new(new ProfilerRun(Name, false, refusal, words, version), [], []);
}
