using Monitoring.Agent.Devices.Nvml;

namespace Monitoring.Agent.Devices;

/// <summary>
/// Times every driver call of one lane. The lane writes; anyone may read, without a lock: what matters is that a call which does not
/// come back can be seen, and named, from outside.
/// </summary>
internal sealed class DriverClock(TimeProvider time)
{
    private const long Outside = long.MinValue;
    private long entered = Outside;
    private int call;
    private long ticksInside;
    private long calls;

    /// <summary>Time spent inside the driver in calls that came back.</summary>
    internal TimeSpan Inside => time.GetElapsedTime(0, Volatile.Read(ref ticksInside));

    /// <summary>Number of calls that came back.</summary>
    internal long Calls => Volatile.Read(ref calls);

    /// <summary>How long the call in progress has lasted; zero between calls.</summary>
    internal TimeSpan InProgress
    {
        get
        {
            var since = Volatile.Read(ref entered);
            return since == Outside ? TimeSpan.Zero : time.GetElapsedTime(since);
        }
    }

    /// <summary>The call in progress, or the last one.</summary>
    internal NvmlCall Call => (NvmlCall)Volatile.Read(ref call);

    /// <summary>Marks the start of a call.</summary>
    internal void Enter(NvmlCall entering)
    {
        Volatile.Write(ref call, (int)entering);
        Volatile.Write(ref entered, time.GetTimestamp());
    }

    /// <summary>Marks the return of the call.</summary>
    internal void Leave()
    {
        Volatile.Write(ref ticksInside, ticksInside + time.GetTimestamp() - entered);
        LeaveWait();
    }

    /// <summary>Marks the return of a call that waited for something to happen: it is counted, its time is not the driver's.</summary>
    internal void LeaveWait()
    {
        Volatile.Write(ref calls, calls + 1);
        Volatile.Write(ref entered, Outside);
    }
}
