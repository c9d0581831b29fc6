using Monitoring.Agent.Capture.Profilers;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Capture;

/// <summary>What was recorded, before it is exported; kept on disk, so that a restart goes on from here.</summary>
internal sealed record RecordedCapture
{
    public required CaptureScope Scope { get; init; }

    /// <summary>The processes for the manifest, secrets taken out.</summary>
    public required IReadOnlyList<CapturedProcess> Processes { get; init; }

    public JobReference? Job { get; init; }

    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }

    /// <summary>What each profiler did.</summary>
    public required IReadOnlyList<ProfilerOutcome> Outcomes { get; init; }

    /// <summary>The profilers that were not begun, and why.</summary>
    public required IReadOnlyList<ProfilerRun> NotBegun { get; init; }

    /// <summary>Why it was ended early; null where it was not.</summary>
    public EarlyEnd? Early { get; init; }

    /// <summary>What else is to be said, such as that DCGM was paused; empty for nothing.</summary>
    public string Notes { get; init; } = "";
}

/// <summary>Why a recording was ended before its time.</summary>
/// <param name="Reason">Which limit.</param>
/// <param name="Words">With the numbers.</param>
internal sealed record EarlyEnd(EarlyEndReason Reason, string Words);

/// <summary>What can end a recording early.</summary>
internal enum EarlyEndReason
{
    /// <summary>It cost the workload too much.</summary>
    Cost,

    /// <summary>The disk ran short.</summary>
    Disk,

    /// <summary>Its files became too large; what there is counts.</summary>
    Size,

    /// <summary>The agent is about to end; what there is counts.</summary>
    Stopping,

    /// <summary>Somebody took it back.</summary>
    Cancelled,

    /// <summary>The profilers took far longer than they were to.</summary>
    Overdue,
}
