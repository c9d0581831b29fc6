using FluentAssertions;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Nvml;
using Monitoring.Agent.Sampling;
using Xunit;

namespace Monitoring.Tests.Agent.Sampling;

public sealed class LaneWatchTests
{
    private readonly ManualTimeProvider time = new();
    private readonly DriverClock clock;
    private readonly LaneWatch watch;

    public LaneWatchTests()
    {
        clock = new DriverClock(time);
        watch = new LaneWatch(clock, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void A_call_is_stuck_once_it_passes_its_deadline_and_says_which_it_is()
    {
        clock.Enter(NvmlCall.DeviceGetPowerUsage);
        time.Advance(TimeSpan.FromSeconds(2));
        watch.Look().Should().Be(LaneChange.None);
        watch.Stuck.Should().Be(TimeSpan.Zero);

        time.Advance(TimeSpan.FromSeconds(1));
        watch.Look().Should().Be(LaneChange.BecameStuck);
        watch.Look().Should().Be(LaneChange.None, "it is said once");
        watch.Stuck.Should().Be(TimeSpan.FromSeconds(3));
        watch.Call.Should().Be(NvmlCall.DeviceGetPowerUsage);
        watch.StuckCalls.Should().Be(1);
    }

    [Fact]
    public void A_call_that_comes_back_ends_it()
    {
        clock.Enter(NvmlCall.DeviceGetPowerUsage);
        time.Advance(TimeSpan.FromSeconds(3));
        watch.Look();
        clock.Leave();
        watch.Look().Should().Be(LaneChange.Recovered);
        watch.Stuck.Should().Be(TimeSpan.Zero);
        clock.Inside.Should().Be(TimeSpan.FromSeconds(3));
        clock.Calls.Should().Be(1);
    }

    [Fact]
    public void Many_short_calls_are_never_stuck()
    {
        for (var i = 0; i < 100; i++)
        {
            clock.Enter(NvmlCall.DeviceGetClockInfo);
            time.Advance(TimeSpan.FromSeconds(1));
            clock.Leave();
            watch.Look().Should().Be(LaneChange.None);
        }
    }
}
