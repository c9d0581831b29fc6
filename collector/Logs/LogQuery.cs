using Monitoring.Collector.Storage;
using Monitoring.Settings.Logs;

namespace Monitoring.Collector.Logs;

/// <summary>Which log lines are asked for; what is null does not matter.</summary>
internal sealed record LogQuery
{
    public string? Node { get; init; }

    /// <summary>The least level.</summary>
    public LogThreshold? Level { get; init; }

    /// <summary>The earliest time, inclusive.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The latest time, inclusive.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Words of which each must be in what the line says, in any case; empty for none.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>How many lines a page has at most.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Where the page before ended; null for the newest lines.</summary>
    public RecordCursor? After { get; init; }
}
