using FluentAssertions;
using Monitoring.Agent.Detection.Sources;
using Monitoring.Agent.Devices;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Sources;

public sealed class ModeProbeTests
{
    private const int InProgress = 2;
    private const int Completed = 3;
    private static readonly GpuIdentity Gpu = new(3, "GPU-1", "NVIDIA H100", "hopper", "", "S1", "", "00000000:1B:00.0", "");
    private readonly ManualTimeProvider time = new();
    private readonly ProbeUnderTest probe;
    private GpuModes modes = new(Gpu, Persistence: true, Completed);

    public ModeProbeTests() => probe = new ProbeUnderTest(Probe("boot-1"));

    [Fact]
    public void Persistence_mode_that_is_switched_off_is_an_incident_until_it_is_on_again()
    {
        probe.Look().Should().BeEmpty();
        modes = modes with { Persistence = false };
        probe.Look().Should().Equal("Started Warning: Persistence mode of GPU 3 was switched off");
        modes = modes with { Persistence = null };
        probe.Look().Should().BeEmpty();
        modes = modes with { Persistence = true };
        probe.Look().Should().Equal("Ended Info: Persistence mode of GPU 3 is on again");
    }

    [Fact]
    public void Persistence_mode_that_was_never_on_is_no_incident_and_its_first_use_an_event()
    {
        modes = modes with { Persistence = false };
        probe.Look().Should().BeEmpty("so the node is set up");
        modes = modes with { Persistence = true };
        probe.Look().Should().Equal("Instant Info: Persistence mode of GPU 3 was switched on");
        modes = modes with { Persistence = false };
        probe.Look().Should().ContainSingle().Which.Should().StartWith("Started");
    }

    [Theory]
    [InlineData("boot-1", "persistence mode", 0)]
    [InlineData("boot-1", "fabric", 0)]
    [InlineData("boot-2", "persistence mode", 181)]
    [InlineData("boot-2", "fabric", 301)]
    public void What_was_well_before_a_reboot_has_some_minutes_to_be_so_again(string boot, string what, int secondsUntilTold)
    {
        probe.Look();
        modes = what == "fabric" ? modes with { Fabric = InProgress } : modes with { Persistence = false };
        var later = probe.Restarted(Probe(boot));
        if (secondsUntilTold > 0)
        {
            later.Look().Should().BeEmpty();
            time.Advance(TimeSpan.FromSeconds(secondsUntilTold - 2));
            later.Look().Should().BeEmpty();
            time.Advance(TimeSpan.FromSeconds(2));
        }
        later.Look().Should().ContainSingle().Which.Should().StartWith("Started ");
    }

    [Fact]
    public void What_is_well_in_time_after_a_reboot_is_no_event()
    {
        probe.Look();
        modes = new GpuModes(Gpu, Persistence: false, InProgress);
        var later = probe.Restarted(Probe("boot-2"));
        later.Look().Should().BeEmpty();
        modes = new GpuModes(Gpu, Persistence: true, Completed);
        later.Look().Should().BeEmpty();
        modes = modes with { Fabric = InProgress };
        later.Look().Should().ContainSingle("in this boot it was complete already").Which.Should().StartWith("Started Critical");
    }

    [Fact]
    public void A_gpu_that_leaves_the_fabric_is_an_incident()
    {
        probe.Look();
        modes = modes with { Fabric = InProgress };
        probe.Look().Should().Equal("Started Critical: GPU 3 left the NVLink fabric: its state is in_progress");
        modes = modes with { Fabric = Completed };
        probe.Look().Should().Equal("Ended Info: GPU 3 is part of the NVLink fabric again");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(InProgress)]
    public void A_gpu_that_never_was_in_a_fabric_did_not_leave_it(int state)
    {
        modes = modes with { Fabric = state };
        probe.Look().Should().BeEmpty();
    }

    private ModeProbe Probe(string bootId) => new(() => [modes], time, bootId);
}
