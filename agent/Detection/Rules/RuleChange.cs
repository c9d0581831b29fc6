using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>A rule fired or cleared for a GPU, an instance or the node.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Gpu">The GPU; null for the node.</param>
/// <param name="Instance">Values of the labels of <see cref="RuleDefinition.Per"/>, joined by a comma; empty for none.</param>
/// <param name="IsFiring">True where it fired, false where it cleared.</param>
/// <param name="UnixMicroseconds">When.</param>
/// <param name="Event">What goes to the journal; null in shadow, over a limit, and where the rule makes no events.</param>
/// <param name="WantsCapture">True where a capture is to be taken now: asked for and within limits.</param>
/// <param name="Why">What the trigger saw, or the other reason for which it cleared.</param>
internal sealed record RuleChange(RuleDefinition Rule, GpuSubject? Gpu, string Instance, bool IsFiring, long UnixMicroseconds, EventRecord? Event, bool WantsCapture, string Why)
{
    /// <summary>The rule that told of the incident before, for which this one is quiet; empty for none.</summary>
    internal string ToldBy { get; init; } = "";
}

/// <summary>Where an instance of a rule stands.</summary>
internal enum RuleState
{
    /// <summary>Looks, and sees nothing.</summary>
    Armed,

    /// <summary>The trigger holds, not yet for long enough.</summary>
    Pending,

    /// <summary>Fired, and the trigger holds.</summary>
    Firing,

    /// <summary>Fired; the trigger no longer holds, not yet for long enough.</summary>
    Clearing,

    /// <summary>A value that it needs is absent.</summary>
    NoData,
}

/// <summary>Where an instance of a rule stands, for people.</summary>
/// <param name="Since">When it came to stand there, or began to be watched, microseconds since 1970.</param>
/// <param name="IsLimited">True while a limit keeps it from acting.</param>
/// <param name="Why">What it saw last, predicate by predicate, with values; says why it does not fire.</param>
internal sealed record RuleStatus(string Rule, GpuSubject? Gpu, string Instance, RuleState State, long Since, bool IsShadow, bool IsLimited, long Fired, long Suppressed, string Why);
