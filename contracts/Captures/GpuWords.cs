namespace Monitoring.Contracts.Captures;

/// <summary>
/// How sentences call a GPU of a summary. "GPU 3" is the one of that index on the node, as everywhere else; a number that only the profiler
/// knows is called as what it is, since it may be of another GPU.
/// </summary>
public static class GpuWords
{
    /// <summary>The GPU that work ran on: <c>GPU 3</c>, or <c>CUDA device 0</c> where the node's number is not known.</summary>
    public static string Of(GpuActivity gpu)
    {
        ArgumentNullException.ThrowIfNull(gpu);
        return gpu.Gpu is { } index ? FormattableString.Invariant($"GPU {index}") : FormattableString.Invariant($"CUDA device {gpu.Device}");
    }

    /// <summary>The GPU that a metric was sampled on: <c>GPU 3</c>, or <c>nsys GPU 0</c> where the node's number is not known.</summary>
    public static string Of(GpuMetric metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return metric switch
        {
            { Gpu: { } index } => FormattableString.Invariant($"GPU {index}"),
            { Device: { } device } => FormattableString.Invariant($"nsys GPU {device}"),
            _ => "an unnamed GPU",
        };
    }
}
