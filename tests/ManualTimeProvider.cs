namespace Monitoring.Tests;

/// <summary>A clock that stands still until <see cref="Advance"/>; timers fire on the thread that advances it, in the order they are due.</summary>
internal sealed class ManualTimeProvider(DateTimeOffset start) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private TimeSpan elapsed;
    private long created;

    /// <summary>Starts at 2026-01-01 00:00:00 UTC.</summary>
    internal ManualTimeProvider() : this(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>Ticks of 100 ns, so that a timestamp and a <see cref="TimeSpan"/> convert without rounding.</summary>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Timers that will fire some day; a test can wait for code to arm one.</summary>
    internal int ArmedTimers
    {
        get
        {
            lock (gate)
                return timers.Count(static timer => timer.DueAt is not null);
        }
    }

    /// <summary>Added to the wall clock alone: a step by NTP, which timestamps and timers must not feel.</summary>
    internal TimeSpan WallClockOffset { get; set; }

    public override DateTimeOffset GetUtcNow() => start + Elapsed + WallClockOffset;

    public override long GetTimestamp() => Elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (gate)
        {
            var timer = new ManualTimer(this, callback, state, created++);
            timers.Add(timer);
            timer.Arm(elapsed, dueTime, period);
            return timer;
        }
    }

    /// <summary>Moves the clock; each timer due in between sees its own due time as the present.</summary>
    internal void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        var target = Elapsed + time;
        while (NextDue(target) is { } timer)
            timer.Fire();
        lock (gate)
            elapsed = target > elapsed ? target : elapsed;
    }

    private TimeSpan Elapsed
    {
        get
        {
            lock (gate)
                return elapsed;
        }
    }

    private ManualTimer? NextDue(TimeSpan target)
    {
        lock (gate)
        {
            var next = timers.Where(timer => timer.DueAt <= target).OrderBy(static timer => timer.DueAt).ThenBy(static timer => timer.Order).FirstOrDefault();
            if (next?.DueAt is { } due)
            {
                elapsed = due > elapsed ? due : elapsed;
                next.MoveToNextPeriod();
            }

            return next;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state, long order) : ITimer
    {
        private TimeSpan period;

        internal long Order => order;

        internal TimeSpan? DueAt { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                if (!clock.timers.Contains(this))
                    return false;
                Arm(clock.elapsed, dueTime, period);
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock.gate)
            {
                clock.timers.Remove(this);
                DueAt = null;
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        internal void Arm(TimeSpan now, TimeSpan dueTime, TimeSpan newPeriod)
        {
            period = newPeriod;
            DueAt = dueTime == Timeout.InfiniteTimeSpan ? null : now + dueTime;
        }

        internal void MoveToNextPeriod() => DueAt = period > TimeSpan.Zero ? DueAt + period : null;

        internal void Fire() => callback(state);
    }
}
