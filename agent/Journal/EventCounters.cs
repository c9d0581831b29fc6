using System.Globalization;
using Monitoring.Agent.Detection;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Journal;

/// <summary>
/// The counters that are made of events. They go through the journal as the events do, so that an event on disk is counted and a
/// counted event is on disk. Not thread-safe.
/// </summary>
internal sealed class EventCounters
{
    internal const string Xids = "gpu_xid_events_total";
    internal const string Anomalies = "gpu_anomalies_total";
    internal const string Events = "gpu_events_total";
    internal const string Captures = "gpu_captures_total";
    internal const string CaptureRefusals = "gpu_capture_refusals_total";

    /// <summary>Between two labels in one value.</summary>
    internal const char Separator = '/';

    /// <summary>Value, or GPU, of what is over a limit.</summary>
    internal const string Other = "other";

    /// <summary>XIDs of one GPU that are told apart.</summary>
    internal const int XidsAtMost = 64;

    // More GPUs than a node ever has, since boards are replaced and their counts stay.
    internal const int GpusAtMost = 32;
    internal const int ValuesAtMost = 128;

    private readonly Dictionary<(string Counter, string Subject), Dictionary<string, long>> counts = [];
    private readonly Dictionary<string, int> indexes = new(StringComparer.Ordinal);

    internal EventCounters()
    {
    }

    private EventCounters(EventCounters from)
    {
        foreach (var (key, values) in from.counts) counts.Add(key, new Dictionary<string, long>(values, StringComparer.Ordinal));
        foreach (var (uuid, index) in from.indexes) indexes.Add(uuid, index);
    }

    /// <summary>Everything that was counted, in no order.</summary>
    internal IEnumerable<Count> All => counts.SelectMany(static subject => subject.Value.Select(value => new Count(subject.Key.Counter, subject.Key.Subject, value.Key, value.Value)));

    internal EventCounters Clone() => new(this);

    /// <summary>How a counter names a GPU; empty for the node.</summary>
    internal static string Subject(GpuReference? gpu) =>
        gpu is null ? "" : gpu.Uuid.Length > 0 ? gpu.Uuid : gpu.Index is { } index ? "#" + index.ToString(CultureInfo.InvariantCulture) : "";

    /// <summary>What an event adds.</summary>
    internal static IEnumerable<Count> Of(EventRecord record)
    {
        yield return new Count(Events, record.Kind, SeverityLabel(record.Severity), 1);
        // An event may sum up a storm of incidents; every one of them counts.
        if (record is { Kind: EventKinds.Xid, Code: { } code })
            yield return new Count(Xids, Subject(record.Gpu), code.ToString(CultureInfo.InvariantCulture), SightingMerger.IncidentsOf(record));
        // The end of an incident is no further anomaly.
        if (record is { Kind: EventKinds.Anomaly, Rule: { } rule, Phase: not EventPhase.Ended }) yield return new Count(Anomalies, Subject(record.Gpu), rule, 1);
        if (record is { Kind: EventKinds.Capture, Evidence.Details: { } details })
            foreach (var count in OfCapture(details)) yield return count;
    }

    /// <summary>A capture that is over counts once for each of its profilers, one that was refused for the reason.</summary>
    private static IEnumerable<Count> OfCapture(IReadOnlyDictionary<string, string> details)
    {
        if (!details.TryGetValue(CaptureEventDetails.Trigger, out var trigger)) yield break;
        if (details.TryGetValue(CaptureEventDetails.Refusal, out var refusal)) yield return new Count(CaptureRefusals, trigger, refusal, 1);
        foreach (var result in details.GetValueOrDefault(CaptureEventDetails.Results, "").Split(',', StringSplitOptions.RemoveEmptyEntries))
            if (result.Split(':') is [var profiler, var outcome]) yield return new Count(Captures, profiler, $"{trigger}{Separator}{outcome}", 1);
    }

    /// <summary>Adds an event.</summary>
    internal void Add(EventRecord record)
    {
        if (record.Gpu is { Uuid.Length: > 0, Index: { } index }) Place(record.Gpu.Uuid, index);
        foreach (var count in Of(record)) Add(count);
    }

    /// <summary>Adds to a counter; what is over a limit is counted as <see cref="Other"/>.</summary>
    internal void Add(Count count)
    {
        if (!counts.TryGetValue((count.Counter, count.Subject), out var values))
        {
            var subject = counts.Keys.Count(key => key.Counter == count.Counter) < GpusAtMost ? count.Subject : Other;
            if (!counts.TryGetValue((count.Counter, subject), out values)) counts.Add((count.Counter, subject), values = new Dictionary<string, long>(StringComparer.Ordinal));
        }
        var limit = count.Counter == Xids ? XidsAtMost : ValuesAtMost;
        var value = values.ContainsKey(count.Value) || values.Count < limit ? count.Value : Other;
        values[value] = values.GetValueOrDefault(value) + count.Amount;
    }

    /// <summary>Says where a GPU is now.</summary>
    internal void Place(string uuid, int index)
    {
        if (indexes.Count < GpusAtMost || indexes.ContainsKey(uuid)) indexes[uuid] = index;
    }

    /// <summary>The last index of a GPU as a label; empty where it is not known.</summary>
    internal string IndexLabel(string subject) =>
        subject.StartsWith('#') ? subject[1..] : indexes.TryGetValue(subject, out var index) ? index.ToString(CultureInfo.InvariantCulture) : "";

    /// <summary>What stands for all of it in a snapshot.</summary>
    internal CountersEntry Snapshot() => new([.. All], new Dictionary<string, int>(indexes));

    /// <summary>Forgets everything for a snapshot.</summary>
    internal void Restore(CountersEntry snapshot)
    {
        counts.Clear();
        indexes.Clear();
        foreach (var (uuid, index) in snapshot.Indexes) Place(uuid, index);
        foreach (var count in snapshot.Counts) Add(count);
    }

    /// <summary>A severity as a label.</summary>
    internal static string SeverityLabel(EventSeverity severity) => severity switch
    {
        EventSeverity.Critical => "critical",
        EventSeverity.Warning => "warning",
        EventSeverity.Info => "info",
        _ => "unknown",
    };
}
