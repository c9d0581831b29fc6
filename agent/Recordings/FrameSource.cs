using System.Globalization;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Recordings;

namespace Monitoring.Agent.Recordings;

/// <summary>The frames of one GPU.</summary>
/// <param name="Gpu">Who it is.</param>
/// <param name="Set">Its own series; those of MIG instances are not recorded.</param>
internal sealed record FrameSource(GpuSubject Gpu, SampledSet Set)
{
    /// <summary>The GPUs that a node samples now.</summary>
    internal static IEnumerable<FrameSource> Of(NodeSampler node)
    {
        foreach (var lane in node.Lanes)
            if (lane is { Sampler.Sets: [var set, ..], Identity: { } gpu })
                yield return new FrameSource(new GpuSubject(gpu.Index, gpu.Uuid, gpu.Serial, gpu.PciBusId, gpu.Model), set);
    }

    /// <summary>How a recording names the GPU.</summary>
    internal static RecordedGpu Recorded(GpuSubject gpu) => new(gpu.Index, gpu.Uuid, gpu.Serial, gpu.PciBusId, gpu.Model);

    /// <summary>The layout of a recording of a GPU, or of the node where there is none.</summary>
    internal static RecordedLayout Recorded(GpuSubject? gpu, FrameLayout layout) => new(
        gpu is null ? null : Recorded(gpu), [.. layout.Series.Select(static series => new RecordedSeries(series.Metric, series.Labels, (int)series.Tier))]);

    /// <summary>Such as <c>GPU 3 (GPU-9221d5d1)</c>.</summary>
    internal static string Show(GpuSubject gpu) => string.Create(CultureInfo.InvariantCulture, $"GPU {gpu.Index} ({gpu.Uuid})");
}
