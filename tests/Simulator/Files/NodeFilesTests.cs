using FluentAssertions;
using Monitoring.Agent.Detection.Sources;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Pci;
using Xunit;

namespace Monitoring.Tests.Simulator.Files;

public sealed class NodeFilesTests
{
    [Fact]
    public void The_bus_shows_every_gpu_and_the_switches_that_join_them()
    {
        using var test = new NodeUnderTest("h100", gpus: 8);
        var pci = new PciInventory(test.Node.Sysfs);
        pci.Gpus().Should().HaveCount(8).And.Contain("0000:1b:00.0");
        pci.NvSwitches().Should().HaveCount(4);
        pci.NumaNode("00000000:9D:00.0").Should().Be("1");
        test.Node.SetOnBus(test.Node.Gpus[7], isOnBus: false);
        pci.Gpus().Should().HaveCount(7);
        test.Node.SetOnBus(test.Node.Gpus[7], isOnBus: true);
        pci.Gpus().Should().HaveCount(8);
    }

    [Fact]
    public void A_gpu_that_fell_off_the_bus_no_longer_answers_there()
    {
        using var test = new NodeUnderTest();
        var pci = new PciInventory(test.Node.Sysfs);
        pci.Answers("00000000:1B:00.0").Should().BeTrue();
        test.Gpu.IsLost = true;
        pci.Answers("00000000:1B:00.0").Should().BeFalse();
        pci.Gpus().Should().Contain("0000:1b:00.0", "the kernel still lists it");
        test.Gpu.IsLost = false;
        pci.Answers("00000000:1B:00.0").Should().BeTrue();
        pci.Answers("00000000:FF:00.0").Should().BeNull();
    }

    [Fact]
    public void The_kernel_module_shows_itself_while_it_is_loaded()
    {
        using var test = new NodeUnderTest();
        var files = new DriverFiles(test.Node.Procfs);
        files.ModuleVersion().Should().Be(test.Node.Profile.DriverVersion);
        File.ReadAllText(Path.Combine(test.Node.Procfs, "driver/nvidia/gpus/0000:1b:00.0/information")).Should().Contain($"GPU UUID: \t {test.Gpu.Uuid}\n").And.StartWith("Model: \t\t NVIDIA H100");
        test.Node.IsDriverLoaded = false;
        files.ModuleVersion().Should().BeEmpty();
        test.Node.IsDriverLoaded = true;
        files.ModuleVersion().Should().Be(test.Node.Profile.DriverVersion);
    }

    [Fact]
    public void A_machine_without_switches_has_no_fabric_manager()
    {
        using var test = new NodeUnderTest("t4", gpus: 1);
        new PciInventory(test.Node.Sysfs).NvSwitches().Should().BeEmpty();
        File.Exists(Path.Combine(test.Node.SystemdUnits, "nvidia-persistenced.service")).Should().BeTrue();
        test.Invoking(static test => test.Node.SetServiceActive("nvidia-fabricmanager", isActive: false)).Should().Throw<ArgumentException>();
        test.Invoking(static test => test.Node.StartIncident("fabric_manager_down", 0)).Should().Throw<ArgumentException>().WithMessage("*no NVSwitches*");
    }

    [Fact]
    public void A_flapping_port_goes_down_and_up_and_counts()
    {
        using var test = new NodeUnderTest();
        var probe = new InfinibandProbe(test.Node.Sysfs, test.Time);
        var memory = new ProbeMemory();
        probe.Look(memory).Should().BeEmpty();
        test.Node.StartIncident("infiniband_flap", 0, parameters: [new("port", "1"), new("down_seconds", "2"), new("up_seconds", "3")]);
        var states = new List<bool>();
        for (var second = 0; second < 10; second++)
        {
            probe.Look(memory);
            states.Add(probe.Ports[1].IsUp);
            test.Node.Advance(TimeSpan.FromSeconds(1));
        }
        states.Should().Equal(false, false, true, true, true, false, false, true, true, true);
        probe.Ports[0].IsUp.Should().BeTrue();
        probe.Look(memory);
        probe.Ports[1].Counters[0].Should().Be(3);
        test.Node.StopIncident("infiniband_flap", 0);
        probe.Look(memory);
        probe.Ports.Should().OnlyContain(static port => port.IsUp);
    }
}
