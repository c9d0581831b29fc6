namespace Monitoring.Agent.Devices.Nvml;

/// <summary>Why clocks were held down, as the <c>reason</c> label of gpu_throttle_seconds_total counts it.</summary>
internal enum ThrottleReason { HwThermal, HwPowerBrake, HwSlowdown, SwThermal, SwPowerCap, SyncBoost, BoardLimit, Reliability, LowUtilization }

internal sealed partial class NvmlGpu
{
    private const double NanosecondsPerSecond = 1e9;
    private readonly PersistentCount[] throttleCounts = new PersistentCount[Enum.GetValues<ThrottleReason>().Length];
    private readonly double[] polledSeconds = new double[Enum.GetValues<ThrottleReason>().Length];
    private long? polledAt;

    /// <summary>
    /// Seconds that the clocks were held down: the driver's own counter where it has one, else the polled mask added up by
    /// <see cref="AccumulateThrottle"/>. Which of the two serves a reason never changes while the lane lives; where the next lane
    /// decides otherwise, the count goes on from where it stood.
    /// </summary>
    internal double ThrottleSeconds(ThrottleReason reason)
    {
        var first = NvmlRenumberedField.FirstClocksEventReason(nvml.DriverMajor);
        var nanoseconds = reason switch
        {
            ThrottleReason.SwThermal when first != 0 => FieldById(first, 0),
            ThrottleReason.HwThermal when first != 0 => FieldById(first + 1, 0),
            ThrottleReason.HwPowerBrake when first != 0 => FieldById(first + 2, 0),
            ThrottleReason.SwPowerCap => Field(NvmlField.PerfPolicyPower),
            ThrottleReason.SyncBoost => Field(NvmlField.PerfPolicySyncBoost),
            ThrottleReason.BoardLimit => Field(NvmlField.PerfPolicyBoardLimit),
            ThrottleReason.LowUtilization => Field(NvmlField.PerfPolicyLowUtilization),
            ThrottleReason.Reliability => Field(NvmlField.PerfPolicyReliability),
            _ => NoField(),
        };
        ref var source = ref throttleSources[(int)reason];
        if (source == ThrottleSource.Undecided)
        {
            if (!double.IsNaN(nanoseconds)) source = ThrottleSource.Driver;
            else if (!LastReturn.IsAbsent) return double.NaN; // a failure says nothing about what the driver has
            else if (PolledBit(reason) == ClocksEventReasons.None) return double.NaN;
            else if (reasons.Return == NvmlReturn.Success) source = ThrottleSource.Polled;
            else return double.NaN;
        }
        var count = throttleCounts[(int)reason];
        if (source == ThrottleSource.Driver) return double.IsNaN(nanoseconds) ? double.NaN : count.Observe(nanoseconds / NanosecondsPerSecond);
        LastReturn = NvmlReturn.Success;
        var polled = polledSeconds[(int)reason];
        polledSeconds[(int)reason] = 0;
        return count.Advance(polled);
    }

    /// <summary>Adds the time since the last call to every reason whose bit is set now; call once per fast tick.</summary>
    /// <param name="atMost">Longest time to add: what happened while the lane was stuck is not known.</param>
    internal void AccumulateThrottle(TimeSpan atMost)
    {
        var now = time.GetTimestamp();
        var elapsed = polledAt is not { } before ? 0 : Math.Min(time.GetElapsedTime(before, now).TotalSeconds, atMost.TotalSeconds);
        polledAt = now;
        if (ThrottleReasons() is not { } mask || mask == ClocksEventReasons.None) return;
        for (var reason = ThrottleReason.HwThermal; reason <= ThrottleReason.LowUtilization; reason++)
            if ((mask & PolledBit(reason)) != 0) polledSeconds[(int)reason] += elapsed;
    }

    private double NoField()
    {
        LastReturn = NvmlReturn.NotSupported;
        return double.NaN;
    }

    private readonly ThrottleSource[] throttleSources = new ThrottleSource[Enum.GetValues<ThrottleReason>().Length];

    private enum ThrottleSource { Undecided, Driver, Polled }

    /// <summary>The bit of the polled mask, none for the reasons that only the driver's counters know.</summary>
    internal static ClocksEventReasons PolledBit(ThrottleReason reason) => reason switch
    {
        ThrottleReason.HwThermal => ClocksEventReasons.HwThermal,
        ThrottleReason.HwPowerBrake => ClocksEventReasons.HwPowerBrake,
        ThrottleReason.HwSlowdown => ClocksEventReasons.HwSlowdown,
        ThrottleReason.SwThermal => ClocksEventReasons.SwThermal,
        ThrottleReason.SwPowerCap => ClocksEventReasons.SwPowerCap,
        ThrottleReason.SyncBoost => ClocksEventReasons.SyncBoost,
        _ => ClocksEventReasons.None,
    };
}
