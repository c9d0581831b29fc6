using System.Text.Json;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Health;

/// <summary>What outlives a restart of the agent.</summary>
internal sealed partial class HealthEvaluator
{
    private void Restore()
    {
        var recent = journal.Recent(EventsToCatchUp);
        var savedAt = DateTimeOffset.MinValue;
        if (journal.State(StateName) is { } state)
        {
            try
            {
                var memory = HealthMemory.Read(state);
                memory.Recall(ledger, time);
                lastEvent = memory.LastEvent;
                savedAt = memory.SavedAt;
                // A reboot sets every counter back, and is known by itself.
                if (memory.BootId == node.BootId) resets.Recall(memory.Energies, memory.SavedAt);
                // A boot id that is not known says nothing.
                if (memory.BootId != node.BootId && memory.BootId.Length > 0 && node.BootId.Length > 0) Release(ledger.Subjects, null, ClearedBy.Reset, ClearedBy.Reboot);
            }
            catch (Exception fault) when (fault is JsonException or OverflowException or ArgumentException)
            {
                LogForgotten(fault.Message);
            }
        }
        // The other sources remember what they said, and say its end, even over a restart.
        foreach (var subject in ledger.Subjects)
            foreach (var (_, held) in subject.All.Where(static entry => entry.Value.Reason is { Rule: null, IsHolding: true, Cause: EventKinds.DriverStuck }))
            {
                held.OpenIncidents.Clear();
                held.BeginQuiet(time);
                held.ClearAfter(UnconfirmedLasts, time);
            }
        var known = -1;
        for (var i = 0; i < recent.Count; i++)
            if (recent[i].Id == lastEvent) known = i;
        // Where the last one is not among them any more, the clock must say what is new: an event that was taken and whose reason
        // was cleared must not come back.
        foreach (var record in recent.Skip(known + 1))
        {
            if (record.BootId != node.BootId || (known < 0 && record.Time <= savedAt)) continue;
            if (record.Rule is null) Take(record);
            else findings.Add(record);
        }
    }

    private void TakeFindings(IReadOnlyList<RuleDefinition> rules)
    {
        var newest = lastEvent;
        foreach (var finding in findings)
        {
            if (rules.FirstOrDefault(rule => rule.Name == finding.Rule) is not { } rule) continue;
            var gpu = finding.Gpu is { } named ? GpuSubject.Of(named) : null;
            var instance = finding.Evidence.Details?.GetValueOrDefault("instance") ?? "";
            Take(new RuleChange(rule, gpu, instance, finding.Phase != EventPhase.Ended, WallClock.ToUnixMicroseconds(finding.Time), finding, WantsCapture: false, finding.Title));
        }
        findings.Clear();
        lastEvent = newest;
    }

    [LoggerMessage(EventId = 1652, Level = LogLevel.Error, Message = "What was known of health cannot be read and is forgotten: {Reason}.")]
    private partial void LogForgotten(string reason);
}
