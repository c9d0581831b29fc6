namespace Monitoring.Agent.Devices.Nvml;

/// <summary>nvmlGpmMetricId_t of the metrics that the agent reads.</summary>
internal enum GpmMetric : uint
{
    GraphicsUtilization = 1,
    SmUtilization = 2,
    SmOccupancy = 3,
    IntegerUtilization = 4,
    AnyTensorUtilization = 5,
    DramBandwidthUtilization = 10,
    Fp64Utilization = 11,
    Fp32Utilization = 12,
    Fp16Utilization = 13,
    PcieTransmit = 20,
    PcieReceive = 21,
}

/// <summary>GPU performance monitoring: the mean of hardware counters between two samples, on Hopper and later.</summary>
internal sealed unsafe partial class NvmlGpu
{
    private static readonly GpmMetric[] GpmMetrics = Enum.GetValues<GpmMetric>();
    private static readonly TimeSpan GpmShortestInterval = TimeSpan.FromMilliseconds(100); // nvml.h: at least 100 ms between samples
    private const double BytesPerMebibyte = 1024 * 1024;

    private readonly double[] gpmValues = new double[GpmMetrics.Length];
    private readonly NvmlReturn[] gpmReturns = new NvmlReturn[GpmMetrics.Length];
    private NvmlGpmSample earlier, later;
    private long? sampledAt;
    private Answer<bool> gpm;

    /// <summary>True on Hopper and later, unless the driver says otherwise.</summary>
    internal bool HasGpm { get; private set; }

    /// <summary>GPU instance id of a MIG device; <see cref="WholeGpu"/> for a GPU.</summary>
    internal uint GpuInstance { get; init; } = WholeGpu;

    internal const uint WholeGpu = uint.MaxValue;

    /// <summary>The mean of a metric since the last instant: a ratio, or bytes per second for the PCIe ones.</summary>
    internal double Gpm(GpmMetric metric)
    {
        if (!HasGpm)
        {
            LastReturn = NvmlReturn.NotSupported;
            return double.NaN;
        }
        if (!Known(ref gpm))
        {
            gpm.Value = SampleGpm();
            Keep(ref gpm);
        }
        var place = Array.IndexOf(GpmMetrics, metric);
        if (!gpm.Value) return double.NaN;
        LastReturn = gpmReturns[place];
        if (LastReturn != NvmlReturn.Success) return double.NaN;
        return metric >= GpmMetric.PcieTransmit ? gpmValues[place] * BytesPerMebibyte : gpmValues[place] / PercentPerUnit;
    }

    /// <summary>Frees the samples; the driver must still be attached.</summary>
    internal void ReleaseGpm()
    {
        if (earlier.Value != 0) _ = NvmlImports.nvmlGpmSampleFree(earlier);
        if (later.Value != 0) _ = NvmlImports.nvmlGpmSampleFree(later);
        earlier = later = default;
        HasGpm = false;
    }

    private void ReadGpmSupport()
    {
        var asked = Parent?.device ?? device;
        var support = new NvmlGpmSupport { Version = NvmlVersion.Gpm };
        HasGpm = Ask(NvmlCall.GpmQueryDeviceSupport) && Told(NvmlImports.nvmlGpmQueryDeviceSupport(asked, ref support)) && support.IsSupported != 0
            && nvml.Exports(NvmlCall.GpmMetricsGet) && nvml.Exports(NvmlCall.GpmSampleFree)
            && Ask(NvmlCall.GpmSampleAlloc) && Told(NvmlImports.nvmlGpmSampleAlloc(out earlier))
            && Ask(NvmlCall.GpmSampleAlloc) && Told(NvmlImports.nvmlGpmSampleAlloc(out later));
    }

    private bool SampleGpm()
    {
        if (sampledAt is { } before && time.GetElapsedTime(before) < GpmShortestInterval)
        {
            LastReturn = NvmlReturn.NotReady;
            return false;
        }
        (earlier, later) = (later, earlier);
        var taken = GpuInstance == WholeGpu
            ? Ask(NvmlCall.GpmSampleGet) && Told(NvmlImports.nvmlGpmSampleGet(device, later))
            : Ask(NvmlCall.GpmMigSampleGet) && Told(NvmlImports.nvmlGpmMigSampleGet(Parent is null ? device : Parent.device, GpuInstance, later));
        var first = sampledAt is null;
        sampledAt = taken ? time.GetTimestamp() : null;
        if (!taken) return false;
        if (first)
        {
            LastReturn = NvmlReturn.NotReady;
            return false;
        }
        return ReadGpmMetrics();
    }

    private bool ReadGpmMetrics()
    {
        var bytes = stackalloc byte[sizeof(NvmlGpmMetricsHead) + GpmMetrics.Length * sizeof(NvmlGpmMetric)];
        new Span<byte>(bytes, sizeof(NvmlGpmMetricsHead) + GpmMetrics.Length * sizeof(NvmlGpmMetric)).Clear();
        var head = (NvmlGpmMetricsHead*)bytes;
        *head = new NvmlGpmMetricsHead { Version = NvmlVersion.Gpm, Count = (uint)GpmMetrics.Length, Earlier = earlier, Later = later };
        var metrics = new Span<NvmlGpmMetric>(bytes + sizeof(NvmlGpmMetricsHead), GpmMetrics.Length);
        for (var i = 0; i < metrics.Length; i++) metrics[i].MetricId = (uint)GpmMetrics[i];

        if (!Ask(NvmlCall.GpmMetricsGet) || !Told(NvmlImports.nvmlGpmMetricsGet(head))) return false;
        for (var i = 0; i < metrics.Length; i++)
        {
            gpmReturns[i] = metrics[i].Return;
            gpmValues[i] = metrics[i].Value;
        }
        return true;
    }
}
