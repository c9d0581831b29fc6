using FluentAssertions;
using Monitoring.Agent.Detection.Sources;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Pci;
using Monitoring.Agent.Sampling;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Sources;

public sealed class ServiceProbeTests : IDisposable
{
    private const string Slice = "sys/fs/cgroup/system.slice/";
    private readonly FileTree tree = new();
    private readonly ManualTimeProvider time = new();
    private readonly DeviceSettings devices;
    private readonly ProbeUnderTest probe;
    private bool hasFabric;

    public ServiceProbeTests()
    {
        devices = new DeviceSettings { Sysfs = tree.At("sys"), SystemdUnits = $"{tree.At("etc")}:{tree.At("usr")}" };
        probe = new ProbeUnderTest(Probe("boot-1"));
        Directory.CreateDirectory(tree.At(Slice));
        tree.Write("usr/nvidia-persistenced.service", "[Service]");
    }

    public void Dispose() => tree.Dispose();

    [Fact]
    public void A_service_that_stops_is_an_incident_and_one_that_never_ran_is_none()
    {
        tree.Write("etc/nvidia-imex.service", "[Service]");
        Run("nvidia-persistenced");
        probe.Look().Should().BeEmpty();
        probe.Read(MetricTable.ServiceActive).Should().Equal("nvidia-persistenced 1", "nvidia-imex 0");

        tree.Delete(Slice + "nvidia-persistenced.service");
        probe.Look().Should().Equal("Started Warning: The service nvidia-persistenced does not run");
        probe.Read(MetricTable.ServiceActive).Should().Equal("nvidia-persistenced 0", "nvidia-imex 0");
        Run("nvidia-persistenced");
        probe.Look().Should().Equal("Ended Info: The service nvidia-persistenced runs again");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fabric_manager_is_missed_where_there_are_switches_even_if_it_never_ran(bool switchesOnTheBus)
    {
        hasFabric = !switchesOnTheBus;
        if (switchesOnTheBus)
        {
            tree.Write("sys/bus/pci/devices/0000:07:00.0/vendor", "0x10de");
            tree.Write("sys/bus/pci/devices/0000:07:00.0/class", "0x068000");
        }
        tree.Write("usr/nvidia-fabricmanager.service", "[Service]");
        probe.Look().Should().BeEmpty("the node may be booting");
        time.Advance(TimeSpan.FromMinutes(4));
        probe.Look().Should().Equal("Started Critical: The service nvidia-fabricmanager does not run, and this node's NVSwitches need it");
        Run("nvidia-fabricmanager");
        probe.Look().Should().Equal("Ended Info: The service nvidia-fabricmanager runs again");
    }

    [Fact]
    public void A_service_that_ran_before_a_reboot_has_some_minutes_to_start()
    {
        Run("nvidia-persistenced");
        probe.Look();
        tree.Delete(Slice + "nvidia-persistenced.service");
        var later = probe.Restarted(Probe("boot-2"));
        later.Look().Should().BeEmpty("the node is booting");
        Run("nvidia-persistenced");
        later.Look().Should().BeEmpty();
        tree.Delete(Slice + "nvidia-persistenced.service");
        later.Look().Should().Equal(["Started Warning: The service nvidia-persistenced does not run"], "it ran in this boot already");

        var never = probe.Restarted(Probe("boot-2"));
        time.Advance(TimeSpan.FromMinutes(4));
        never.Look().Should().Equal("Started Warning: The service nvidia-persistenced does not run");
    }

    [Fact]
    public void Fabric_manager_that_is_missed_does_not_run_again_because_the_agent_was_restarted()
    {
        hasFabric = true;
        tree.Write("usr/nvidia-fabricmanager.service", "[Service]");
        time.Advance(TimeSpan.FromMinutes(4));
        probe.Look().Should().ContainSingle();
        hasFabric = false; // no GPU was read yet
        var later = probe.Restarted(Probe("boot-1"));
        later.Look().Should().BeEmpty();
        Run("nvidia-fabricmanager");
        later.Look().Should().Equal("Ended Info: The service nvidia-fabricmanager runs again");
    }

    [Fact]
    public void Fabric_manager_on_a_node_without_switches_is_not_missed()
    {
        tree.Write("usr/nvidia-fabricmanager.service", "[Service]");
        time.Advance(TimeSpan.FromMinutes(10));
        probe.Look().Should().BeEmpty();
    }

    [Fact]
    public void What_is_not_installed_has_no_series()
    {
        Run("nvidia-fabricmanager");
        probe.Look();
        probe.Read(MetricTable.ServiceActive).Should().Equal("nvidia-persistenced 0");
    }

    [Fact]
    public void Where_no_control_group_can_be_seen_nothing_is_said()
    {
        Run("nvidia-persistenced");
        probe.Look();
        tree.Delete("sys/fs");
        probe.Look().Should().BeEmpty();
        probe.Read(MetricTable.ServiceActive).Should().BeEmpty();
    }

    [Fact]
    public void The_older_layout_of_control_groups_is_read_as_well()
    {
        tree.Delete("sys/fs");
        tree.Write("sys/fs/cgroup/systemd/system.slice/nvidia-persistenced.service/cgroup.procs", "4711");
        probe.Look();
        probe.Read(MetricTable.ServiceActive).Should().Equal("nvidia-persistenced 1");
        tree.Write("sys/fs/cgroup/systemd/system.slice/nvidia-persistenced.service/cgroup.procs", "");
        probe.Look().Should().Equal("Started Warning: The service nvidia-persistenced does not run");
    }

    [Fact]
    public void Processes_below_the_services_group_count()
    {
        tree.Write(Slice + "nvidia-persistenced.service/cgroup.procs", "");
        tree.Write(Slice + "nvidia-persistenced.service/cgroup.events", "populated 1\nfrozen 0");
        probe.Look();
        probe.Read(MetricTable.ServiceActive).Should().Equal("nvidia-persistenced 1");
    }

    private ServiceProbe Probe(string bootId) => new(devices, new PciInventory(tree.At("sys")), () => hasFabric, time, bootId);

    private void Run(string service) => tree.Write($"{Slice}{service}.service/cgroup.procs", "4711");
}
