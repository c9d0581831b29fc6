using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Detection.Sources;

/// <summary>Reads states out of the latest samples of a GPU.</summary>
internal static class SampledState
{
    /// <summary>Place of the label value whose series is 1; null where the GPU has no such reading now.</summary>
    internal static int? Of(GpuSampler sampler, GpuMetric metric)
    {
        var series = sampler.Sets[0].Series;
        var (start, count) = series.RangeOf(metric);
        for (var i = 0; i < count; i++)
            if (series.Value(start + i) == 1) return i;
        return null;
    }

    /// <summary>The value of a metric without labels; null where the GPU has no such reading now.</summary>
    internal static double? ValueOf(GpuSampler sampler, GpuMetric metric)
    {
        var series = sampler.Sets[0].Series;
        var (start, count) = series.RangeOf(metric);
        return count == 0 || double.IsNaN(series.Value(start)) ? null : series.Value(start);
    }
}
