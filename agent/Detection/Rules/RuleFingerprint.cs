using System.Globalization;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>Tells a rule that was changed from one that was only read again or moved within its file.</summary>
internal static class RuleFingerprint
{
    /// <summary>The same for definitions that say the same, over restarts too; where they were written does not count.</summary>
    internal static string Of(RuleDefinition rule)
    {
        var (filter, limits) = (rule.Filter, rule.Limits);
        string[] parts =
        [
            rule.Name, rule.Description, rule.Severity.ToString(), rule.Component,
            List(filter.Nodes), List(filter.Models), List(filter.Gpus), List(filter.Jobs),
            TriggerText.Of(rule.Trigger), Times(rule.Trigger), List(rule.Per), Number(rule.AtLeastGpus), Number(rule.For.Ticks), Number(rule.ClearFor.Ticks),
            rule.Actions.ToString(), Number(limits.Events), Number(limits.Captures), Number(limits.Window.Ticks), Number(limits.Cooldown.Ticks),
            rule.Shadow.ToString(), rule.Health.ToString(), rule.ClearedBy.ToString(), Number(rule.ClearedAfter.Ticks), rule.SuggestedAction, rule.Runbook, List(rule.ToldBy),
            // Only where something is said: rules that say nothing of it keep their state when the agent is replaced by one that knows of it.
            .. rule.Capture.IsDefault ? Array.Empty<string>() : ["capture", Number(rule.Capture.Duration?.Ticks ?? 0), List(rule.Capture.Profilers), rule.Capture.Control.ToString()],
        ];
        return EventId.Of(parts);
    }

    // The text of a trigger rounds durations for people.
    private static string Times(TriggerDefinition trigger) => trigger switch
    {
        WindowTrigger t => $"{Number(t.Window.Ticks)} {Number(t.Ago.Ticks)}",
        RateTrigger t => Number(t.Window.Ticks),
        IncreaseTrigger t => Number(t.Window.Ticks),
        AbsenceTrigger t => Number(t.After.Ticks),
        EventTrigger t => Number(t.Window.Ticks),
        TimeShareTrigger t => Number(t.Window.Ticks),
        HistoryTrigger t => Number(t.Window.Ticks),
        PeerTrigger { While: { } condition } => Times(condition),
        AllTrigger t => string.Join(',', t.Parts.Select(Times)),
        AnyTrigger t => string.Join(',', t.Parts.Select(Times)),
        NotTrigger t => Times(t.Part),
        _ => "",
    };

    private static string List<T>(IEnumerable<T> items) => string.Join('\n', items);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
