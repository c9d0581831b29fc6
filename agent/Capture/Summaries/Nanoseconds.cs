namespace Monitoring.Agent.Capture.Summaries;

/// <summary>The profilers' unit of time, and the base unit of everything that is shown.</summary>
internal static class Nanoseconds
{
    internal const long PerSecond = 1_000_000_000;

    // A clock that was set after 2000 and is not 200 years ahead; what lies outside is a count from some other begin.
    private const long EarliestUnix = 946_684_800 * PerSecond;
    private const long LatestUnix = 8_000_000_000 * PerSecond;

    internal static double ToSeconds(long nanoseconds) => nanoseconds / (double)PerSecond;

    /// <summary>A moment; null where the count cannot be one since 1970.</summary>
    internal static DateTimeOffset? ToTime(long unix) =>
        unix is >= EarliestUnix and <= LatestUnix ? DateTimeOffset.UnixEpoch.AddTicks(unix / 100) : null;
}
