using Monitoring.Contracts.Captures;

namespace Monitoring.Collector.Captures;

/// <summary>Which captures are asked for; what is null does not matter.</summary>
internal sealed record CaptureQuery
{
    public string? Node { get; init; }

    /// <summary>Index of a GPU on its node; a capture of every GPU has each.</summary>
    public int? Gpu { get; init; }

    public string? Rule { get; init; }

    /// <summary>One of <see cref="TriggerKinds"/>.</summary>
    public string? Trigger { get; init; }

    public string? Job { get; init; }

    public CaptureStage? Stage { get; init; }

    /// <summary>The earliest time, inclusive.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The latest time, inclusive.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Words of which each must be in what the capture says, in any case; empty for none.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>How many captures a page has at most.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Where the page before ended; null for the newest captures.</summary>
    public CaptureCursor? After { get; init; }

    /// <summary>Whether a capture is what is asked for.</summary>
    public bool Matches(CaptureEntry entry)
    {
        var record = entry.Record;
        var request = record.Manifest?.Request ?? record.Request;
        return (Node is null || record.Node == Node)
            && (Stage is null || record.Stage == Stage)
            && (Since is null || entry.At >= Since)
            && (Until is null || entry.At <= Until)
            && (Trigger is null || request?.Trigger.Kind == Trigger)
            && (Rule is null || request?.Trigger is { Kind: TriggerKinds.Rule } trigger && trigger.Name == Rule)
            && (Job is null || Job == (record.Manifest?.Job?.Id ?? request?.Target.Job))
            && (Gpu is not { } gpu || HasGpu(record.Manifest, request, gpu))
            && Words.All(word => entry.Text.Contains(word, StringComparison.Ordinal));
    }

    private static bool HasGpu(CaptureManifest? manifest, CaptureRequest? request, int gpu) => manifest is not null
        ? manifest.Gpus.Any(captured => captured.Index == gpu)
        : request is not null && (request.Target.Gpus is { Count: > 0 } gpus ? gpus.Contains(gpu) : request.Target.Uuids is not { Count: > 0 });
}

/// <summary>A place in the order of queries: newest first, of the same time by id.</summary>
internal readonly record struct CaptureCursor(long TimeTicks, string Id) : IComparable<CaptureCursor>
{
    /// <summary>The place of a capture.</summary>
    public static CaptureCursor Of(CaptureEntry entry) => new(entry.At.UtcTicks, entry.Record.Id);

    /// <inheritdoc/>
    public int CompareTo(CaptureCursor other)
    {
        var byTime = TimeTicks.CompareTo(other.TimeTicks);
        return byTime != 0 ? byTime : string.CompareOrdinal(Id, other.Id);
    }
}

/// <summary>A page of captures.</summary>
/// <param name="Captures">The captures, newest first.</param>
/// <param name="Next">Where the next page begins; null where there is none.</param>
internal sealed record CapturePage(IReadOnlyList<CaptureEntry> Captures, CaptureCursor? Next);
