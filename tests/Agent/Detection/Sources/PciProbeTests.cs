using FluentAssertions;
using Monitoring.Agent.Detection.Sources;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Pci;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Sources;

public sealed class PciProbeTests : IDisposable
{
    private static readonly GpuIdentity First = Gpu(0, "GPU-1", "00000000:1B:00.0");
    private static readonly GpuIdentity Second = Gpu(1, "GPU-2", "00000000:C3:00.0");
    private readonly FileTree tree = new();
    private readonly ProbeUnderTest probe;
    private GpusOfDriver driver = new(Answers: true, 0, [First, Second]);

    public PciProbeTests()
    {
        probe = new ProbeUnderTest(Probe());
        Device("0000:1b:00.0");
        Device("0000:c3:00.0");
    }

    public void Dispose() => tree.Dispose();

    [Fact]
    public void A_gpu_that_leaves_the_bus_is_named_by_uuid_and_serial()
    {
        probe.Look().Should().BeEmpty();
        tree.Delete("bus/pci/devices/0000:c3:00.0");
        driver = driver with { Gpus = [First] };
        var gone = probe.Sightings().Should().ContainSingle().Subject;
        gone.Title.Should().Be("GPU GPU-2 (serial S-GPU-2) at 0000:c3:00.0 is no longer on the PCI bus");
        gone.Gpu.Should().Be(new GpuReference(null, "GPU-2", "S-GPU-2", "00000000:C3:00.0"));
        probe.Look().Should().BeEmpty();

        Device("0000:c3:00.0");
        driver = driver with { Gpus = [First, Second] };
        probe.Sightings().Should().ContainSingle().Which.Incident.Should().Be(gone.Key);
    }

    [Fact]
    public void A_gpu_that_does_not_come_back_from_a_reboot_is_missed()
    {
        probe.Look();
        tree.Delete("bus/pci/devices/0000:1b:00.0");
        driver = driver with { Gpus = [Gpu(0, "GPU-2", "00000000:C3:00.0")] };
        var later = new ProbeUnderTest(Probe());
        later.Memory.Restore(probe.Memory.Save([]));
        later.Look().Should().Equal("Started Critical: GPU GPU-1 (serial S-GPU-1) at 0000:1b:00.0 is no longer on the PCI bus");
    }

    [Fact]
    public void A_bus_that_never_showed_the_gpus_misses_none()
    {
        tree.Delete("bus/pci/devices/0000:1b:00.0");
        tree.Delete("bus/pci/devices/0000:c3:00.0");
        tree.Write("bus/pci/devices/0000:00:1f.0/vendor", "0x8086");

        probe.Look().Should().BeEmpty();
        probe.Look().Should().BeEmpty();
    }

    [Fact]
    public void A_board_in_another_slot_is_not_missed()
    {
        probe.Look();
        tree.Delete("bus/pci/devices/0000:1b:00.0");
        Device("0000:d1:00.0");
        driver = driver with { Gpus = [Gpu(0, "GPU-1", "00000000:D1:00.0"), Second] };
        probe.Look().Should().BeEmpty();
        probe.Look().Should().BeEmpty();
    }

    [Fact]
    public void A_gpu_on_the_bus_that_the_driver_does_not_show_is_said_after_three_looks()
    {
        driver = driver with { Gpus = [First] };
        probe.Look().Should().BeEmpty("it may just have been plugged in");
        probe.Look().Should().BeEmpty();
        probe.Look().Should().Equal("Started Critical: GPU that was never seen by the driver at 0000:c3:00.0 is on the PCI bus but the driver does not show it");
        driver = driver with { Gpus = [First, Second] };
        probe.Look().Should().ContainSingle().Which.Should().StartWith("Ended Info");
    }

    [Fact]
    public void The_only_gpu_of_a_node_is_missed_where_a_driver_that_is_there_shows_none()
    {
        tree.Delete("bus/pci/devices/0000:c3:00.0");
        driver = driver with { Gpus = [First] };
        probe.Look();
        driver = driver with { Gpus = [] };
        probe.Look();
        probe.Look();
        probe.Look().Should().Equal("Started Critical: GPU GPU-1 (serial S-GPU-1) at 0000:1b:00.0 is on the PCI bus but the driver does not show it");
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public void Nothing_is_missed_while_the_driver_does_not_answer_or_a_gpu_is_not_opened(bool answers, int unopened)
    {
        driver = new GpusOfDriver(answers, unopened, [First]);
        for (var look = 0; look < 5; look++) probe.Look().Should().BeEmpty();
    }

    [Fact]
    public void A_gpu_of_a_virtual_machine_or_one_that_is_excluded_is_not_missed()
    {
        driver = driver with { Gpus = [First] };
        Directory.CreateDirectory(tree.At("bus/pci/drivers/vfio-pci"));
        Directory.CreateSymbolicLink(tree.At("bus/pci/devices/0000:c3:00.0/driver"), "../../drivers/vfio-pci");
        Device("0000:df:00.0");
        tree.Write("proc/driver/nvidia/gpus/0000:df:00.0/information", "Model: \t\t NVIDIA H100\nGPU Excluded:\t Yes");
        for (var look = 0; look < 5; look++) probe.Look().Should().BeEmpty();
    }

    [Fact]
    public void A_bus_that_cannot_be_read_says_nothing()
    {
        probe.Look();
        tree.Delete("bus");
        probe.Look().Should().BeEmpty();
    }

    private PciProbe Probe() => new(new PciInventory(tree.Root), new DriverFiles(tree.At("proc")), () => driver, new ManualTimeProvider());

    private static GpuIdentity Gpu(int index, string uuid, string busId) => new(index, uuid, "NVIDIA H100", "hopper", "", "S-" + uuid, "", busId, "");

    private void Device(string address)
    {
        tree.Write($"bus/pci/devices/{address}/vendor", "0x10de");
        tree.Write($"bus/pci/devices/{address}/class", "0x030200");
    }
}
