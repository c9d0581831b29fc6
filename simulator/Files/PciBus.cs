using System.Globalization;
using Monitoring.Simulator.State;

namespace Monitoring.Simulator.Files;

/// <summary>The node's PCI devices as sysfs shows them: GPUs, and the NVSwitches of a machine with a fabric.</summary>
internal sealed class PciBus(string sysfs)
{
    private const int NvSwitches = 4;
    private const string Display = "0x030200";
    private const string Bridge = "0x068000";
    private static readonly byte[] NvidiaVendor = [0xde, 0x10];

    /// <summary>Address in the kernel's notation.</summary>
    public static string AddressOf(in GpuState state) =>
        string.Create(CultureInfo.InvariantCulture, $"{state.PciDomain & 0xffff:x4}:{state.PciBus & 0xff:x2}:{state.PciDevice & 0x1f:x2}.0");

    /// <summary>Shows a GPU.</summary>
    public void AddGpu(in GpuState state)
    {
        var path = Add(AddressOf(state), Display);
        TreeFile.Write(Path.Combine(path, "numa_node"), state.NumaNode == Absent.Value ? "-1\n" : string.Create(CultureInfo.InvariantCulture, $"{state.NumaNode}\n"));
    }

    /// <summary>Shows the switches of an HGX baseboard.</summary>
    public void AddNvSwitches()
    {
        for (var number = 0; number < NvSwitches; number++) Add(string.Create(CultureInfo.InvariantCulture, $"0000:{7 + number:x2}:00.0"), Bridge);
    }

    /// <summary>Takes a GPU off the bus.</summary>
    public void Remove(in GpuState state) => TreeFile.RemoveDirectory(PathOf(AddressOf(state)));

    /// <summary>Whether the GPU's configuration space can be read: one that fell off the bus reads as all ones.</summary>
    public void SetAnswers(in GpuState state, bool answers)
    {
        var path = PathOf(AddressOf(state));
        if (System.IO.Directory.Exists(path)) TreeFile.Write(Path.Combine(path, "config"), Configuration(answers));
    }

    private string Add(string address, string @class)
    {
        var path = PathOf(address);
        TreeFile.Write(Path.Combine(path, "vendor"), "0x10de\n");
        TreeFile.Write(Path.Combine(path, "class"), @class + "\n");
        TreeFile.Write(Path.Combine(path, "config"), Configuration(answers: true));
        return path;
    }

    private string PathOf(string address) => Path.Combine(sysfs, "bus/pci/devices", address);

    private static byte[] Configuration(bool answers)
    {
        var bytes = new byte[64];
        if (answers) NvidiaVendor.CopyTo(bytes, 0);
        else Array.Fill(bytes, (byte)0xff);
        return bytes;
    }
}
