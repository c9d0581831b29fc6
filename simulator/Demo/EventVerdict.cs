using System.Globalization;
using Monitoring.Contracts.Events;

namespace Monitoring.Simulator.Demo;

/// <summary>Whether the collector's events tell what was played: each incident once, and nothing else.</summary>
internal static class EventVerdict
{
    /// <summary>An event is at the collector this long after its incident was ordered; the slowest rule of the demo takes 7 s of it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Two sources tell of one happening within this time.</summary>
    private static readonly TimeSpan SameHappening = TimeSpan.FromSeconds(5);

    /// <summary>Everything that is wrong, a sentence each.</summary>
    /// <param name="events">All events of the collector.</param>
    /// <param name="played">The incidents that were played, those of which no event could be expected yet left out.</param>
    /// <param name="touched">Every GPU on which an incident was ordered, and when.</param>
    public static IReadOnlyList<string> Wrong(
        IReadOnlyList<EventRecord> events, IReadOnlyList<PlayedIncident> played, IReadOnlyList<(string Node, int Gpu, DateTimeOffset Since)> touched) =>
    [
        .. played.Where(incident => incident.Event is null).Select(incident => string.Create(
            CultureInfo.InvariantCulture, $"incident {incident.Victim}: no event {incident.Incident} at the collector within {Patience.TotalSeconds:0} s")),
        .. events.GroupBy(record => record.Id).Where(same => same.Count() > 1).Select(same => $"event {same.Key} is there {same.Count()} times"),
        .. Twins(events).Select(record => $"one happening became two events: {Told(record)}"),
        .. events.Where(record => IsAlarm(record) && !IsExplained(record, touched)).Select(record => $"nothing was injected there: {Told(record)}"),
    ];

    /// <summary>An event on one line.</summary>
    public static string Told(EventRecord record)
    {
        var place = record.Gpu?.Index is { } gpu ? string.Create(CultureInfo.InvariantCulture, $"{record.Node} GPU {gpu}") : record.Node;
        var ended = record.Phase == EventPhase.Ended ? "ended" : record.Severity.ToString().ToLowerInvariant();
        return $"{place,-18} {ended,-8} {record.Title}";
    }

    private static IEnumerable<EventRecord> Twins(IEnumerable<EventRecord> events) =>
        // The stages of one capture follow each other within seconds.
        from same in events.Where(record => record.Kind != EventKinds.Capture).GroupBy(record => (record.Node, record.Gpu?.Uuid, record.Kind, record.Code, record.Rule, record.Phase, record.Kind == EventKinds.Infiniband ? record.Title : ""))
        let inOrder = same.OrderBy(record => record.Time).ToArray()
        from pair in inOrder.Zip(inOrder.Skip(1))
        where pair.First.Id != pair.Second.Id && pair.Second.Time - pair.First.Time < SameHappening
        select pair.Second;

    private static bool IsAlarm(EventRecord record) =>
        record.Phase != EventPhase.Ended && record.Severity is EventSeverity.Warning or EventSeverity.Critical;

    private static bool IsExplained(EventRecord record, IEnumerable<(string Node, int Gpu, DateTimeOffset Since)> touched) =>
        touched.Any(victim => victim.Node == record.Node && victim.Since <= record.Time && (record.Gpu?.Index is not { } gpu || gpu == victim.Gpu));
}
