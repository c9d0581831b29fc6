namespace Monitoring.Tests.Agent.Capture.Profilers.Nsys;

/// <summary>The real clock, so many times faster: for limits of seconds on real programs that are made to exceed them.</summary>
internal sealed class HastyTimeProvider(int factor) : TimeProvider
{
    private readonly DateTimeOffset begun = System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => begun + (System.GetUtcNow() - begun) * factor;

    public override long GetTimestamp() => System.GetTimestamp() * factor;

    public override long TimestampFrequency => System.TimestampFrequency;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, Shortened(dueTime), Shortened(period));

    private TimeSpan Shortened(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / factor;
}
