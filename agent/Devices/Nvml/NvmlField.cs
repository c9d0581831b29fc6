namespace Monitoring.Agent.Devices.Nvml;

/// <summary>Field ids of nvmlDeviceGetFieldValues that kept their number in every header from 11.0 to 13.3.</summary>
internal enum NvmlField : uint
{
    PerfPolicyPower = 74,
    PerfPolicySyncBoost = 76,
    PerfPolicyBoardLimit = 77,
    PerfPolicyLowUtilization = 78,
    PerfPolicyReliability = 79,
    MemoryTemperature = 82,
    RetiredPendingSingleBit = 92,
    RetiredPendingDoubleBit = 93,
    NvLinkDataTransmitKibibytes = 138,
    NvLinkDataReceiveKibibytes = 139,
    PowerInstant = 186,
    TemperatureSlowdownTLimit = 194,
    NvLinkTransmitBytes = 202,
    NvLinkReceiveBytes = 204,
    NvLinkLinkRecoveryEvents = 215,
    NvLinkEffectiveErrors = 219,
    NvLinkSymbolErrors = 221,
    RecoveryAction = 230,
}

/// <summary>
/// Field ids that were renumbered between driver branches: the three clocks-event-reason counters are 251 to 253 in header 12.9 and
/// 13.0 (R575 and the first R580), power smoothing elsewhere, and 269 to 271 from header 13.1 (R590) on. NVIDIA says that the change
/// happened inside R580 ("between 13.0 and 13.0U1"), so on R580 neither can be trusted and the polled mask is used instead.
/// </summary>
internal static class NvmlRenumberedField
{
    /// <summary>The id of the first of the three (software thermal, hardware thermal, power brake), 0 where none is safe.</summary>
    internal static uint FirstClocksEventReason(int driverMajor) => driverMajor switch
    {
        >= 575 and < 580 => 251,
        >= 590 => 269,
        _ => 0,
    };
}
