using Monitoring.Simulator.NodeProfiles;

namespace Monitoring.Simulator.Model;

/// <summary>Lowers the clocks when a GPU is too hot, draws too much, or is braked.</summary>
internal sealed class ThrottleModel(SimulationProfile profile)
{
    private const double LowestClockShare = 0.2;
    private const double HardThermalClockShare = 0.5;
    private const double BrakeClockShare = 0.25;
    private const double FallPerSecondAndDegree = 0.05;
    private const double RisePerSecond = 0.08;

    /// <summary>Once hot, clocks rise again only below this distance to the limit: no flapping between two samples.</summary>
    private const double ReleaseDegrees = 1;

    private double _thermalShare = 1;
    private bool _softThermal;

    /// <summary>Share of the highest clock that is left, 0 to 1.</summary>
    public double ClockShare { get; private set; } = 1;

    public ClockEventReason Reasons { get; private set; }

    /// <param name="seconds">Length of the step.</param>
    /// <param name="celsius">Temperature of the hot spot.</param>
    /// <param name="activity">Share of the full load.</param>
    /// <param name="limitMilliwatts">Enforced power limit.</param>
    /// <param name="brake">The power brake line is pulled.</param>
    public void Step(double seconds, double celsius, double activity, double limitMilliwatts, bool brake)
    {
        Reasons = ClockEventReason.None;
        if (activity < 0.01) Reasons |= ClockEventReason.Idle;
        var excess = celsius - profile.SoftSlowdownCelsius;
        _softThermal = excess > 0 || (_softThermal && excess > -ReleaseDegrees);
        if (excess > 0) _thermalShare = Math.Max(LowestClockShare, _thermalShare - FallPerSecondAndDegree * excess * seconds);
        else if (!_softThermal) _thermalShare = Math.Min(1, _thermalShare + RisePerSecond * seconds);
        if (_softThermal) Reasons |= ClockEventReason.SoftwareThermal;
        var share = _thermalShare;
        if (celsius >= profile.HardSlowdownCelsius)
        {
            share = Math.Min(share, HardThermalClockShare);
            Reasons |= ClockEventReason.HardwareThermal | ClockEventReason.HardwareSlowdown;
        }
        if (brake)
        {
            share = Math.Min(share, BrakeClockShare);
            Reasons |= ClockEventReason.HardwarePowerBrake | ClockEventReason.HardwareSlowdown;
        }
        var capped = PowerCappedShare(activity, limitMilliwatts);
        if (capped < share)
        {
            share = capped;
            Reasons |= ClockEventReason.SoftwarePowerCap;
        }
        ClockShare = Math.Max(LowestClockShare, share);
    }

    /// <summary>Power that the load draws at a share of the clocks: the dynamic part goes with clock times voltage squared, near enough the square here.</summary>
    public double DemandMilliwatts(double activity, double clockShare) =>
        profile.IdleMilliwatts + (profile.LoadMilliwatts - profile.IdleMilliwatts) * activity * clockShare * clockShare;

    private double PowerCappedShare(double activity, double limitMilliwatts)
    {
        var dynamic = (profile.LoadMilliwatts - profile.IdleMilliwatts) * activity;
        var room = limitMilliwatts - profile.IdleMilliwatts;
        return dynamic <= room || dynamic <= 0 ? 1 : Math.Sqrt(Math.Max(0, room) / dynamic);
    }
}
