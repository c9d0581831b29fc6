namespace Monitoring.Agent.Journal;

/// <summary>Wakes one thread that waits; a call while nobody waits counts for the next wait. Needs no closing, so nobody can call it too late.</summary>
internal sealed class WakeUp
{
    private readonly object gate = new();
    private bool isSet;

    internal void Set()
    {
        lock (gate)
        {
            isSet = true;
            Monitor.Pulse(gate);
        }
    }

    /// <summary>Waits until it is called, or the time is up.</summary>
    internal void Wait(TimeSpan time)
    {
        lock (gate)
        {
            if (!isSet) Monitor.Wait(gate, time);
            isSet = false;
        }
    }
}
