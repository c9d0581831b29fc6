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
    public LogCursor? After { get; init; }
}

/// <summary>A place in the order of queries: newest first, and of the same time the one that arrived last first.</summary>
/// <param name="TimeTicks">Time of the line, UTC, ticks of 100 ns.</param>
/// <param name="Sequence">Its place in the store.</param>
internal readonly record struct LogCursor(long TimeTicks, ulong Sequence) : IComparable<LogCursor>
{
    /// <inheritdoc/>
    public int CompareTo(LogCursor other)
    {
        var byTime = TimeTicks.CompareTo(other.TimeTicks);
        return byTime != 0 ? byTime : Sequence.CompareTo(other.Sequence);
    }
}

/// <summary>A page of log lines.</summary>
/// <param name="Lines">The documents, newest first.</param>
/// <param name="Next">Where the next page begins; null where there is none. A page that looked through enough has one though it has few lines, or none.</param>
internal sealed record LogPage(IReadOnlyList<ReadOnlyMemory<byte>> Lines, LogCursor? Next);
