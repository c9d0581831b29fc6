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
    private readonly ProbeUnderTest probe;
    private GpuModes modes = new(Gpu, Persistence: true, Completed);

    public ModeProbeTests() => probe = new ProbeUnderTest(new ModeProbe(() => [modes], new ManualTimeProvider()));

    [Fact]
    public void Persistence_mode_that_is_switched_is_an_event_and_where_it_stands_at_first_is_none()
    {
        probe.Look().Should().BeEmpty();
        modes = modes with { Persistence = false };
        probe.Look().Should().Equal("Instant Warning: Persistence mode of GPU 3 was switched off");
        modes = modes with { Persistence = null };
        probe.Look().Should().BeEmpty();
        modes = modes with { Persistence = true };
        probe.Look().Should().Equal("Instant Info: Persistence mode of GPU 3 was switched on");
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
}
