using System.Globalization;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Journal;

/// <summary>Answers for the metrics that the journal knows. Counters that nothing was counted in stand at 0, so that their first step is seen.</summary>
/// <param name="journal">The journal.</param>
/// <param name="gpus">The GPUs of the node: index and UUID.</param>
/// <param name="xids">The XIDs that rules look for.</param>
/// <param name="rules">The rules that are loaded, and whether each looks at single GPUs.</param>
internal sealed class JournalReadings(
    EventJournal journal, Func<IReadOnlyList<(int Index, string Uuid)>> gpus, Func<IReadOnlyCollection<int>> xids, Func<IReadOnlyCollection<(string Name, bool IsOfGpus)>> rules)
{
    private const string Sink = "journal";

    // Those that somebody is called for; for the others a first step that is not seen costs nothing.
    private static readonly string[] Severities = [EventCounters.SeverityLabel(EventSeverity.Warning), EventCounters.SeverityLabel(EventSeverity.Critical)];

    /// <summary>Registers every reader.</summary>
    internal void Register(NodeReadings readings)
    {
        readings.Add(MetricTable.XidEvents, () => OfGpus(EventCounters.Xids, [.. xids().Take(EventCounters.XidsAtMost).Select(static code => (code.ToString(CultureInfo.InvariantCulture), true))]));
        readings.Add(MetricTable.Anomalies, () => OfGpus(EventCounters.Anomalies, [.. rules().Take(EventCounters.ValuesAtMost)]));
        readings.Add(MetricTable.Events, OfKinds);
        readings.Add(MetricTable.Captures, () => Captures().Select(static count => count.Value.Split(EventCounters.Separator) is [var trigger, var result]
            ? new NodeReading(count.Amount, count.Subject, trigger, result) : new NodeReading(count.Amount, count.Subject, EventCounters.Other, EventCounters.Other)));
        readings.Add(MetricTable.CaptureRefusals, () => journal.Counters(static counters => counters.All.Where(static count => count.Counter == EventCounters.CaptureRefusals)
            .Select(static count => new NodeReading(count.Amount, count.Subject, count.Value)).ToList()));
        readings.Add(MetricTable.JournalBytes, () => journal.Bytes);
        readings.Add(MetricTable.JournalDamages, () => [new NodeReading(journal.TornRecords, "torn"), new NodeReading(journal.Damages, "damaged")]);
        readings.Add(MetricTable.SinkEventsDropped, () => journal.Dropped().Select(static drop => new NodeReading(drop.Count, Sink, drop.Reason)));
    }

    private List<NodeReading> OfGpus(string counter, IReadOnlyList<(string Value, bool IsOfGpus)> known)
    {
        var now = gpus().Where(static gpu => gpu.Uuid.Length > 0).DistinctBy(static gpu => gpu.Uuid).ToDictionary(static gpu => gpu.Uuid, static gpu => gpu.Index.ToString(CultureInfo.InvariantCulture));
        return journal.Counters(counters =>
        {
            var counts = counters.All.Where(count => count.Counter == counter).ToDictionary(static count => (count.Subject, count.Value), static count => count.Amount);
            foreach (var (value, isOfGpus) in known)
                foreach (var subject in isOfGpus ? (IEnumerable<string>)now.Keys : [""]) counts.TryAdd((subject, value), 0);
            return counts.Select(count => Reading(count.Value, now.GetValueOrDefault(count.Key.Subject) ?? counters.IndexLabel(count.Key.Subject), count.Key.Subject, count.Key.Value)).ToList();
        });
    }

    private static NodeReading Reading(long amount, string index, string subject, string value) => new(amount, index, subject.StartsWith('#') ? "" : subject, value);

    /// <summary>Those of rules from 0 on: their first one is a step that somebody may look for.</summary>
    private List<Count> Captures() => journal.Counters(static counters =>
    {
        var counts = counters.All.Where(static count => count.Counter == EventCounters.Captures).ToList();
        foreach (var value in (string[])[$"{TriggerKinds.Rule}{EventCounters.Separator}done", $"{TriggerKinds.Rule}{EventCounters.Separator}failed"])
            if (!counts.Exists(count => count.Subject == ProfilerNames.Counters && count.Value == value)) counts.Add(new Count(EventCounters.Captures, ProfilerNames.Counters, value, 0));
        return counts;
    });

    private IEnumerable<NodeReading> OfKinds() => journal.Counters(static counters =>
    {
        var counts = counters.All.Where(static count => count.Counter == EventCounters.Events).ToDictionary(static count => (count.Subject, count.Value), static count => count.Amount);
        foreach (var kind in EventKinds.All)
            foreach (var severity in Severities) counts.TryAdd((kind, severity), 0);
        return counts.Select(static count => new NodeReading(count.Value, count.Key.Subject, count.Key.Value)).ToList();
    });
}
