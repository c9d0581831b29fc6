namespace Monitoring.Agent.Devices.Nvml;

/// <summary>Bits of the clocks event (throttle) reason mask (nvml.h, nvmlClocksEventReason*).</summary>
[Flags]
internal enum ClocksEventReasons : ulong
{
    None = 0,
    GpuIdle = 0x1,
    ApplicationsClocksSetting = 0x2,
    SwPowerCap = 0x4,
    HwSlowdown = 0x8,
    SyncBoost = 0x10,
    SwThermal = 0x20,
    HwThermal = 0x40,
    HwPowerBrake = 0x80,
    DisplayClockSetting = 0x100,
}

internal sealed partial class NvmlGpu
{
    private const double HertzPerMegahertz = 1e6;
    private Answer<ClocksEventReasons> reasons;

    internal double ClockHertz(NvmlClock domain) =>
        Ask(NvmlCall.DeviceGetClockInfo) && Told(NvmlImports.nvmlDeviceGetClockInfo(device, domain, out var megahertz)) ? megahertz * HertzPerMegahertz : double.NaN;

    internal double MaximumClockHertz(NvmlClock domain) =>
        Ask(NvmlCall.DeviceGetMaxClockInfo) && Told(NvmlImports.nvmlDeviceGetMaxClockInfo(device, domain, out var megahertz)) ? megahertz * HertzPerMegahertz : double.NaN;

    /// <summary>0 (fastest) to 15; 32 is nvml.h's "unknown".</summary>
    internal double PerformanceState() =>
        Ask(NvmlCall.DeviceGetPerformanceState) && Told(NvmlImports.nvmlDeviceGetPerformanceState(device, out var state)) && state <= 15 ? state : double.NaN;

    /// <summary>1 while the clocks are held down for a reason, else 0.</summary>
    internal double ThrottleActive(ClocksEventReasons reason) =>
        ThrottleReasons() is { } mask ? ((mask & reason) != 0 ? 1 : 0) : double.NaN;

    /// <summary>The reasons that hold the clocks down at this instant; null where the driver does not say.</summary>
    internal ClocksEventReasons? ThrottleReasons()
    {
        if (!Known(ref reasons))
        {
            // Drivers before 535 know the mask by its old name only.
            reasons.Value =
                (Ask(NvmlCall.DeviceGetCurrentClocksEventReasons) && Told(NvmlImports.nvmlDeviceGetCurrentClocksEventReasons(device, out var mask)))
                || (LastReturn == NvmlReturn.FunctionNotFound && Ask(NvmlCall.DeviceGetCurrentClocksThrottleReasons)
                    && Told(NvmlImports.nvmlDeviceGetCurrentClocksThrottleReasons(device, out mask)))
                    ? (ClocksEventReasons)mask : ClocksEventReasons.None;
            Keep(ref reasons);
        }
        return reasons.Return == NvmlReturn.Success ? reasons.Value : null;
    }
}
