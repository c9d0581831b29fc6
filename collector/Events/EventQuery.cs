using Monitoring.Collector.Storage;
using Monitoring.Contracts.Events;

namespace Monitoring.Collector.Events;

/// <summary>Which events are asked for; what is null does not matter.</summary>
internal sealed record EventQuery
{
    public string? Node { get; init; }

    public string? Cluster { get; init; }

    /// <summary>Index of the GPU on its node.</summary>
    public int? Gpu { get; init; }

    /// <summary>UUID of the GPU.</summary>
    public string? Uuid { get; init; }

    public string? Kind { get; init; }

    public EventSeverity? Severity { get; init; }

    public string? Rule { get; init; }

    public int? Code { get; init; }

    /// <summary>The earliest time, inclusive.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The latest time, inclusive.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>How many events a page has at most.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Where the page before ended; null for the newest events.</summary>
    public RecordCursor? After { get; init; }

    /// <summary>Whether an event is what is asked for, by its own words.</summary>
    public bool Matches(EventRecord record) =>
        (Node is null || record.Node == Node)
        && (Cluster is null || record.Cluster == Cluster)
        && (Gpu is null || record.Gpu?.Index == Gpu)
        && (Uuid is null || record.Gpu?.Uuid == Uuid)
        && (Kind is null || record.Kind == Kind)
        && (Severity is null || record.Severity == Severity)
        && (Rule is null || record.Rule == Rule)
        && (Code is null || record.Code == Code)
        && (Since is null || record.BelievedTime >= Since)
        && (Until is null || record.BelievedTime <= Until);
}
