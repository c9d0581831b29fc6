namespace Monitoring.Simulator.Incidents;

/// <summary>Something that goes wrong with one GPU for a while. All members run under the node's lock.</summary>
internal abstract class Incident
{
    /// <summary>Why a GPU cannot have this incident; null if it can.</summary>
    public virtual string? Refusal(SimulatedGpu gpu) => null;

    public abstract void Start(SimulatedGpu gpu);

    /// <summary>Called for every step of the model while the incident lasts.</summary>
    public virtual void Advance(SimulatedGpu gpu, TimeSpan elapsed)
    {
    }

    /// <summary>Puts right what can be put right; counters keep what happened.</summary>
    public abstract void Stop(SimulatedGpu gpu);
}
