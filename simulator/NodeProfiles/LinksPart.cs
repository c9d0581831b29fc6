using Monitoring.Simulator.State;

namespace Monitoring.Simulator.NodeProfiles;

/// <summary>NVLinks and their peers, and where the GPU hangs in the machine.</summary>
internal static class LinksPart
{
    private const uint RemoteGpu = 0;
    private const uint RemoteSwitch = 2;
    private const uint SwitchDeviceId = 0x22a310de;

    /// <summary>CPUs of one NUMA node where the profile does not say.</summary>
    private const uint CpusPerNode = 32;

    /// <summary>Links fan out over the switches by turns; without switches they go to the other GPUs.</summary>
    public static void Read(ProfileSection root, int gpuIndex, IReadOnlyList<(uint Domain, uint Bus, uint Device)> gpus, ref GpuState state)
    {
        var nvlink = root.Section("nvlink");
        var count = (int)nvlink.UInt("links_per_gpu", 0, StateFile.LinkLimit);
        var generation = nvlink.UInt("version", 4, 6);
        var speed = nvlink.UInt("bandwidth_per_link_mbps", 25_781);
        state.C2cEnabled = nvlink.Mode("c2c_enabled", root.Has("nvlink") ? 0 : Absent.Value);
        var switches = new List<(uint Domain, uint Bus, uint Device)>();
        foreach (var item in nvlink.Items("switches"))
        {
            if (BusPart.ReadAddress(item, "bdf") is { } address) switches.Add(address);
            _ = item.Text("uuid", "");
        }
        var others = gpus.Where((_, index) => index != gpuIndex).ToList();
        state.LinkCount = (uint)count;
        Span<LinkState> links = state.Links;
        for (var index = 0; index < count; index++)
        {
            ref var link = ref links[index];
            var peers = switches.Count > 0 ? switches : others;
            link.Active = peers.Count > 0 ? 1u : 0;
            link.Version = Version(generation);
            link.SpeedMegabytesPerSecond = speed;
            link.RemoteType = switches.Count > 0 ? RemoteSwitch : RemoteGpu;
            link.RemoteLink = (uint)(gpuIndex * count + index) % 64;
            if (peers.Count == 0) continue;
            (link.RemoteDomain, link.RemoteBus, link.RemoteDevice) = peers[index % peers.Count];
            link.RemoteDeviceId = switches.Count > 0 ? SwitchDeviceId : state.PciDeviceId;
        }
        ReadPlace(root, ref state);
    }

    /// <summary>The enumeration of NVML is not the generation: 4 is NVLink 3.0, 6 is 4.0, 7 is 5.0.</summary>
    private static uint Version(uint generation) => generation switch { 1 => 1, 2 => 2, 3 => 4, 4 => 6, 5 => 7, _ => 8 };

    private static void ReadPlace(ProfileSection root, ref GpuState state)
    {
        var topology = root.Section("pcie_topology");
        var cpus = topology.UInt("cpus_per_numa_node", CpusPerNode, 256);
        state.NumaNode = 0;
        state.RootComplex = 0;
        foreach (var (index, complex) in topology.Items("root_complexes").Index())
        {
            var node = complex.UInt("numa_node", 0, 63);
            _ = complex.Text("id", "");
            foreach (var (value, listed) in complex.Values("devices"))
                if (!BusPart.TryParseAddress(value, out var address))
                    complex.Document.Add(listed, $"{complex.Path}.devices", value, "a PCI address like 0000:1A:00.0");
                else if (address == (state.PciDomain, state.PciBus, state.PciDevice))
                    (state.NumaNode, state.RootComplex) = (node, (uint)index);
        }
        for (var cpu = state.NumaNode * cpus; cpu < (state.NumaNode + 1) * cpus && cpu < 1024; cpu++)
            state.CpuAffinity[(int)(cpu / 64)] |= 1ul << (int)(cpu % 64);
    }
}
