using FluentAssertions;
using Monitoring.Agent.Devices.Kernel;
using Xunit;

namespace Monitoring.Tests.Agent.Devices.Kernel;

public sealed class KernelClockTests
{
    private readonly ManualTimeProvider time = new();

    [Fact]
    public void A_record_that_lay_there_is_dated_by_the_monotonic_clock()
    {
        time.Advance(TimeSpan.FromSeconds(100));
        var clock = new KernelClock(time);

        clock.TimeOf(40_000_000).Should().Be(time.GetUtcNow() - TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void A_record_that_was_waited_for_happened_now_whatever_the_kernels_clock_says()
    {
        time.Advance(TimeSpan.FromDays(30));
        var clock = new KernelClock(time);
        var drifted = (long)TimeSpan.FromDays(30).TotalMicroseconds - 12_000_000;

        clock.Anchor(drifted);

        clock.TimeOf(drifted).Should().Be(time.GetUtcNow());
        clock.TimeOf(drifted - 1_000_000).Should().Be(time.GetUtcNow() - TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_step_of_the_wall_clock_moves_no_record_of_before()
    {
        time.Advance(TimeSpan.FromSeconds(100));
        var clock = new KernelClock(time);
        var before = clock.TimeOf(99_000_000);

        time.WallClockOffset = TimeSpan.FromHours(1);

        clock.TimeOf(99_000_000).Should().Be(before);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Impossible_times_do_no_harm(long microseconds)
    {
        var clock = new KernelClock(time);

        clock.TimeOf(microseconds).Should().BeOnOrBefore(time.GetUtcNow()).And.BeOnOrAfter(DateTimeOffset.UnixEpoch);
    }
}
