using Monitoring.Contracts.Events;

namespace Monitoring.Contracts.Captures;

/// <summary>
/// The first thing to read of a bundle, and the last to be written: who asked and why, what was recorded when and by what, and every
/// file with its hash. A bundle without a manifest is no bundle.
/// </summary>
public sealed record CaptureManifest
{
    /// <summary>Name of the manifest's file in a bundle.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Name of the summary's file in a bundle.</summary>
    public const string SummaryFileName = "summary.json";

    /// <summary>Version of the bundle's form: 1.</summary>
    public int Version { get; init; } = 1;

    public required CaptureRequest Request { get; init; }

    public required string Node { get; init; }

    public string Cluster { get; init => field = value ?? ""; } = "";

    public string BootId { get; init => field = value ?? ""; } = "";

    public string AgentVersion { get; init => field = value ?? ""; } = "";

    public string DriverVersion { get; init => field = value ?? ""; } = "";

    public string KernelVersion { get; init => field = value ?? ""; } = "";

    public IReadOnlyList<CapturedGpu> Gpus { get; init => field = value ?? []; } = [];

    /// <summary>The processes that used the GPUs, with secrets in their command lines and environments taken out.</summary>
    public IReadOnlyList<CapturedProcess> Processes { get; init => field = value ?? []; } = [];

    /// <summary>The job of the processes, where known.</summary>
    public JobReference? Job { get; init; }

    /// <summary>Done, failed or aborted.</summary>
    public required CaptureStage Result { get; init; }

    /// <summary>What is to be said of the result, one line.</summary>
    public string Words { get; init => field = value ?? ""; } = "";

    public IReadOnlyList<ProfilerRun> Runs { get; init => field = value ?? []; } = [];

    /// <summary>What the capture cost the workload; null where no GPU worked.</summary>
    public CaptureCost? Cost { get; init; }

    /// <summary>Every other file of the bundle.</summary>
    public IReadOnlyList<CaptureFile> Files { get; init => field = value ?? []; } = [];

    /// <summary>When recording began and ended, by the node's clock.</summary>
    public DateTimeOffset? RecordedFrom { get; init; }

    public DateTimeOffset? RecordedTo { get; init; }

    public required DateTimeOffset FinishedAt { get; init; }
}

/// <summary>A file of a bundle.</summary>
/// <param name="Name">Its name, without a folder.</param>
/// <param name="Kind">What it is: one of <see cref="CaptureFileKinds"/>.</param>
/// <param name="MediaType">Such as application/json.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="Sha256">Its SHA-256, lower-case hexadecimal.</param>
public sealed record CaptureFile(string Name, string Kind, string MediaType, long SizeBytes, string Sha256);

/// <summary>What the files of a bundle are.</summary>
public static class CaptureFileKinds
{
    public const string Manifest = "manifest";
    public const string Summary = "summary";
    public const string Counters = "counters";
    public const string KernelLog = "kernel_log";
    public const string Report = "report";
    public const string Trace = "trace";
    public const string Log = "log";
}

/// <summary>A GPU that was captured.</summary>
public sealed record CapturedGpu(int Index, string Uuid, string Model = "", string Serial = "", string PciBusId = "", string Architecture = "", string Vbios = "");

/// <summary>A process that used a captured GPU.</summary>
/// <param name="CommandLine">Its arguments with secrets replaced.</param>
/// <param name="Environment">Of its environment what tells of the job, with secrets replaced.</param>
public sealed record CapturedProcess(long Pid, string Name = "", string User = "", IReadOnlyList<int>? Gpus = null, IReadOnlyList<string>? CommandLine = null, IReadOnlyDictionary<string, string>? Environment = null);

/// <summary>What became of one profiler in a capture.</summary>
/// <param name="Profiler">One of <see cref="ProfilerNames"/>.</param>
/// <param name="Succeeded">True where its report is whole and readable.</param>
/// <param name="Refusal">Why it was not begun; null where it was.</param>
/// <param name="Words">What is to be said, one line.</param>
/// <param name="Version">The profiler's own version; empty where it has none.</param>
public sealed record ProfilerRun(string Profiler, bool Succeeded, CaptureRefusal? Refusal = null, string Words = "", string Version = "", DateTimeOffset? From = null, DateTimeOffset? To = null);

/// <summary>What a capture cost the workload: means over its GPUs before, during and after.</summary>
/// <param name="Values">A row per measure.</param>
/// <param name="WorstDropRatio">The largest fall from before to during, 0 to 1; null where nothing could be compared.</param>
/// <param name="Aborted">True where it was ended early for it.</param>
public sealed record CaptureCost(IReadOnlyList<CostValue> Values, double? WorstDropRatio = null, bool Aborted = false);

/// <summary>One measure of the workload, in the metric's base unit; null where it was not measured.</summary>
public sealed record CostValue(string Metric, double? Before, double? During, double? After);
