namespace Monitoring.Agent.Devices.Nvml;

internal sealed partial class NvmlGpu
{
    private const double MilliPerUnit = 1000;
    private Answer<(double Minimum, double Maximum)> limits;

    /// <summary>Watts; a one-second average on Ampere and later but for GA100, which answers the instant (nvml.h).</summary>
    internal double PowerWatts() =>
        Ask(NvmlCall.DeviceGetPowerUsage) && Told(NvmlImports.nvmlDeviceGetPowerUsage(device, out var milliwatts)) ? milliwatts / MilliPerUnit : double.NaN;

    /// <summary>Watts at this instant (field 186, header 12.2).</summary>
    internal double PowerInstantWatts() => Field(NvmlField.PowerInstant) / MilliPerUnit;

    /// <summary>Watts that the GPU is held to now: the lowest of every limit.</summary>
    internal double PowerLimitWatts() =>
        Ask(NvmlCall.DeviceGetEnforcedPowerLimit) && Told(NvmlImports.nvmlDeviceGetEnforcedPowerLimit(device, out var milliwatts)) ? milliwatts / MilliPerUnit : double.NaN;

    internal double PowerLimitDefaultWatts() =>
        Ask(NvmlCall.DeviceGetPowerManagementDefaultLimit) && Told(NvmlImports.nvmlDeviceGetPowerManagementDefaultLimit(device, out var milliwatts)) ? milliwatts / MilliPerUnit : double.NaN;

    internal double PowerLimitMaximumWatts() => PowerLimits().Maximum;

    internal double PowerLimitMinimumWatts() => PowerLimits().Minimum;

    /// <summary>Joules since the driver was loaded.</summary>
    internal double EnergyJoules() =>
        Ask(NvmlCall.DeviceGetTotalEnergyConsumption) && Told(NvmlImports.nvmlDeviceGetTotalEnergyConsumption(device, out var millijoules)) ? millijoules / MilliPerUnit : double.NaN;

    private (double Minimum, double Maximum) PowerLimits()
    {
        if (Known(ref limits)) return limits.Value;
        limits.Value = Ask(NvmlCall.DeviceGetPowerManagementLimitConstraints)
            && Told(NvmlImports.nvmlDeviceGetPowerManagementLimitConstraints(device, out var minimum, out var maximum))
                ? (minimum / MilliPerUnit, maximum / MilliPerUnit) : (double.NaN, double.NaN);
        Keep(ref limits);
        return limits.Value;
    }
}
