namespace Monitoring.Agent.Sampling;

/// <summary>Tells a thread to end and lets it wait, without spinning, until then or until its next turn.</summary>
internal sealed class StopSignal
{
    private readonly object gate = new();
    private bool set;

    /// <summary>True once <see cref="Set"/> was called.</summary>
    internal bool IsSet => Volatile.Read(ref set);

    /// <summary>Ends every wait, now and later.</summary>
    internal void Set()
    {
        lock (gate)
        {
            set = true;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Waits; true as soon as the signal is set, false when the time is up.</summary>
    internal bool Wait(TimeSpan time)
    {
        lock (gate)
        {
            if (!set) Monitor.Wait(gate, time);
            return set;
        }
    }
}
