using System.Globalization;
using Monitoring.Simulator.State;

namespace Monitoring.Simulator.NodeProfiles;

/// <summary>The PCI device, its PCIe link, and the memory behind it.</summary>
internal static class BusPart
{
    public static void Read(ProfileSection gpu, ref GpuState state)
    {
        var pci = gpu.Section("pci");
        state.PciDeviceId = pci.UInt("device_id", 0x233010de);
        state.PciSubsystemId = pci.UInt("subsystem_id", 0);
        (state.PciDomain, state.PciBus, state.PciDevice) = ReadAddress(pci, "bus_id") ?? (Absent.Value, 0, 0);

        var pcie = gpu.Section("pcie");
        state.PcieGenerationMax = pcie.UInt("max_link_gen", 4, 7);
        state.PcieGenerationGpuMax = pcie.UInt("gpu_max_link_gen", state.PcieGenerationMax, 7);
        state.PcieGenerationCurrent = pcie.UInt("current_link_gen", state.PcieGenerationMax, 7);
        state.PcieWidthMax = pcie.UInt("max_link_width", 16, 32);
        state.PcieWidthCurrent = pcie.UInt("current_link_width", state.PcieWidthMax, 32);
        state.PcieReplays = pcie.UInt("replay_counter", 0);
        state.PcieReplayRollovers = pcie.UInt("replay_rollover_counter", 0);
        state.PcieTransmitKibibytesPerSecond = pcie.UInt("tx_throughput_kbps", 0);
        state.PcieReceiveKibibytesPerSecond = pcie.UInt("rx_throughput_kbps", 0);

        var memory = gpu.Section("memory");
        state.MemoryTotalBytes = memory.Wide("total_bytes", 16ul << 30, 1ul << 48);
        state.MemoryReservedBytes = memory.Wide("reserved_bytes", 0, state.MemoryTotalBytes);
        state.MemoryUsedBytes = memory.Wide("used_bytes", 0, state.MemoryTotalBytes);
        state.MemoryBusBits = memory.UInt("memory_bus_width", Absent.Value);
        _ = memory.Wide("free_bytes", 0, state.MemoryTotalBytes); // follows from the others
        var bar1 = gpu.Section("bar1_memory");
        state.Bar1TotalBytes = bar1.Wide("total_bytes", Absent.Wide);
        state.Bar1UsedBytes = bar1.Wide("used_bytes", 0);
        _ = bar1.Wide("free_bytes", 0);
    }

    /// <summary>A PCI address like 0000:1A:00.0; null if the key is absent or wrong.</summary>
    public static (uint Domain, uint Bus, uint Device)? ReadAddress(ProfileSection section, string key)
    {
        if (!section.Has(key)) return null;
        if (TryParseAddress(section.Text(key, "", 31), out var address)) return address;
        section.Error(key, "a PCI address like 0000:1A:00.0");
        return null;
    }

    public static bool TryParseAddress(string text, out (uint Domain, uint Bus, uint Device) address)
    {
        address = default;
        var parts = text.Split(':');
        if (parts.Length != 3 || parts[2].Split('.') is not [var device, _]) return false;
        return Hexadecimal(parts[0], out address.Domain) && Hexadecimal(parts[1], out address.Bus) && address.Bus <= 0xff
            && Hexadecimal(device, out address.Device) && address.Device <= 0x1f;
    }

    private static bool Hexadecimal(string text, out uint value) => uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
