using Monitoring.Agent.Detection.KernelLog;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Detection;

/// <summary>Answers for the metrics of detection itself.</summary>
internal sealed class DetectionReadings(
    IReadOnlyList<IEventSource> sources, KernelLogSource? kernel, JournalSource? journal, SightingMerger merger, DetectionLoop loop)
{
    private const string ShadowFiring = "shadow_firing";

    private static readonly string[] States = [.. Enum.GetNames<RuleState>().Select(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    /// <summary>Registers every reader.</summary>
    internal void Register(NodeReadings readings)
    {
        readings.Add(MetricTable.EventSourceUp, () => sources.Where(static source => source.IsInUse).Select(static source => new NodeReading(source.Trouble.Length == 0 ? 1 : 0, source.Name)));
        readings.Add(MetricTable.SightingsDropped, Dropped);
        readings.Add(MetricTable.KernelLogRecords, () => KernelLog(kernel?.Records, journal?.Records));
        readings.Add(MetricTable.KernelLogLostRecords, () => KernelLog(kernel?.Lost, journal?.Lost));
        readings.Add(MetricTable.SightingsMerged, () => merger.Merged);
        readings.Add(MetricTable.EventsHeld, () => merger.Held);
        readings.Add(MetricTable.DetectionRounds, () => loop.Rounds);
        readings.Add(MetricTable.DetectionSeconds, () => loop.Busy.TotalSeconds);
        readings.Add(MetricTable.DetectionFaults, () => loop.Faults);
        readings.Add(MetricTable.FramesMissed, () => loop.FramesMissed);
        readings.Add(MetricTable.RuleStates, RuleStates);
        readings.Add(MetricTable.RulesLimited, () => loop.Rules.Tallies().Select(static rule => new NodeReading(rule.Suppressed, rule.Rule)));
    }

    private IEnumerable<NodeReading> Dropped()
    {
        foreach (var source in sources)
            if (source.Dropped is var (reason, count)) yield return new NodeReading(count, source.Name, reason);
    }

    private IEnumerable<NodeReading> RuleStates()
    {
        // Whoever alerts on firing must tell a quiet rule, 0, from one that is not there. Of the other states those where nobody stands are
        // left out: five of every rule would be more series than the GPUs of a small node have. A rule in shadow has a state of its own for
        // firing, so that no alert takes it for one that acts.
        foreach (var rule in loop.Rules.Tallies())
            for (var state = 0; state < States.Length; state++)
                if (rule.ByState[state] > 0 || state == (int)RuleState.Firing) yield return new NodeReading(rule.ByState[state], rule.Rule, rule.IsShadow && state == (int)RuleState.Firing ? ShadowFiring : States[state]);
    }

    private static IEnumerable<NodeReading> KernelLog(long? fromDevice, long? fromJournal)
    {
        if (fromDevice is { } device) yield return new NodeReading(device, KernelLogSource.SourceName);
        if (fromJournal is { } lines) yield return new NodeReading(lines, JournalSource.SourceName);
    }
}
