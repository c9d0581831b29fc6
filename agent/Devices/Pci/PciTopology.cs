namespace Monitoring.Agent.Devices.Pci;

/// <summary>What a PCI function is to the node's GPUs.</summary>
internal enum PciRole
{
    /// <summary>Something else, or not known.</summary>
    Other,

    /// <summary>A device of NVIDIA: a GPU or an NVSwitch.</summary>
    Nvidia,

    /// <summary>A bridge or root port above one.</summary>
    Bridge,
}

/// <summary>What a PCI function is, and which of NVIDIA's devices are behind it.</summary>
internal sealed record PciPlace(PciRole Role, IReadOnlyList<string> Devices);

/// <summary>Where NVIDIA's devices sit on the PCI bus. Read once, since a device that fell off is no longer there to be asked.</summary>
/// <param name="sysfs">Where sysfs is mounted, <c>/sys</c>.</param>
internal sealed class PciTopology(string sysfs)
{
    private const string Nvidia = "0x10de";
    private readonly Lazy<Dictionary<string, PciPlace>> places = new(() => Read(Path.Combine(sysfs, "bus/pci/devices")));

    /// <summary>What is at an address, in any notation.</summary>
    internal PciPlace Find(string address) => places.Value.GetValueOrDefault(PciAddress.Normalize(address)) ?? new PciPlace(PciRole.Other, []);

    private static Dictionary<string, PciPlace> Read(string folder)
    {
        var found = new Dictionary<string, PciPlace>(StringComparer.Ordinal);
        try
        {
            foreach (var path in Directory.EnumerateDirectories(folder))
            {
                var vendor = Path.Combine(path, "vendor");
                if (!File.Exists(vendor) || File.ReadAllText(vendor).Trim() != Nvidia) continue;
                var address = Path.GetFileName(path);
                found[address] = new PciPlace(PciRole.Nvidia, [address]);
                // The link leads through every bridge: ../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0
                foreach (var part in (new DirectoryInfo(path).LinkTarget ?? "").Split('/'))
                    if (part != address && PciAddress.Normalize(part) == part)
                        found[part] = new PciPlace(PciRole.Bridge, [.. found.GetValueOrDefault(part)?.Devices ?? [], address]);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Without the bus, lines that name the driver are still understood.
        }
        return found;
    }
}
