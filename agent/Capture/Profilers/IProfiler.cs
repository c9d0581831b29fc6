using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Profilers;

/// <summary>
/// A way to record what a GPU and its processes do. One capture at a time is recorded on a node; the service calls
/// <see cref="AbilityFor"/>, then <see cref="RecordAsync"/> and, with the workload left alone again, <see cref="ExportAsync"/>.
/// </summary>
internal interface IProfiler
{
    /// <summary>One of <see cref="ProfilerNames"/>.</summary>
    string Name { get; }

    /// <summary>True where it needs the GPU's performance counters, which one user at a time may have.</summary>
    bool NeedsPerformanceCounters { get; }

    /// <summary>How long it may take beyond the duration to get ready and to come to its end; starting and stopping Nsight Systems takes seconds, more on a busy node.</summary>
    TimeSpan Slack => TimeSpan.FromSeconds(60);

    /// <summary>What it can do here, and why not; asked before each capture and by <c>gpu-agent doctor</c>.</summary>
    /// <param name="scope">What is to be captured; null for the node as such.</param>
    Task<ProfilerAbility> AbilityFor(CaptureScope? scope, CancellationToken cancellationToken);

    /// <summary>
    /// Records until the duration is over or <paramref name="cancellationToken"/> asks for an early end. Never throws but for faults of
    /// the agent: what goes wrong is an outcome. Whatever it started has ended when it returns, and no process of the workload was ended.
    /// </summary>
    Task<ProfilerOutcome> RecordAsync(ProfilerTask task, CancellationToken cancellationToken);

    /// <summary>
    /// Makes of what was recorded the files of the bundle and a summary; adds the files to the bundle's directory. It may be called again with
    /// the same <paramref name="recorded"/> after the agent ended at any step of it, and then gives the same.
    /// </summary>
    Task<ProfilerOutcome> ExportAsync(ProfilerTask task, ProfilerOutcome recorded, CancellationToken cancellationToken);

    /// <summary>Ends and removes what an earlier life of the agent left behind of a capture: processes, sessions, temporary files.</summary>
    Task CleanUpAsync(string captureId, CancellationToken cancellationToken);
}

/// <summary>What is captured: GPUs and the processes that use them.</summary>
internal sealed record CaptureScope(IReadOnlyList<CapturedGpu> Gpus, IReadOnlyList<ScopeProcess> Processes, bool CpuSampling);

/// <summary>A process that uses one of the GPUs.</summary>
/// <param name="Pid">Its number in the agent's process namespace.</param>
internal sealed record ScopeProcess(long Pid, string Name, IReadOnlyList<int> Gpus);

/// <summary>What a profiler can do.</summary>
/// <param name="Can">True where it can.</param>
/// <param name="Refusal">Why it cannot; null where it can.</param>
/// <param name="Words">What it can do, or why not and what to do about that, one line.</param>
/// <param name="Version">Its own version; empty where it has none or is not there.</param>
internal sealed record ProfilerAbility(bool Can, CaptureRefusal? Refusal, string Words, string Version = "");

/// <summary>One recording of one profiler.</summary>
/// <param name="CaptureId">The capture.</param>
/// <param name="BundleDirectory">Where the files of the bundle go; exists, for the agent alone.</param>
/// <param name="ScratchDirectory">For files that are not of the bundle; exists, is removed after the capture.</param>
/// <param name="Duration">How long to record.</param>
/// <param name="StartAt">When to begin, by the wall clock; null for at once.</param>
/// <param name="Progress">Told that recording has begun, and how far it is: 0 to 1.</param>
internal sealed record ProfilerTask(
    string CaptureId, string BundleDirectory, string ScratchDirectory, CaptureScope Scope, TimeSpan Duration, DateTimeOffset? StartAt, IProgress<double> Progress);

/// <summary>What a profiler did.</summary>
/// <param name="Run">For the manifest.</param>
/// <param name="Files">Files that it put into the bundle's directory: name, kind (<see cref="CaptureFileKinds"/>) and media type.</param>
/// <param name="Raw">What it recorded, outside the bundle, for <see cref="IProfiler.ExportAsync"/>; paths in its scratch directory.</param>
/// <param name="Summary">What it makes of it; null before exporting and where nothing could be read.</param>
internal sealed record ProfilerOutcome(ProfilerRun Run, IReadOnlyList<ProfilerFile> Files, IReadOnlyList<string> Raw, ProfilerSummary? Summary = null);

/// <summary>A file that a profiler put into the bundle.</summary>
internal sealed record ProfilerFile(string Name, string Kind, string MediaType);
