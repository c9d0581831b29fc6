namespace Monitoring.Agent.Devices.Nvml;

internal sealed partial class NvmlGpu
{
    private Answer<NvmlMemory_v2> memory;
    private Answer<NvmlBar1Memory> bar1;
    private Answer<NvmlUtilization> utilization;

    internal double MemoryTotalBytes() => Memory() ? memory.Value.Total : double.NaN;

    /// <summary>Bytes in use by programs; what the driver keeps for itself is apart, where it says so (header 11.6).</summary>
    internal double MemoryUsedBytes() => Memory() ? memory.Value.Used : double.NaN;

    internal double MemoryFreeBytes() => Memory() ? memory.Value.Free : double.NaN;

    internal double MemoryReservedBytes() => Memory() && memory.Value.Version != 0 ? memory.Value.Reserved : double.NaN;

    internal double Bar1TotalBytes() => Bar1() ? bar1.Value.Total : double.NaN;

    internal double Bar1UsedBytes() => Bar1() ? bar1.Value.Used : double.NaN;

    /// <summary>Share of the last sample period (1/6 to 1 s) in which any kernel ran.</summary>
    internal double UtilizationRatio() => Utilization() ? utilization.Value.Gpu / PercentPerUnit : double.NaN;

    /// <summary>Share of the last sample period in which device memory was read or written.</summary>
    internal double MemoryUtilizationRatio() => Utilization() ? utilization.Value.Memory / PercentPerUnit : double.NaN;

    internal double EncoderUtilizationRatio() =>
        Ask(NvmlCall.DeviceGetEncoderUtilization) && Told(NvmlImports.nvmlDeviceGetEncoderUtilization(device, out var percent, out _)) ? percent / PercentPerUnit : double.NaN;

    internal double DecoderUtilizationRatio() =>
        Ask(NvmlCall.DeviceGetDecoderUtilization) && Told(NvmlImports.nvmlDeviceGetDecoderUtilization(device, out var percent, out _)) ? percent / PercentPerUnit : double.NaN;

    internal double JpegUtilizationRatio() =>
        Ask(NvmlCall.DeviceGetJpgUtilization) && Told(NvmlImports.nvmlDeviceGetJpgUtilization(device, out var percent, out _)) ? percent / PercentPerUnit : double.NaN;

    internal double OfaUtilizationRatio() =>
        Ask(NvmlCall.DeviceGetOfaUtilization) && Told(NvmlImports.nvmlDeviceGetOfaUtilization(device, out var percent, out _)) ? percent / PercentPerUnit : double.NaN;

    private bool Memory()
    {
        if (!Known(ref memory))
        {
            memory.Value = new NvmlMemory_v2 { Version = NvmlVersion.Memory_v2 };
            if (!(Ask(NvmlCall.DeviceGetMemoryInfo_v2) && Told(NvmlImports.nvmlDeviceGetMemoryInfo_v2(device, ref memory.Value)))
                && LastReturn is NvmlReturn.FunctionNotFound or NvmlReturn.ArgumentVersionMismatch
                && Ask(NvmlCall.DeviceGetMemoryInfo) && Told(NvmlImports.nvmlDeviceGetMemoryInfo(device, out var first)))
            {
                memory.Value = new NvmlMemory_v2 { Version = 0, Total = first.Total, Free = first.Free, Used = first.Used };
            }
            Keep(ref memory);
        }
        return memory.Return == NvmlReturn.Success;
    }

    private bool Bar1()
    {
        if (!Known(ref bar1))
        {
            if (Ask(NvmlCall.DeviceGetBAR1MemoryInfo)) Told(NvmlImports.nvmlDeviceGetBAR1MemoryInfo(device, out bar1.Value));
            Keep(ref bar1);
        }
        return bar1.Return == NvmlReturn.Success;
    }

    private bool Utilization()
    {
        if (!Known(ref utilization))
        {
            if (Ask(NvmlCall.DeviceGetUtilizationRates)) Told(NvmlImports.nvmlDeviceGetUtilizationRates(device, out utilization.Value));
            Keep(ref utilization);
        }
        return utilization.Return == NvmlReturn.Success;
    }
}
