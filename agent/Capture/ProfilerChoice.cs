using Monitoring.Agent.Capture.Profilers;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture;

/// <summary>Which profilers a capture is taken with.</summary>
/// <param name="Chosen">Those that are begun, the counters first.</param>
/// <param name="NotBegun">The others that were looked at, and why not.</param>
/// <param name="Refused">Set where the capture is not taken at all.</param>
internal sealed record ProfilerChoice(IReadOnlyList<(IProfiler Profiler, string Version)> Chosen, IReadOnlyList<ProfilerRun> NotBegun, CaptureRefused? Refused)
{
    // Kernels and calls of the job first, since they explain most; both record CUDA through the one interface that a process has.
    private static readonly string[] Deep = [ProfilerNames.NsysSession, ProfilerNames.Kineto];
    private static readonly string[] Automatic = [.. Deep, ProfilerNames.NsysSystem];

    /// <summary>Asks the profilers what they can do and chooses. Never throws but for cancellation.</summary>
    internal static async Task<ProfilerChoice> MakeAsync(IReadOnlyList<IProfiler> profilers, CaptureRequest request, CaptureScope scope, CancellationToken cancellationToken)
    {
        List<(IProfiler, string)> chosen = [];
        List<ProfilerRun> not = [];
        string[] named = [.. request.Profilers.Where(static name => name != ProfilerNames.Counters).Distinct()];
        CaptureRefused? first = null;
        foreach (var name in named is [] ? Automatic : named)
        {
            if (named is [] && chosen.Count > 0)
                break; // one that explains is enough where nobody asked for more
            var (profiler, ability) = await AskAsync(profilers, name, scope, cancellationToken).ConfigureAwait(false);
            if (ability is { Can: true } && Conflict(chosen, profiler!) is { } other)
                ability = new ProfilerAbility(Can: false, CaptureRefusal.PerfmonBusy, $"cannot run beside {other}", ability.Version);
            if (ability.Can) chosen.Add((profiler!, ability.Version));
            else
            {
                not.Add(new ProfilerRun(name, Succeeded: false, ability.Refusal ?? CaptureRefusal.ProfilerMissing, ability.Words, ability.Version));
                first ??= new CaptureRefused(ability.Refusal ?? CaptureRefusal.ProfilerMissing, $"{name}: {ability.Words}");
            }
        }
        if (chosen.Count == 0 && named is not [] && !request.Profilers.Contains(ProfilerNames.Counters)) return new ProfilerChoice([], not, first);

        var (counters, can) = await AskAsync(profilers, ProfilerNames.Counters, scope, cancellationToken).ConfigureAwait(false);
        if (can.Can) chosen.Insert(0, (counters!, can.Version));
        else not.Add(new ProfilerRun(ProfilerNames.Counters, Succeeded: false, can.Refusal, can.Words));
        return new ProfilerChoice(chosen, not, chosen.Count > 0 ? null : first ?? new CaptureRefused(can.Refusal ?? CaptureRefusal.ProfilerMissing, can.Words));
    }

    private static async Task<(IProfiler?, ProfilerAbility)> AskAsync(IReadOnlyList<IProfiler> profilers, string name, CaptureScope scope, CancellationToken cancellationToken)
    {
        if (profilers.FirstOrDefault(profiler => profiler.Name == name) is not { } found) return (null, new ProfilerAbility(Can: false, CaptureRefusal.ProfilerMissing, $"{name} is not part of this agent"));
        try
        {
            return (found, await found.AbilityFor(scope, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            return (found, new ProfilerAbility(Can: false, CaptureRefusal.ProfilerMissing, $"looking for it ended in a fault: {fault.Message}"));
        }
    }

    /// <summary>Who among those chosen stands in the way; null for none.</summary>
    private static string? Conflict(List<(IProfiler Profiler, string Version)> chosen, IProfiler next) =>
        chosen.Select(static one => one.Profiler).FirstOrDefault(other => (other.NeedsPerformanceCounters && next.NeedsPerformanceCounters) || (Deep.Contains(other.Name) && Deep.Contains(next.Name)))?.Name;
}
