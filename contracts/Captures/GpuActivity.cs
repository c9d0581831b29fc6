namespace Monitoring.Contracts.Captures;

/// <summary>How busy a GPU was: the union of its kernels, copies and fills over the window.</summary>
/// <param name="Device">The GPU by CUDA's count in the process, which is the process's own where it sees only some; the node's is <see cref="Gpu"/>.</param>
/// <param name="Name">The model; empty where the report does not say.</param>
/// <param name="BusyRatio">Part of the window in which anything ran, 0 to 1; null where the window is not known.</param>
/// <param name="BusySeconds">How long anything ran.</param>
/// <param name="KernelSeconds">Summed time of kernels; above <paramref name="BusySeconds"/> where they ran side by side.</param>
/// <param name="CopySeconds">Summed time of copies and fills.</param>
/// <param name="Kernels">Kernels that ran.</param>
/// <param name="IdleBeforeSeconds">From the begin of the window to the first work.</param>
/// <param name="IdleAfterSeconds">From the last work to the end of the window.</param>
/// <param name="Gaps">Idle time between works.</param>
public sealed record GpuActivity(
    int Device, string Name, double? BusyRatio, double BusySeconds, double KernelSeconds, double CopySeconds, long Kernels, double IdleBeforeSeconds, double IdleAfterSeconds, GpuGaps Gaps)
{
    /// <summary>Index of the GPU on the node; null where it is none of the captured ones, or cannot be told.</summary>
    public int? Gpu { get; init; }

    /// <summary>Its UUID; empty where the report does not say.</summary>
    public string Uuid { get; init => field = value ?? ""; } = "";

    /// <summary>Its place on the PCI bus; empty where the report does not say.</summary>
    public string PciBusId { get; init => field = value ?? ""; } = "";
}

/// <summary>Idle time of a GPU between its first and its last work.</summary>
/// <param name="Count">How many gaps.</param>
/// <param name="TotalSeconds">How long together.</param>
/// <param name="LongestSeconds">How long the longest was; 0 where there is none.</param>
/// <param name="LongestAtSeconds">When the longest began, from the begin of the window; null where there is none.</param>
/// <param name="LongestAt">The same by the node's clock; null where that is not known.</param>
/// <param name="Lengths">Gaps by length.</param>
/// <param name="ResolutionSeconds">Gaps up to this were counted before every event was read, and may hold work that came out of order; 0 where none was.</param>
public sealed record GpuGaps(
    long Count, double TotalSeconds, double LongestSeconds, double? LongestAtSeconds, DateTimeOffset? LongestAt, IReadOnlyList<GapLength> Lengths, double ResolutionSeconds = 0)
{
    public IReadOnlyList<GapLength> Lengths { get; init => field = value ?? []; } = Lengths ?? [];
}

/// <summary>Gaps of like length.</summary>
/// <param name="BelowSeconds">Each is shorter than this, and not shorter than that of the row before; null for no limit.</param>
public sealed record GapLength(double? BelowSeconds, long Count, double TotalSeconds);
