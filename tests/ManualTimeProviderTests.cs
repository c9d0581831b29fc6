using FluentAssertions;
using Xunit;

namespace Monitoring.Tests;

public sealed class ManualTimeProviderTests
{
    private readonly ManualTimeProvider clock = new();
    private readonly List<string> fired = [];

    [Fact]
    public void Timers_fire_in_the_order_they_are_due_and_see_their_own_time()
    {
        var start = clock.GetTimestamp();
        using var late = Timer("late", 300, Timeout.Infinite);
        using var early = Timer("early", 100, Timeout.Infinite);

        clock.Advance(TimeSpan.FromSeconds(1));

        fired.Should().Equal("early at 100 ms", "late at 300 ms");
        clock.GetElapsedTime(start).Should().Be(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_periodic_timer_fires_once_for_each_period_that_passed()
    {
        using var timer = Timer("tick", 100, 100);

        clock.Advance(TimeSpan.FromMilliseconds(350));

        fired.Should().Equal("tick at 100 ms", "tick at 200 ms", "tick at 300 ms");
    }

    [Fact]
    public void A_disposed_timer_never_fires()
    {
        Timer("never", 100, 100).Dispose();

        clock.Advance(TimeSpan.FromSeconds(1));

        fired.Should().BeEmpty();
        clock.ArmedTimers.Should().Be(0);
    }

    [Fact]
    public async Task A_delay_ends_when_the_clock_passes_it()
    {
        var delay = Task.Delay(TimeSpan.FromSeconds(5), clock, TestContext.Current.CancellationToken);

        clock.Advance(TimeSpan.FromSeconds(4.999));
        delay.IsCompleted.Should().BeFalse();
        clock.Advance(TimeSpan.FromSeconds(0.001));

        await delay;
    }

    [Fact]
    public void A_step_of_the_wall_clock_does_not_move_timestamps()
    {
        var before = (Wall: clock.GetUtcNow(), Timestamp: clock.GetTimestamp());

        clock.WallClockOffset = TimeSpan.FromHours(-1);

        clock.GetUtcNow().Should().Be(before.Wall.AddHours(-1));
        clock.GetTimestamp().Should().Be(before.Timestamp);
    }

    private ITimer Timer(string name, int dueMilliseconds, int periodMilliseconds)
    {
        var start = clock.GetTimestamp();
        return clock.CreateTimer(
            _ => fired.Add($"{name} at {clock.GetElapsedTime(start).TotalMilliseconds:0} ms"),
            null,
            TimeSpan.FromMilliseconds(dueMilliseconds),
            TimeSpan.FromMilliseconds(periodMilliseconds));
    }
}
