using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>
/// Nsight Systems over the whole node for some seconds: GPU metrics, and the processors where asked for. No process of the workload is touched;
/// nsys can attach to none.
/// </summary>
internal sealed class NsysSystemProfiler(
    NsysInstallations installations, NsysTool tool, OrphanSweep orphans, NsysProcesses processes, RecordingTime recording, NsysExport export, NsysSettings settings) : IProfiler
{
    private const string ReportName = "nsys-system";
    private const int CapPerfmon = 38;
    private const int CapSysAdmin = 21;
    private static readonly TimeSpan HelpLimit = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public string Name => ProfilerNames.NsysSystem;

    /// <inheritdoc/>
    public bool NeedsPerformanceCounters => true;

    /// <inheritdoc/>
    public async Task<ProfilerAbility> AbilityFor(CaptureScope? scope, CancellationToken cancellationToken)
    {
        if (await installations.FindAsync(cancellationToken).ConfigureAwait(false) is not { } installation) return new ProfilerAbility(false, CaptureRefusal.ProfilerMissing, installations.Missing);
        return (await PlanAsync(installation, scope, cancellationToken).ConfigureAwait(false)).Ability;
    }

    /// <inheritdoc/>
    public async Task<ProfilerOutcome> RecordAsync(ProfilerTask task, CancellationToken cancellationToken)
    {
        if (await installations.FindAsync(cancellationToken).ConfigureAwait(false) is not { } installation) return Refused(CaptureRefusal.ProfilerMissing, installations.Missing, "");
        var (plan, ability) = await PlanAsync(installation, task.Scope, cancellationToken).ConfigureAwait(false);
        if (plan is null) return Refused(ability.Refusal ?? CaptureRefusal.ProfilerUnable, ability.Words, installation.Version);
        if (FreeSpace.TooLittle(settings.FreeSpaceFloorBytes, task.ScratchDirectory, task.BundleDirectory) is { } full) return Refused(CaptureRefusal.DiskFloor, full, installation.Version);

        var session = OrphanSweep.SessionName(task.CaptureId);
        var place = new NsysPlace(installation.Program, [], task.ScratchDirectory);
        var report = Path.Combine(task.ScratchDirectory, ReportName + NsysReport.Extension);
        await orphans.EndAsync(session).ConfigureAwait(false);
        try
        {
            await recording.WaitForStartAsync(task, cancellationToken).ConfigureAwait(false);
            var started = await new NsysSystemStart(tool, orphans).BeginAsync(place, session, [.. plan.Arguments(installation, settings, session, report)], cancellationToken).ConfigureAwait(false);
            if (NsysRefusals.Read(started.Text, installation.Version) is { } busy) return Refused(busy.Refusal ?? CaptureRefusal.PerfmonBusy, busy.Words, installation.Version);
            if (started.ExitCode != 0) return Failed($"nsys start: {Words(started)}", installation.Version, null);

            var from = recording.Now;
            var early = await recording.PassAsync(task, () => FreeSpace.At(task.ScratchDirectory), cancellationToken).ConfigureAwait(false);
            var to = recording.Now;
            var stopped = await tool.StopAsync(place, session, to - from).ConfigureAwait(false);
            if (NsysRefusals.Read(stopped.Text, installation.Version) is { } taken) return Refused(taken.Refusal ?? CaptureRefusal.PerfmonBusy, taken.Words, installation.Version);
            if (Fault(stopped, report) is { } fault) return Failed(fault, installation.Version, from);
            NsysReport.Close(report);
            var words = early.Length == 0 ? ability.Words : $"{ability.Words}; {early}";
            return new ProfilerOutcome(new ProfilerRun(Name, true, null, words, installation.Version, from, to), [], [report]);
        }
        catch (OperationCanceledException)
        {
            return Failed("taken back before it began", installation.Version, null);
        }
        finally
        {
            await orphans.EndAsync(session).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task<ProfilerOutcome> ExportAsync(ProfilerTask task, ProfilerOutcome recorded, CancellationToken cancellationToken) => export.RunAsync(task, recorded, cancellationToken);

    /// <inheritdoc/>
    public Task CleanUpAsync(string captureId, CancellationToken cancellationToken) => orphans.EndAsync(OrphanSweep.SessionName(captureId));

    private async Task<(NsysSystemPlan? Plan, ProfilerAbility Ability)> PlanAsync(NsysInstallation installation, CaptureScope? scope, CancellationToken cancellationToken)
    {
        var help = installation.Profile.GpuMetrics is not { } option ? ""
            : (await tool.Programs.RunAsync(new ProgramCall(installation.Program, ["profile", $"--{option}=help"], HelpLimit), cancellationToken).ConfigureAwait(false)).Text;
        return NsysSystemPlan.Of(installation, scope, help, CpuTrouble());
    }

    /// <summary>nsys only warns where it may not sample, ends with 0 and has recorded nothing.</summary>
    private string CpuTrouble() =>
        processes.Owner("self") is { UserId: 0 } || processes.HasCapability(CapPerfmon) || processes.HasCapability(CapSysAdmin) || processes.PerfEventParanoid is <= 0
            ? "" : "the processors can be sampled only by root, or with kernel.perf_event_paranoid=0";

    /// <summary>Why there is no report, one line; null where there is one.</summary>
    private static string? Fault(ProgramAnswer stopped, string report)
    {
        var generated = NsysOutput.Generated(stopped.Output);
        if (generated.Contains(report)) return NsysReport.Fault(report);
        // Where it cannot write to the place that it was given, it writes to another and ends with 0; that is nobody's to keep.
        foreach (var elsewhere in generated.Where(static path => path.EndsWith(NsysReport.Extension, StringComparison.Ordinal))) File.Delete(elsewhere);
        return $"nsys made no report: {Words(stopped)}";
    }

    private static string Words(ProgramAnswer answer) =>
        answer.Trouble.Length > 0 ? answer.Trouble : NsysOutput.Complaint(answer.Text) is { Length: > 0 } words ? words : $"it said nothing and ended with exit code {answer.ExitCode}";

    private ProfilerOutcome Refused(CaptureRefusal refusal, string words, string version) => new(new ProfilerRun(Name, false, refusal, words, version), [], []);

    private ProfilerOutcome Failed(string words, string version, DateTimeOffset? from) => new(new ProfilerRun(Name, false, null, words, version, from, from is null ? null : recording.Now), [], []);
}
