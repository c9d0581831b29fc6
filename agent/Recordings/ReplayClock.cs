using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Recordings;

/// <summary>Tells engines the time between the frames of a recording, in even steps, as a running agent does.</summary>
internal sealed class ReplayClock(long frequency, TimeSpan interval, IReadOnlyList<RuleEngine> engines)
{
    /// <summary>A recorder that stood still for longer watched nothing meanwhile; the engines are told of the gap by the next frame.</summary>
    private static readonly TimeSpan LongestGap = TimeSpan.FromMinutes(1);

    private readonly long step = Math.Max(1, (long)(interval.TotalSeconds * frequency));
    private readonly double microsecondsPerTimestamp = 1e6 / frequency;
    private FrameStamp? before;
    private long next;

    /// <summary>Ticks up to a frame that is to be fed next.</summary>
    internal void MoveTo(in FrameStamp frame)
    {
        if (before is not { } last)
        {
            (before, next) = (frame, frame.Timestamp + step);
            return;
        }
        if (frame.Timestamp <= last.Timestamp) return;
        if (frame.Timestamp - last.Timestamp > (long)(LongestGap.TotalSeconds * frequency)) next = frame.Timestamp;
        for (; next <= frame.Timestamp; next += step)
        {
            // The wall clock goes on from the last frame; where it was set meanwhile, the next frame says so.
            var unixMicroseconds = last.UnixMicroseconds + (long)((next - last.Timestamp) * microsecondsPerTimestamp);
            foreach (var engine in engines) engine.Tick(next, unixMicroseconds);
        }
        before = frame;
    }
}
