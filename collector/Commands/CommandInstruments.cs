using System.Diagnostics.Metrics;
using Monitoring.Collector.Captures;

namespace Monitoring.Collector.Commands;

/// <summary>What the collector's own page says of commands, the budget and the audit. All exist at 0 from the start.</summary>
internal sealed class CommandInstruments
{
    /// <summary>Creates the instruments on <paramref name="meter"/>.</summary>
    public CommandInstruments(Meter meter, CommandHub hub, CommandQueue queue, FleetBudget budget, RefusedCaptures refused, ProgressEndpoint progress, AlertEndpoint alerts, AuditLog audit, CommandJournal journal)
    {
        meter.CreateObservableGauge("gpu.collector.agents_connected", () => hub.Count, "{agent}", "Agents that hold a stream of commands open.");
        meter.CreateObservableCounter("gpu.collector.command_streams_replaced", () => hub.Replaced, "{stream}", "Streams that a newer one of the same node replaced; many of them are two agents with one name.");
        meter.CreateObservableGauge("gpu.collector.commands_waiting", () => queue.Count, "{command}", "Commands that wait until their agents have spoken of them.");
        meter.CreateObservableCounter("gpu.collector.commands_sent", () => hub.Sent, "{command}", "Commands written to streams, repeated ones included.");
        meter.CreateObservableCounter("gpu.collector.commands_expired", () => queue.Expired, "{command}", "Commands that no agent took in time.");
        meter.CreateObservableCounter("gpu.collector.command_journal_failures", () => journal.Failures, "{failure}", "Times that the state of commands could not be written, such as on a full disk.");
        meter.CreateObservableGauge("gpu.collector.captures_under_way", () => budget.Active, "{capture}", "Captures that the budget counts as under way.");
        meter.CreateObservableCounter("gpu.collector.capture_budget_answers", () => Answers(budget), "{answer}", "Captures that the budget let in (granted) and refused.");
        meter.CreateObservableCounter("gpu.collector.capture_refusals", () => Refusals(refused), "{capture}", "Captures of people, alerts, schedules and controls that the collector refused before a node spoke of them, by reason.");
        meter.CreateObservableCounter("gpu.collector.capture_progress", () => Progress(progress), "{word}", "Words of nodes about captures: taken, stale (older than what was known) and rejected.");
        meter.CreateObservableCounter("gpu.collector.capture_alerts", () => Alerts(alerts), "{alert}", "Alerts that Alertmanager sent, by what was done about them.");
        meter.CreateObservableCounter("gpu.collector.audit_entries", () => audit.Written, "{entry}", "Entries of the audit of captures.");
        meter.CreateObservableCounter("gpu.collector.audit_failures", () => audit.Failures, "{failure}", "Times that the audit of captures could not be written.");
    }

    private static IEnumerable<Measurement<long>> Answers(FleetBudget budget) =>
        [new(budget.Granted, new KeyValuePair<string, object?>("answer", "granted")), new(budget.Refused, new KeyValuePair<string, object?>("answer", "refused"))];

    private static IEnumerable<Measurement<long>> Refusals(RefusedCaptures refused)
    {
        foreach (var ((trigger, reason), count) in refused.Counts)
            yield return new Measurement<long>(count, new KeyValuePair<string, object?>("trigger", trigger), new KeyValuePair<string, object?>("reason", CaptureWords.Of(reason)));
    }

    private static IEnumerable<Measurement<long>> Alerts(AlertEndpoint alerts)
    {
        foreach (var (outcome, count) in alerts.Outcomes) yield return new Measurement<long>(count, new KeyValuePair<string, object?>("outcome", outcome));
    }

    private static IEnumerable<Measurement<long>> Progress(ProgressEndpoint progress) =>
    [
        new(progress.Taken, new KeyValuePair<string, object?>("outcome", "taken")), new(progress.Stale, new KeyValuePair<string, object?>("outcome", "stale")),
        new(progress.Rejected, new KeyValuePair<string, object?>("outcome", "rejected")),
    ];
}
