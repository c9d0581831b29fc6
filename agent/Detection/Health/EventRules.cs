using System.Globalization;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Health;

/// <summary>Rules that look at events alone: an event and the rule that fires for it are one incident, and give one reason.</summary>
internal static class EventRules
{
    /// <summary>True for a trigger that events alone make true.</summary>
    internal static bool IsOnEvents(TriggerDefinition trigger) => trigger switch
    {
        EventTrigger => true,
        AnyTrigger any => any.Parts.All(IsOnEvents),
        AllTrigger all => all.Parts.All(IsOnEvents),
        _ => false,
    };

    /// <summary>The reason that was given by the event for which a rule fires; null for a rule that counts several, or looks at more.</summary>
    /// <param name="subject">Where it fires.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="at">When it fires.</param>
    internal static HeldReason? Spoken(SubjectReasons subject, RuleDefinition rule, DateTimeOffset at)
    {
        if (!IsOnEvents(rule.Trigger)) return null;
        HeldReason? newest = null;
        foreach (var (_, held) in subject.All)
            if (held.IsPastFact && (newest is null || held.Reason.LastSeen > newest.Reason.LastSeen) && SpeaksOf(rule.Trigger, held.Reason, at)) newest = held;
        return newest;
    }

    private static bool SpeaksOf(TriggerDefinition trigger, HealthReason reason, DateTimeOffset at) => trigger switch
    {
        EventTrigger { Count: 1 } events => IsOf(events, reason.Cause) && Severity(reason.State) >= events.AtLeast && at - reason.LastSeen < events.Window,
        AnyTrigger any => any.Parts.Any(part => SpeaksOf(part, reason, at)),
        _ => false,
    };

    private static bool IsOf(EventTrigger events, string cause) => events.Codes.Count == 0
        ? Names(cause, events.Kind)
        : events.Codes.Any(code => Names(cause, string.Create(CultureInfo.InvariantCulture, $"{events.Kind}:{code}")));

    private static bool Names(string cause, string name) => cause.StartsWith(name, StringComparison.Ordinal) && (cause.Length == name.Length || cause[name.Length] == ':');

    private static EventSeverity Severity(HealthState state) => state == HealthState.Unhealthy ? EventSeverity.Critical : EventSeverity.Warning;
}
