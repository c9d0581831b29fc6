namespace Monitoring.Agent.Devices.Nvml;

internal sealed partial class NvmlGpu
{
    private const double PercentPerUnit = 100;

    /// <summary>Degrees Celsius of the GPU core; the successor call of header 12.8 first, the older one where the driver lacks it.</summary>
    internal double GpuTemperatureCelsius()
    {
        var temperature = new NvmlTemperature { Version = NvmlVersion.Temperature_v1 };
        if (Ask(NvmlCall.DeviceGetTemperatureV) && Told(NvmlImports.nvmlDeviceGetTemperatureV(device, ref temperature))) return temperature.Celsius;
        return Ask(NvmlCall.DeviceGetTemperature) && Told(NvmlImports.nvmlDeviceGetTemperature(device, 0, out var celsius)) ? celsius : double.NaN;
    }

    /// <summary>Degrees Celsius of the HBM or GDDR (field 82); a driver answers 0 for a board without that sensor.</summary>
    internal double MemoryTemperatureCelsius() => Field(NvmlField.MemoryTemperature) is var celsius and not 0 ? celsius : double.NaN;

    /// <summary>Degrees Celsius left until the GPU slows down (T.Limit); negative past it.</summary>
    internal double ThermalMarginCelsius()
    {
        var margin = new NvmlMarginTemperature { Version = NvmlVersion.MarginTemperature_v1 };
        return Ask(NvmlCall.DeviceGetMarginTemperature) && Told(NvmlImports.nvmlDeviceGetMarginTemperature(device, ref margin)) ? margin.Celsius : double.NaN;
    }

    /// <summary>The margin at which the hardware starts to slow down, in degrees Celsius of T.Limit, such as -2 (field 194).</summary>
    internal double ThermalMarginSlowdownCelsius() => Field(NvmlField.TemperatureSlowdownTLimit);

    /// <summary>Fan speed as a ratio; may exceed 1.</summary>
    internal double FanSpeedRatio(int fan) =>
        Ask(NvmlCall.DeviceGetFanSpeed_v2) && Told(NvmlImports.nvmlDeviceGetFanSpeed_v2(device, (uint)fan, out var percent)) ? percent / PercentPerUnit : double.NaN;

    internal const int FansAtMost = 16;

    private int CountFans() =>
        Ask(NvmlCall.DeviceGetNumFans) && Told(NvmlImports.nvmlDeviceGetNumFans(device, out var count)) ? (int)Math.Min(count, FansAtMost) : 0;
}
