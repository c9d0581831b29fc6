using Monitoring.Agent.Detection.Rules;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Health;

/// <summary>A reason with what it takes to end it.</summary>
/// <param name="reason">What is shown.</param>
/// <param name="after">How long it must be quiet, where time or the end of the condition clears it.</param>
/// <param name="isPastFact">True for what happened at one instant: a reset or reboot ends it whatever a rule still counts.</param>
internal sealed class HeldReason(HealthReason reason, TimeSpan after, bool isPastFact)
{
    /// <summary>Started events at once of one cause; with more, the oldest are taken for ended.</summary>
    private const int OpenIncidentsAtMost = 16;

    internal HealthReason Reason { get; set; } = reason;

    internal TimeSpan After { get; set; } = after;

    internal bool IsPastFact { get; set; } = isPastFact;

    /// <summary>True once a reset or a person cleared it while its condition still held: the end of the condition then ends it.</summary>
    internal bool EndsWithCondition { get; set; }

    /// <summary>Started events that were not ended; what a rule says has none.</summary>
    internal List<string> OpenIncidents { get; } = [];

    /// <summary>When time clears it, as a timestamp that clock steps do not move; null while something else must.</summary>
    internal long? ClearsAt { get; set; }

    internal void Open(string incident)
    {
        if (OpenIncidents.Contains(incident)) return;
        if (OpenIncidents.Count == OpenIncidentsAtMost) OpenIncidents.RemoveAt(0);
        OpenIncidents.Add(incident);
    }

    /// <summary>Says once more what is known already, in the words of the newest.</summary>
    internal void Repeat(HealthReason again, TimeSpan after, bool isPastFact)
    {
        var worst = Reason.State > again.State ? Reason.State : again.State;
        var (isSameFact, before) = (IsPastFact && isPastFact, Reason.ClearedBy);
        Reason = again with { Since = Reason.Since, State = worst, Count = Reason.Count + 1, Rule = again.Rule ?? (isSameFact ? Reason.Rule : null) };
        // What a rule asked for the first time is asked for again: it may still fire for the first, and then does not do so anew.
        if (isSameFact) Reason = Reason with { ClearedBy = Stronger(before, again.ClearedBy) };
        After = isSameFact && After > after ? After : after;
        IsPastFact = isPastFact;
        EndsWithCondition = false;
        ClearsAt = null;
    }

    /// <summary>A rule fired for the event that gave this reason: what the rule asks for is asked of this one incident.</summary>
    internal void Join(RuleDefinition rule, TimeProvider time)
    {
        Reason = Reason with
        {
            Rule = rule.Name,
            State = Reason.State > rule.Health ? Reason.State : rule.Health,
            SuggestedAction = rule.SuggestedAction.Length > 0 ? rule.SuggestedAction : Reason.SuggestedAction,
            Runbook = rule.Runbook.Length > 0 ? rule.Runbook : Reason.Runbook,
            ClearedBy = Stronger(Reason.ClearedBy, rule.ClearedBy),
        };
        if (rule.ClearedBy == ClearedBy.Time && rule.ClearedAfter > After) After = rule.ClearedAfter;
        StopTimer();
        if (Reason.ClearedBy == ClearedBy.Time) ClearAfter(After, time);
    }

    /// <summary>The condition of it no longer holds, or it never had one: from now on time may clear it.</summary>
    internal void BeginQuiet(TimeProvider time)
    {
        Reason = Reason with { IsHolding = false };
        if (Reason.ClearedBy is ClearedBy.Condition or ClearedBy.Time) ClearAfter(After, time);
    }

    /// <summary>Clears it by time, so long from now.</summary>
    internal void ClearAfter(TimeSpan left, TimeProvider time)
    {
        ClearsAt = time.GetTimestamp() + (long)(left.TotalSeconds * time.TimestampFrequency);
        Reason = Reason with { ClearsAt = time.GetUtcNow() + left };
    }

    /// <summary>What of its time is left.</summary>
    internal TimeSpan? Left(TimeProvider time) => ClearsAt is { } at ? time.GetElapsedTime(time.GetTimestamp(), at) : null;

    // As they are declared, but that the end of a condition is no remedy for what happened at one instant.
    private static ClearedBy Stronger(ClearedBy one, ClearedBy other) => one > other ? one : other;

    private void StopTimer()
    {
        ClearsAt = null;
        Reason = Reason with { ClearsAt = null };
    }

    /// <summary>The cause of an event: what happens again for the same thing is the same.</summary>
    internal static string CauseOf(EventRecord record)
    {
        var cause = record.Code is { } code ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{record.Kind}:{code}") : record.Kind;
        foreach (var name in Discriminators)
            if (record.Evidence.Details?.GetValueOrDefault(name) is { Length: > 0 } value) cause += $":{name}={value}";
        return cause;
    }

    // Details that name one thing among several of the node.
    private static readonly string[] Discriminators = ["service", "device", "port", "address", "link", DriverMatters.Detail];
}
