using System.Text.Json.Serialization;

namespace Monitoring.Contracts.Captures;

/// <summary>Where a capture stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CaptureStage>))]
public enum CaptureStage
{
    /// <summary>The collector knows of it, the node does not yet.</summary>
    [JsonStringEnumMemberName("requested")] Requested,
    [JsonStringEnumMemberName("queued")] Queued,

    /// <summary>Everything is ready; it waits for its start time.</summary>
    [JsonStringEnumMemberName("armed")] Armed,
    [JsonStringEnumMemberName("recording")] Recording,

    /// <summary>Reports are converted and summarised.</summary>
    [JsonStringEnumMemberName("exporting")] Exporting,
    [JsonStringEnumMemberName("uploading")] Uploading,

    /// <summary>The bundle is whole, at the collector where there is one.</summary>
    [JsonStringEnumMemberName("done")] Done,

    /// <summary>It was not begun; <see cref="CaptureProgress.Refusal"/> says why.</summary>
    [JsonStringEnumMemberName("refused")] Refused,

    /// <summary>It was begun and nothing came of it.</summary>
    [JsonStringEnumMemberName("failed")] Failed,

    /// <summary>It was ended early since it cost the workload too much.</summary>
    [JsonStringEnumMemberName("aborted")] Aborted,

    /// <summary>A person took it back.</summary>
    [JsonStringEnumMemberName("cancelled")] Cancelled,
}

/// <summary>Why no capture is taken; values of the label <c>reason</c>, never renamed.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CaptureRefusal>))]
public enum CaptureRefusal
{
    /// <summary>The rule took one of this GPU a moment ago.</summary>
    [JsonStringEnumMemberName("cooldown")] Cooldown,

    /// <summary>The cluster takes as many as it may already, or the node does in an hour.</summary>
    [JsonStringEnumMemberName("budget")] Budget,
    [JsonStringEnumMemberName("queue_full")] QueueFull,

    /// <summary>Less space is free on the disk than captures must leave.</summary>
    [JsonStringEnumMemberName("disk_floor")] DiskFloor,

    /// <summary>Captures that may not be removed fill what captures may take.</summary>
    [JsonStringEnumMemberName("disk_quota")] DiskQuota,
    [JsonStringEnumMemberName("profiler_missing")] ProfilerMissing,

    /// <summary>Another profiler holds the GPU's performance counters.</summary>
    [JsonStringEnumMemberName("perfmon_busy")] PerfmonBusy,
    [JsonStringEnumMemberName("no_gpu_process")] NoGpuProcess,
    [JsonStringEnumMemberName("session_not_reachable")] SessionNotReachable,

    /// <summary>The PyTorch of the job would abort when asked.</summary>
    [JsonStringEnumMemberName("unsafe_pytorch")] UnsafePytorch,
    [JsonStringEnumMemberName("unknown_gpu")] UnknownGpu,

    /// <summary>The time until which it was wanted is over.</summary>
    [JsonStringEnumMemberName("expired")] Expired,

    /// <summary>Something of the request is out of its limits.</summary>
    [JsonStringEnumMemberName("invalid")] Invalid,

    /// <summary>Captures are switched off on this node.</summary>
    [JsonStringEnumMemberName("disabled")] Disabled,

    /// <summary>The agent is about to end.</summary>
    [JsonStringEnumMemberName("stopping")] Stopping,

    /// <summary>The node is not connected to the collector.</summary>
    [JsonStringEnumMemberName("node_not_connected")] NodeNotConnected,

    /// <summary>The profiler is there and there is nothing that it could record: no GPU that it knows, or no right to.</summary>
    [JsonStringEnumMemberName("profiler_unable")] ProfilerUnable,
}

/// <summary>Where a capture stands, as the node says it; the newest by <paramref name="Sequence"/> holds.</summary>
/// <param name="Id">The capture.</param>
/// <param name="Node">The node that takes it.</param>
/// <param name="Sequence">Rises with each word about this capture.</param>
/// <param name="Time">When, by the node's clock.</param>
/// <param name="Stage">Where it stands.</param>
/// <param name="Words">The same for a person, such as <c>recording 6/10 s</c>.</param>
/// <param name="Fraction">How much of the stage is done, 0 to 1; null where that is not known.</param>
/// <param name="Refusal">Why it was refused; null but for <see cref="CaptureStage.Refused"/>.</param>
/// <param name="Profilers">The profilers at work.</param>
public sealed record CaptureProgress(
    string Id, string Node, long Sequence, DateTimeOffset Time, CaptureStage Stage, string Words = "", double? Fraction = null, CaptureRefusal? Refusal = null, IReadOnlyList<string>? Profilers = null)
{
    public string Words { get; init => field = value ?? ""; } = Words ?? "";

    /// <summary>True where nothing more will happen.</summary>
    [JsonIgnore]
    public bool IsOver => Stage is CaptureStage.Done or CaptureStage.Refused or CaptureStage.Failed or CaptureStage.Aborted or CaptureStage.Cancelled;
}
