namespace Monitoring.Contracts.Captures;

/// <summary>Things that took time, those with the most of it first.</summary>
/// <param name="Count">How often, all names together.</param>
/// <param name="TotalSeconds">How long, all names together; what overlaps counts twice.</param>
/// <param name="Names">Different names; a lower bound where there were too many to tell apart.</param>
/// <param name="Rows">The names with the most time.</param>
/// <param name="OtherCount">How often, the names without a row.</param>
/// <param name="OtherSeconds">How long, the names without a row.</param>
public sealed record SummaryTable(long Count, double TotalSeconds, int Names, IReadOnlyList<SummaryRow> Rows, long OtherCount = 0, double OtherSeconds = 0)
{
    public IReadOnlyList<SummaryRow> Rows { get; init => field = value ?? []; } = Rows ?? [];
}

/// <summary>One name of a table.</summary>
/// <param name="Name">The short name: of a kernel without types and parameters.</param>
/// <param name="ShareRatio">Its part of the table's time, 0 to 1.</param>
/// <param name="FullName">The name with everything, cut at <see cref="ProfilerSummary.NameLengthAtMost"/> characters; empty where it is the short one.</param>
public sealed record SummaryRow(string Name, long Count, double TotalSeconds, double MeanSeconds, double MinSeconds, double MaxSeconds, double ShareRatio, string FullName = "");

/// <summary>Copies and fills of memory.</summary>
public sealed record CopyTable(long Count, double TotalSeconds, long Bytes, IReadOnlyList<CopyRow> Rows)
{
    public IReadOnlyList<CopyRow> Rows { get; init => field = value ?? []; } = Rows ?? [];
}

/// <summary>One kind of copies.</summary>
/// <param name="Kind">One of <see cref="CopyKinds"/>.</param>
/// <param name="BytesPerSecond">Bytes by the time that the copies took; null where they took none.</param>
/// <param name="ShareRatio">Its part of the time of all copies, 0 to 1.</param>
public sealed record CopyRow(string Kind, long Count, double TotalSeconds, long Bytes, double? BytesPerSecond, double ShareRatio);

/// <summary>Where copies go; the names never change.</summary>
public static class CopyKinds
{
    public const string Unknown = "unknown";
    public const string HostToDevice = "host_to_device";
    public const string DeviceToHost = "device_to_host";
    public const string DeviceToDevice = "device_to_device";
    public const string HostToHost = "host_to_host";
    public const string PeerToPeer = "peer_to_peer";
    public const string Array = "array";
    public const string ManagedHostToDevice = "managed_host_to_device";
    public const string ManagedDeviceToHost = "managed_device_to_host";
    public const string ManagedDeviceToDevice = "managed_device_to_device";

    /// <summary>A fill, which copies nothing.</summary>
    public const string Fill = "fill";
}

/// <summary>Kernels of NCCL. They wait for their peers inside, so their time is not work.</summary>
/// <param name="KernelShareRatio">Their part of the summed time of all kernels, 0 to 1.</param>
/// <param name="ExposedSeconds">Time in which a GPU ran them and nothing else, summed over GPUs.</param>
/// <param name="ExposedRatio">The same as a part of the window, mean over GPUs; null where the window is not known.</param>
/// <param name="Collectives">By collective: all_reduce, all_gather and so on; shares are of NCCL's time.</param>
public sealed record NcclSummary(long Count, double TotalSeconds, double KernelShareRatio, double ExposedSeconds, double? ExposedRatio, IReadOnlyList<SummaryRow> Collectives)
{
    public IReadOnlyList<SummaryRow> Collectives { get; init => field = value ?? []; } = Collectives ?? [];
}

/// <summary>Steps of the training loop.</summary>
/// <param name="LongestName">The name of the longest.</param>
public sealed record StepSummary(long Count, double MeanSeconds, double MedianSeconds, double MinSeconds, double MaxSeconds, string LongestName = "");

/// <summary>A sampled metric of a GPU.</summary>
/// <param name="Device">The GPU by the profiler's count; null where it does not say. The node's is <see cref="Gpu"/>.</param>
/// <param name="Name">As the profiler calls it, without the unit.</param>
/// <param name="Unit">As the profiler calls it, such as <c>Throughput %</c>; empty where it has none.</param>
public sealed record GpuMetric(int? Device, string Name, string Unit, long Count, double Mean, double Min, double Max, double P95)
{
    /// <summary>Index of the GPU on the node; null where it is none of the captured ones, or cannot be told.</summary>
    public int? Gpu { get; init; }
}

/// <summary>Samples of the processors.</summary>
public sealed record CpuSampleTable(long Samples, IReadOnlyList<CpuSampleRow> Rows)
{
    public IReadOnlyList<CpuSampleRow> Rows { get; init => field = value ?? []; } = Rows ?? [];
}

/// <summary>Samples of one thread.</summary>
public sealed record CpuSampleRow(string Process, long Pid, string Thread, long Tid, long Samples, double ShareRatio);

/// <summary>Means of one metric of the agent, in its base unit; null where it was not measured.</summary>
/// <param name="Gpu">Index of the GPU; null for the node.</param>
/// <param name="Metric">The series as Prometheus writes it, without the labels of node and GPU.</param>
/// <param name="Peers">Mean over the other GPUs of the node during the recording.</param>
public sealed record CounterMeans(int? Gpu, string Metric, double? Before, double? During, double? After, double? Peers = null);

/// <summary>What the profiler complained of.</summary>
/// <param name="Severity">warning or error.</param>
public sealed record ProfilerDiagnostic(string Severity, string Text);
