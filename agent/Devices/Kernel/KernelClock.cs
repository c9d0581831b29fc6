namespace Monitoring.Agent.Devices.Kernel;

/// <summary>
/// Turns the kernel's times into wall clock times. A record that was waited for happened now; every other is dated by its distance from
/// the last such record, or, before the first, from the moment of starting by the monotonic clock. So the kernel's clock, which is not
/// disciplined and drifts by seconds a week, and suspend, in which it stands still, only matter for records that lay there already; and
/// a step of the wall clock moves no record that was read before it. Used by one thread.
/// </summary>
internal sealed class KernelClock
{
    private readonly TimeProvider time;
    private DateTimeOffset anchorTime;
    private long anchorMicroseconds;

    /// <param name="time">Its timestamps are the monotonic clock since boot, as the kernel's are.</param>
    internal KernelClock(TimeProvider time)
    {
        this.time = time;
        anchorTime = time.GetUtcNow();
        anchorMicroseconds = time.GetTimestamp() / Math.Max(1, time.TimestampFrequency / 1_000_000);
    }

    /// <summary>The record was waited for: it was written just now.</summary>
    internal void Anchor(long microseconds)
    {
        anchorTime = time.GetUtcNow();
        anchorMicroseconds = microseconds;
    }

    /// <summary>When a record was written; never later than now.</summary>
    internal DateTimeOffset TimeOf(long microseconds)
    {
        var distance = Math.Clamp(microseconds - anchorMicroseconds, -TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond / 4, TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond / 4);
        var ticks = anchorTime.UtcTicks + distance * TimeSpan.TicksPerMicrosecond;
        var now = time.GetUtcNow().UtcTicks;
        return new DateTimeOffset(Math.Clamp(ticks, DateTime.UnixEpoch.Ticks, Math.Max(now, anchorTime.UtcTicks)), TimeSpan.Zero);
    }
}
