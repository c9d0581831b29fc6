namespace Monitoring.Agent.Exposition.DcgmExporter;

/// <summary>
/// Bytes per second out of a counter that is looked at now and then: the mean between two readings of it. DCGM says it of its last
/// interval; here the interval is that between two scrapes. Not thread-safe.
/// </summary>
/// <param name="time">Gives the timestamps their unit.</param>
internal sealed class ByteRate(TimeProvider time)
{
    /// <summary>A mean over longer says nothing about now.</summary>
    internal static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(5);

    private double bytes = double.NaN;
    private long readAt;
    private double rate = double.NaN;

    /// <summary>Takes a reading and gives the rate; NaN until there are two.</summary>
    /// <param name="now">Bytes counted; NaN for none.</param>
    /// <param name="at">Timestamp at which the counter was read, not that of the scrape: one that was not read anew leaves the rate as it is.</param>
    internal double Observe(double now, long at)
    {
        if (double.IsNaN(now)) return rate = bytes = double.NaN;
        if (at == readAt && !double.IsNaN(bytes)) return rate;
        var elapsed = time.GetElapsedTime(readAt, at);
        // A counter that fell has begun anew.
        rate = double.IsNaN(bytes) || now < bytes || elapsed <= TimeSpan.Zero || elapsed > LongestInterval ? double.NaN : (now - bytes) / elapsed.TotalSeconds;
        (bytes, readAt) = (now, at);
        return rate;
    }
}
