using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection;

/// <summary>
/// What one source saw. Two sources that saw the same incident make one event of their sightings. Those that are not told yet, or wait for
/// the event that sums them up, are kept as JSON over a sudden end.
/// </summary>
internal sealed record Sighting
{
    /// <summary>Who saw it: <c>kmsg</c>, <c>journal</c>, <c>nvml</c>, the name of a probe.</summary>
    public required string Source { get; init; }

    /// <summary>Tells it from every other sighting of the source in this boot, and is the same when it is read again, such as the sequence number of a kernel record.</summary>
    public required string Key { get; init; }

    /// <summary>When it happened, by the wall clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>One of <see cref="EventKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Number within the kind, such as the XID.</summary>
    public int? Code { get; init; }

    /// <summary>The GPU as far as the source knows it; the rest is filled in from the inventory.</summary>
    public GpuReference? Gpu { get; init; }

    public EventSeverity Severity { get; init; }

    public EventPhase Phase { get; init; }

    /// <summary>Key of the sighting of this source that started the incident; set on the one that ends it.</summary>
    public string? Incident { get; init; }

    public string Component { get; init; } = "";

    public required string Title { get; init; }

    public string? RawLine { get; init; }

    public IReadOnlyList<EventValue> Values { get; init; } = [];

    public IReadOnlyDictionary<string, string>? Details { get; init; }

    public ProcessReference? Process { get; init; }

    public string SuggestedAction { get; init; } = "";

    public string Runbook { get; init; } = "";
}

/// <summary>How far a source has been read, in words of its own, so that nothing is read twice or missed after a restart.</summary>
/// <param name="Source">Name of the source.</param>
/// <param name="Value">Its position, such as boot id and sequence number.</param>
internal sealed record SourceCursor(string Source, string Value)
{
    /// <summary>True for one that is to be kept before what comes after it: it says what is about to be told.</summary>
    internal bool IsAhead { get; init; }
}
