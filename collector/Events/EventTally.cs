using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Monitoring.Collector.Storage;
using Monitoring.Contracts.Events;

namespace Monitoring.Collector.Events;

/// <summary>Why an event was not taken.</summary>
internal enum EventRejection
{
    /// <summary>It is longer than allowed.</summary>
    Size,

    /// <summary>It is no UTF-8.</summary>
    Encoding,

    /// <summary>It is no event: bad JSON, a property missing or of a wrong kind.</summary>
    Malformed,

    /// <summary>A name in it is empty, too long or of a wrong form.</summary>
    Name,
}

/// <summary>Why an event is no longer kept.</summary>
internal enum EventExpiry
{
    /// <summary>It was older than the age limit when it arrived.</summary>
    Late,

    /// <summary>It became older than the age limit.</summary>
    Age,

    /// <summary>It made room for newer ones.</summary>
    Size,
}

/// <summary>What was taken in, refused and given up since the start. Counted by the store and by whoever fills it, read by scrapes.</summary>
internal sealed class EventTally : RecordTally<IncomingEvent>
{
    /// <summary>Clusters times kinds times severities that are shown; the rest of the clusters are one.</summary>
    public const int MostCombinations = 2000;

    /// <summary>What stands for a cluster or kind beyond those that are shown.</summary>
    public const string Other = "other";

    // Those of a newer agent are shown too, but not whatever a sender makes up.
    private const int MostUnknownKinds = 20;

    private static readonly string[] KnownKinds = [.. typeof(EventKinds).GetFields().Select(static field => (string)field.GetRawConstantValue()!)];

    private readonly ConcurrentDictionary<(string Cluster, string Kind, EventSeverity Severity), StrongCount> accepted = new();
    private readonly ConcurrentDictionary<string, byte> kinds = new(KnownKinds.Select(static kind => KeyValuePair.Create(kind, (byte)0)), StringComparer.Ordinal);
    private readonly long[] rejected = new long[Enum.GetValues<EventRejection>().Length];
    private readonly long[] expired = new long[Enum.GetValues<EventExpiry>().Length];
    private long ahead;

    /// <summary>Events taken and kept.</summary>
    public long Accepted => accepted.Sum(static pair => Volatile.Read(ref pair.Value.Count));

    /// <summary>Events kept that were dated later than they came.</summary>
    public long Ahead => Volatile.Read(ref ahead);

    /// <summary>Events refused for a reason.</summary>
    public long Rejected(EventRejection reason) => Volatile.Read(ref rejected[(int)reason]);

    /// <summary>Events no longer kept, by why.</summary>
    public long Expired(EventExpiry reason) => Volatile.Read(ref expired[(int)reason]);

    /// <summary>Counts an event that is kept; 0 makes its combination known.</summary>
    public void Accept(EventLabels labels, int count = 1) => Interlocked.Add(ref Find(labels).Count, count);

    /// <inheritdoc/>
    public override void Accept(IReadOnlyList<IncomingEvent> records)
    {
        foreach (var record in records) Accept(record.Labels);
        Interlocked.Add(ref ahead, records.Count(static record => record.IsAhead));
    }

    /// <summary>Counts refused events.</summary>
    public void Reject(EventRejection reason, int count = 1) => Interlocked.Add(ref rejected[(int)reason], count);

    /// <inheritdoc/>
    public override void BeLate(int count) => Interlocked.Add(ref expired[(int)EventExpiry.Late], count);

    /// <inheritdoc/>
    public override void Expire(long byAge, long bySize)
    {
        Interlocked.Add(ref expired[(int)EventExpiry.Age], byAge);
        Interlocked.Add(ref expired[(int)EventExpiry.Size], bySize);
    }

    /// <summary>The events kept, by cluster, kind and severity.</summary>
    public IEnumerable<Measurement<long>> ReadAccepted()
    {
        foreach (var ((cluster, kind, severity), count) in accepted)
        {
            var tags = new TagList { { "kind", kind }, { "severity", severity.ToString().ToLowerInvariant() } };
            if (cluster.Length > 0) tags.Add("cluster", cluster);
            yield return new Measurement<long>(Volatile.Read(ref count.Count), tags);
        }
    }

    private StrongCount Find(EventLabels labels)
    {
        var severity = Enum.IsDefined(labels.Severity) ? labels.Severity : EventSeverity.Unknown;
        var kind = KindOf(labels.Kind);
        if (accepted.TryGetValue((labels.Cluster, kind, severity), out var known)) return known;
        var cluster = accepted.Count < MostCombinations ? labels.Cluster : Other;
        return accepted.GetOrAdd((cluster, kind, severity), static _ => new StrongCount());
    }

    private string KindOf(string kind)
    {
        if (kinds.ContainsKey(kind)) return kind;
        return kinds.Count < KnownKinds.Length + MostUnknownKinds && kinds.TryAdd(kind, 0) ? kind : Other;
    }

    private sealed class StrongCount
    {
        internal long Count;
    }
}

/// <summary>What an event is counted by.</summary>
internal readonly record struct EventLabels(string Cluster, string Kind, EventSeverity Severity)
{
    /// <summary>Those of an event.</summary>
    public static EventLabels Of(EventRecord record) => new(record.Cluster, record.Kind, record.Severity);
}
