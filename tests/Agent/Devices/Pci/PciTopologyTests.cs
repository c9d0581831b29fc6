using FluentAssertions;
using Monitoring.Agent.Devices.Pci;
using Xunit;

namespace Monitoring.Tests.Agent.Devices.Pci;

public sealed class PciTopologyTests : IDisposable
{
    private readonly string sysfs = Directory.CreateTempSubdirectory("sysfs-").FullName;

    public void Dispose() => Directory.Delete(sysfs, recursive: true);

    [Theory]
    [InlineData("00000000:62:00.0", "0000:62:00.0")]
    [InlineData("0000:62:00", "0000:62:00.0")]
    [InlineData("PCI:0000:A9:1f.7", "0000:a9:1f.7")]
    [InlineData("0010:01:00.0", "0010:01:00.0")]
    [InlineData("", "")]
    [InlineData("62:00.0", "")]
    [InlineData("0000:62:00.0:1", "")]
    [InlineData("0000:6200:00.0", "")]
    [InlineData("xyzw:62:00.0", "")]
    public void An_address_has_one_notation(string text, string address) => PciAddress.Normalize(text).Should().Be(address);

    [Fact]
    public void Bridges_above_NVIDIAs_devices_are_known_with_what_is_behind_them()
    {
        Device("devices/pci0000:00/0000:00:01.0/0000:01:00.0", "0x10de");
        Device("devices/pci0000:00/0000:00:02.0/0000:02:00.0/0000:03:00.0", "0x10de");
        Device("devices/pci0000:00/0000:00:02.0/0000:02:00.0/0000:04:00.0", "0x10de");
        Device("devices/pci0000:00/0000:00:03.0/0000:05:00.0", "0x15b3");
        var topology = new PciTopology(sysfs);

        topology.Find("00000000:01:00.0").Should().BeEquivalentTo(new PciPlace(PciRole.Nvidia, ["0000:01:00.0"]));
        topology.Find("0000:00:01.0").Should().BeEquivalentTo(new PciPlace(PciRole.Bridge, ["0000:01:00.0"]));
        topology.Find("0000:00:02.0").Should().BeEquivalentTo(new PciPlace(PciRole.Bridge, ["0000:03:00.0", "0000:04:00.0"]));
        topology.Find("0000:00:03.0").Role.Should().Be(PciRole.Other);
        topology.Find("0000:05:00.0").Role.Should().Be(PciRole.Other);
        topology.Find("rubbish").Role.Should().Be(PciRole.Other);
    }

    [Fact]
    public void A_node_without_sysfs_knows_nothing() => new PciTopology(Path.Combine(sysfs, "none")).Find("0000:01:00.0").Role.Should().Be(PciRole.Other);

    private void Device(string path, string vendor)
    {
        var folder = Directory.CreateDirectory(Path.Combine(sysfs, path)).FullName;
        File.WriteAllText(Path.Combine(folder, "vendor"), vendor + "\n");
        var links = Directory.CreateDirectory(Path.Combine(sysfs, "bus", "pci", "devices")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(links, Path.GetFileName(path)), Path.Combine("..", "..", "..", path));
    }
}
