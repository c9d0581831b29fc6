using FluentAssertions;
using Monitoring.Agent.Devices.Pci;
using Xunit;

namespace Monitoring.Tests.Agent.Devices.Pci;

public sealed class PciInventoryTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sysfs-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Counts_display_controllers_of_nvidia_and_nothing_else()
    {
        Device("0000:62:00.0", "0x10de", "0x030200");
        Device("0000:1b:00.0", "0x10de", "0x030000");
        Device("0000:1b:00.1", "0x10de", "0x040300"); // its audio function
        Device("0000:80:00.0", "0x10de", "0x068000"); // an NVSwitch
        Device("0000:02:00.0", "0x1a03", "0x030000"); // the board management controller's VGA

        new PciInventory(root).Gpus().Should().Equal("0000:1b:00.0", "0000:62:00.0");
    }

    [Fact]
    public void Knows_the_numa_node_by_the_address_that_nvml_writes()
    {
        Device("0000:c6:00.0", "0x10de", "0x030200", numaNode: "1");
        Device("0000:62:00.0", "0x10de", "0x030200", numaNode: "-1");

        new PciInventory(root).NumaNode("00000000:C6:00.0").Should().Be("1");
        new PciInventory(root).NumaNode("00000000:62:00.0").Should().BeEmpty();
        new PciInventory(root).NumaNode("").Should().BeEmpty();
    }

    [Fact]
    public void Says_nothing_where_the_bus_cannot_be_read() => new PciInventory(Path.Combine(root, "missing")).Gpus().Should().BeNull();

    private void Device(string address, string vendor, string @class, string numaNode = "0")
    {
        var path = Directory.CreateDirectory(Path.Combine(root, "bus/pci/devices", address)).FullName;
        File.WriteAllText(Path.Combine(path, "vendor"), vendor + "\n");
        File.WriteAllText(Path.Combine(path, "class"), @class + "\n");
        File.WriteAllText(Path.Combine(path, "numa_node"), numaNode + "\n");
    }
}
