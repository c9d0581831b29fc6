using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Health;

/// <summary>What an event of a source means for health.</summary>
/// <param name="State">What the component becomes.</param>
/// <param name="Component">One of <see cref="Components"/>.</param>
/// <param name="ClearedBy">What makes it good again.</param>
/// <param name="After">For how long it must be quiet, where time or the end of the condition clears it.</param>
internal sealed record HealthVerdict(HealthState State, string Component, ClearedBy ClearedBy, TimeSpan After = default);

/// <summary>Judges events; the one place that knows which event makes what unhealthy.</summary>
internal interface IEventVerdicts
{
    /// <summary>The verdict on an event; null where it says nothing of health.</summary>
    HealthVerdict? Judge(EventRecord record);
}
