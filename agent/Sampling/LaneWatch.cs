using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Nvml;

namespace Monitoring.Agent.Sampling;

/// <summary>
/// Watches one driver clock from outside for calls that pass their deadline. <see cref="Look"/> is called by the supervisor; the
/// properties may be read by anyone.
/// </summary>
internal sealed class LaneWatch(DriverClock clock, TimeSpan deadline)
{
    private long stuckCalls;
    private bool wasStuck;

    /// <summary>How long the call in progress has lasted when it is past the deadline, else zero.</summary>
    internal TimeSpan Stuck => clock.InProgress is var lasted && lasted > deadline ? lasted : TimeSpan.Zero;

    /// <summary>The call in progress.</summary>
    internal NvmlCall Call => clock.Call;

    /// <summary>Calls that passed the deadline so far.</summary>
    internal long StuckCalls => Volatile.Read(ref stuckCalls);

    /// <summary>What has changed since the last look.</summary>
    internal LaneChange Look()
    {
        var isStuck = Stuck > TimeSpan.Zero;
        var change = (wasStuck, isStuck) switch
        {
            (false, true) => LaneChange.BecameStuck,
            (true, false) => LaneChange.Recovered,
            _ => LaneChange.None,
        };
        if (change == LaneChange.BecameStuck) Volatile.Write(ref stuckCalls, stuckCalls + 1);
        wasStuck = isStuck;
        return change;
    }
}

/// <summary>What a look at a lane found.</summary>
internal enum LaneChange { None, BecameStuck, Recovered }
