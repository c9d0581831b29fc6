namespace Monitoring.Agent.Detection.Rules;

/// <summary>Times of the wall clock as frames carry them: microseconds since 1970.</summary>
internal static class WallClock
{
    private static readonly long Latest = (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
    private static readonly long Earliest = (DateTimeOffset.MinValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    internal static long ToUnixMicroseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The nearest time that a calendar has.</summary>
    internal static DateTimeOffset ToTime(long unixMicroseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(Math.Clamp(unixMicroseconds, Earliest, Latest) * TimeSpan.TicksPerMicrosecond);
}
