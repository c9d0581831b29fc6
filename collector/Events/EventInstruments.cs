using System.Diagnostics.Metrics;

namespace Monitoring.Collector.Events;

/// <summary>What the collector's own page says of events. All counters without a cluster exist at 0 from the start.</summary>
internal sealed class EventInstruments
{
    /// <summary>Name of the instrument that has a series for each cluster, kind and severity.</summary>
    public const string ByCluster = "gpu.collector.events";

    /// <summary>Series that <see cref="ByCluster"/> may have.</summary>
    public const int SeriesAtMost = EventTally.MostCombinations + 200;

    /// <summary>Creates the instruments on <paramref name="meter"/>.</summary>
    public EventInstruments(Meter meter, EventStore store)
    {
        var tally = store.Tally;
        meter.CreateObservableCounter(ByCluster, tally.ReadAccepted, "{event}", "Events taken and kept, each once.");
        meter.CreateObservableCounter("gpu.collector.event_duplicates", () => tally.Duplicates, "{event}", "Events that came again after they had been kept.");
        meter.CreateObservableCounter("gpu.collector.events_ahead", () => tally.Ahead, "{event}", "Events that were dated later than they came, and are ordered by when they came: the clock of their node is wrong.");
        meter.CreateObservableCounter("gpu.collector.events_rejected", () => Each<EventRejection>(tally.Rejected), "{event}", "Events refused one by one, by reason.");
        meter.CreateObservableCounter("gpu.collector.events_expired", () => Each<EventExpiry>(tally.Expired), "{event}", "Events that are not kept any more: too old on arrival (late), by age, or to make room (size).");
        meter.CreateObservableCounter("gpu.collector.event_store_failures", () => tally.StoreFailures, "{failure}", "Times that events could not be written, such as on a full disk; their senders keep them.");
        meter.CreateObservableGauge("gpu.collector.events_stored", () => store.Count, "{event}", "Events that are kept.");
        meter.CreateObservableGauge("gpu.collector.event_store", () => store.SizeBytes, "By", "Room that the kept events take, on disk or, without a state directory, in memory.");
    }

    private static IEnumerable<Measurement<long>> Each<TReason>(Func<TReason, long> count)
        where TReason : struct, Enum
    {
        foreach (var reason in Enum.GetValues<TReason>())
            yield return new Measurement<long>(count(reason), new KeyValuePair<string, object?>("reason", reason.ToString().ToLowerInvariant()));
    }
}
