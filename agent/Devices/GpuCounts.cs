namespace Monitoring.Agent.Devices;

/// <summary>
/// Counts of one GPU that only grow, whatever becomes of their sources: a driver that is loaded anew starts at 0, and what the agent
/// adds up itself must not end with it. Written by one lane, saved by another thread.
/// </summary>
internal sealed class GpuCounts
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, PersistentCount> counts = new(StringComparer.Ordinal);

    /// <summary>The count of a name, made where there is none.</summary>
    internal PersistentCount Of(string name)
    {
        lock (gate)
        {
            if (!counts.TryGetValue(name, out var count)) counts.Add(name, count = new PersistentCount());
            return count;
        }
    }

    /// <summary>Takes up a count that was saved.</summary>
    internal void Restore(string name, CountState state)
    {
        lock (gate) counts[name] = new PersistentCount(state);
    }

    /// <summary>Every count by name.</summary>
    internal IReadOnlyList<KeyValuePair<string, PersistentCount>> All
    {
        get
        {
            lock (gate) return [.. counts];
        }
    }

    /// <summary>The same counts once more, for another lane of the same GPU: one that is stuck in the driver must not touch them any more.</summary>
    internal GpuCounts Copy()
    {
        var copy = new GpuCounts();
        foreach (var (name, count) in All) copy.counts.Add(name, new PersistentCount(count.State));
        return copy;
    }
}

/// <summary>Where a count comes from.</summary>
internal enum CountSource { None, Driver, Polled }

/// <summary>What must be kept of a count.</summary>
/// <param name="Carried">What was counted before the source began at 0.</param>
/// <param name="Last">What the source said last.</param>
internal readonly record struct CountState(double Carried, double Last, CountSource Source)
{
    internal double Value => Carried + Last;
}

/// <summary>A count that never falls.</summary>
internal sealed class PersistentCount(CountState state = default)
{
    private readonly Lock gate = new();
    private CountState state = state;
    private double saved = state.Value;
    private double before = state.Value; // at the last saving
    private bool isUrgent;

    /// <summary>What it is made of now.</summary>
    internal CountState State
    {
        get
        {
            lock (gate) return state;
        }
    }

    /// <summary>True when an end of the agent now would lose something that was shown: a driver that began anew, or time that was added up.</summary>
    internal bool IsUrgent
    {
        get
        {
            lock (gate) return isUrgent || (state.Source == CountSource.Polled && state.Value > saved);
        }
    }

    /// <summary>Takes the driver's own count, which falls back to 0 when the driver is loaded anew.</summary>
    internal double Observe(double count)
    {
        lock (gate)
        {
            if (state.Source != CountSource.Driver) state = new CountState(Math.Max(state.Value, count) - count, count, CountSource.Driver);
            else if (count < state.Last)
            {
                state = new CountState(state.Value, count, CountSource.Driver);
                isUrgent = true;
            }
            else state = state with { Last = count };
            return state.Value;
        }
    }

    /// <summary>Adds what the agent counted itself.</summary>
    internal double Advance(double amount)
    {
        lock (gate)
        {
            state = state.Source == CountSource.Polled ? state with { Last = state.Last + amount } : new CountState(state.Value, amount, CountSource.Polled);
            return state.Value;
        }
    }

    /// <summary>
    /// What to save. A count that the agent adds up itself and that grew since is saved ahead of its value, so that it need not be saved
    /// at every step: after a sudden end it goes on from there and has not fallen.
    /// </summary>
    /// <param name="ahead">How much it can grow until the next saving.</param>
    internal CountState Save(double ahead)
    {
        lock (gate)
        {
            isUrgent = false;
            var reserve = state.Source == CountSource.Polled && state.Value > before ? ahead : 0;
            before = state.Value;
            saved = state.Value + reserve;
            return state with { Last = state.Last + reserve };
        }
    }
}
