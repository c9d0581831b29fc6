using System.Text.Json;
using Monitoring.Agent.Capture;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Exposition.Api;

/// <summary>Where captures stand on this node, oldest first.</summary>
/// <param name="Queued">Those that wait.</param>
/// <param name="Running">Those that are armed, recorded, exported or on their way to the collector.</param>
/// <param name="Finished">Those that are over.</param>
/// <param name="Refused">Those that were not taken.</param>
/// <param name="Profilers">What each profiler can do here, and why not.</param>
/// <param name="BundleBytes">Bytes of the bundles on this node.</param>
internal sealed record CaptureList(
    IReadOnlyList<CaptureEntry> Queued, IReadOnlyList<CaptureEntry> Running, IReadOnlyList<CaptureEntry> Finished, IReadOnlyList<CaptureEntry> Refused, IReadOnlyList<ProfilerState> Profilers, long BundleBytes);

/// <summary>A capture.</summary>
/// <param name="Results">What became of each profiler; null until it is over.</param>
/// <param name="Bundle">Where its bundle is; null where this node has none.</param>
internal sealed record CaptureEntry(
    string Id, CaptureTrigger Trigger, CaptureTarget Target, double DurationSeconds, DateTimeOffset RequestedAt, CaptureProgress Progress, IReadOnlyDictionary<string, string>? Results, BundleState? Bundle, long? BundleBytes);

/// <summary>What a profiler can do.</summary>
/// <param name="Refusal">Why it cannot; null where it can.</param>
internal sealed record ProfilerState(string Profiler, bool Can, CaptureRefusal? Refusal, string Words, string? Version);

/// <summary>The wish for a capture, as a person writes it; everything but <paramref name="Who"/> may be left out.</summary>
/// <param name="Gpus">Indices and UUIDs; none for every GPU.</param>
/// <param name="Duration">Such as <c>5s</c>.</param>
internal sealed record CaptureWish(
    string? Id = null, IReadOnlyList<JsonElement?>? Gpus = null, string? Job = null, long? Pid = null, string? Duration = null, IReadOnlyList<string?>? Profilers = null, DateTimeOffset? StartAt = null, bool? CpuSampling = null,
    bool? Control = null, bool? Pinned = null, string? Who = null, string? Reason = null);

/// <summary>What becomes of a wish.</summary>
internal sealed record CaptureAsked(string Id, string Words, CaptureRefusal? Refusal = null);
