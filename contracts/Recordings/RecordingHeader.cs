using System.Text.Json.Serialization;

namespace Monitoring.Contracts.Recordings;

/// <summary>Where and when a recording was made.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Cluster">Name of its cluster.</param>
/// <param name="BootId">What the kernel called that boot; empty where unknown.</param>
/// <param name="AgentVersion">Version of the agent that wrote it.</param>
/// <param name="Started">Wall clock at the start, in UTC.</param>
/// <param name="TimestampFrequency">Units of <see cref="RecordedStamp.Timestamp"/> in a second.</param>
public sealed record RecordingHeader(string Node, string Cluster, string BootId, string AgentVersion, DateTimeOffset Started, long TimestampFrequency)
{
    /// <summary>Version of the driver that was read; empty where there was none at the start.</summary>
    public string DriverVersion { get; init; } = "";

    /// <summary>Highest CUDA version of that driver; empty where there was none.</summary>
    public string CudaVersion { get; init; } = "";
}

/// <summary>A GPU of a recording; what is not known is empty.</summary>
public sealed record RecordedGpu(int Index, string Uuid, string Serial = "", string PciBusId = "", string Model = "");

/// <summary>Name of one value of a recorded frame.</summary>
/// <param name="Metric">Prometheus name of its metric.</param>
/// <param name="Labels">The metric's own labels.</param>
/// <param name="Tier">How often it is read: 0 fast, 1 medium, 2 slow.</param>
public sealed record RecordedSeries(string Metric, IReadOnlyList<KeyValuePair<string, string>> Labels, int Tier);

/// <summary>What stands in the frames of a GPU or of the node.</summary>
/// <param name="Gpu">The GPU; null for the node.</param>
/// <param name="Series">Names of the values, in their order.</param>
public sealed record RecordedLayout(RecordedGpu? Gpu, IReadOnlyList<RecordedSeries> Series);

/// <summary>When a recorded frame was taken.</summary>
/// <param name="Number">Counts the frames of its layout from 0 as the sampler did: a gap is a frame that was missed.</param>
/// <param name="UnixMicroseconds">Wall clock; may jump.</param>
/// <param name="Timestamp">In units of <see cref="RecordingHeader.TimestampFrequency"/>; never runs back.</param>
/// <param name="Tiers">The tiers that were read: 1 fast, 2 medium, 4 slow.</param>
public readonly record struct RecordedStamp(long Number, long UnixMicroseconds, long Timestamp, int Tiers);

/// <summary>What a recording holds, as its end mark says.</summary>
public sealed record RecordingCounts(long Frames, long Events);

/// <summary>The parts of a recording that are JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RecordingHeader))]
[JsonSerializable(typeof(RecordedLayout))]
[JsonSerializable(typeof(RecordingCounts))]
internal sealed partial class RecordingJson : JsonSerializerContext;
