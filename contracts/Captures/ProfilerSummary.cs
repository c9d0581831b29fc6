namespace Monitoring.Contracts.Captures;

/// <summary>
/// What one profiler's report says, in fields that can be searched; made on the node. What was not recorded is null or empty, never 0.
/// Tables hold at most <see cref="RowsAtMost"/> rows and say what the rest sums up to.
/// </summary>
/// <param name="Profiler">One of <see cref="ProfilerNames"/>.</param>
public sealed record ProfilerSummary(string Profiler)
{
    /// <summary>Rows of a table; what a person reads, and what keeps a summary some tens of kilobytes.</summary>
    public const int RowsAtMost = 20;

    /// <summary>Characters of a name; demangled templates reach tens of thousands.</summary>
    public const int NameLengthAtMost = 512;

    /// <summary>Version of the summary's form: 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>What wrote the report, such as <c>NVIDIA Nsight Systems 2023.4.4.54</c>; empty where it does not say.</summary>
    public string Tool { get; init => field = value ?? ""; } = "";

    /// <summary>What was recorded when.</summary>
    public SummaryWindow Window { get; init => field = value ?? new SummaryWindow(0); } = new(0);

    /// <summary>What was to be recorded, in the profiler's words as snake_case: <c>cuda</c>, <c>nvtx_events</c>; what a trace holds, for PyTorch.</summary>
    public IReadOnlyList<string> Recorded { get; init => field = value ?? []; } = [];

    /// <summary>
    /// The file of the bundle that this is the summary of; null where there is none. Where the profiler wrote several, one for each process,
    /// the others were not summarised, and <see cref="Notes"/> say how many there are.
    /// </summary>
    public string? Report { get; init; }

    /// <summary>Processes whose work of a GPU was traced, by the numbers that the profiler saw: in a container, the container's own.</summary>
    public IReadOnlyList<long> Pids { get; init => field = value ?? []; } = [];

    /// <summary>True where the report was cut off or damaged: what is here was read, more was there.</summary>
    public bool IsIncomplete { get; init; }

    /// <summary>What is missing and why, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init => field = value ?? []; } = [];

    /// <summary>What stands out, the weightiest first.</summary>
    public IReadOnlyList<TriageFinding> Triage { get; init => field = value ?? []; } = [];

    /// <summary>How busy each GPU was; empty where no work of a GPU was traced.</summary>
    public IReadOnlyList<GpuActivity> Gpus { get; init => field = value ?? []; } = [];

    /// <summary>Kernels, by full name; shares are of the summed time of all kernels.</summary>
    public SummaryTable? Kernels { get; init; }

    /// <summary>Kernels of NCCL, by collective; null where there was none.</summary>
    public NcclSummary? Nccl { get; init; }

    /// <summary>Copies and fills of memory, by kind.</summary>
    public CopyTable? Copies { get; init; }

    /// <summary>Calls of the CUDA runtime and driver, by name.</summary>
    public SummaryTable? ApiCalls { get; init; }

    /// <summary>Named ranges of the program: NVTX, or PyTorch's annotations. Ranges may lie in each other.</summary>
    public SummaryTable? Ranges { get; init; }

    /// <summary>PyTorch's operators, with the time of those that they call.</summary>
    public SummaryTable? Operators { get; init; }

    /// <summary>Calls of the operating system's libraries that took long enough to be traced.</summary>
    public SummaryTable? SystemCalls { get; init; }

    /// <summary>Steps of the training loop, where the program marks them.</summary>
    public StepSummary? Steps { get; init; }

    /// <summary>Sampled metrics of the GPUs.</summary>
    public IReadOnlyList<GpuMetric> Metrics { get; init => field = value ?? []; } = [];

    /// <summary>Where the processors were found at work, by thread.</summary>
    public CpuSampleTable? CpuSamples { get; init; }

    /// <summary>Means of the agent's own metrics around the moment.</summary>
    public IReadOnlyList<CounterMeans> Counters { get; init => field = value ?? []; } = [];

    /// <summary>Warnings and errors of the profiler.</summary>
    public IReadOnlyList<ProfilerDiagnostic> Diagnostics { get; init => field = value ?? []; } = [];
}

/// <summary>What was recorded when.</summary>
/// <param name="Seconds">How long; 0 where that is not known.</param>
/// <param name="From">When it began, by the node's clock; null where the report does not say.</param>
public sealed record SummaryWindow(double Seconds, DateTimeOffset? From = null)
{
    /// <summary>When it ended; null where the report does not say when it began.</summary>
    public DateTimeOffset? To => From?.AddSeconds(Seconds);
}
