namespace Monitoring.Agent.Devices.Pci;

/// <summary>The NVIDIA GPUs on the PCI bus as the kernel lists them, whether or not the driver can use them.</summary>
/// <param name="sysfs">Where sysfs is mounted, <c>/sys</c>.</param>
internal sealed class PciInventory(string sysfs)
{
    private const string Nvidia = "0x10de";

    /// <summary>Addresses of GPUs: display controllers of class 0x0300 (VGA) and 0x0302 (3D); null where the bus cannot be read.</summary>
    internal IReadOnlyList<string>? Gpus()
    {
        try
        {
            return [.. Directory.EnumerateDirectories(Path.Combine(sysfs, "bus/pci/devices")).Where(IsGpu).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>NUMA node of a device; empty where it has none or the kernel does not say.</summary>
    /// <param name="nvmlBusId">NVML's notation: <c>00000000:62:00.0</c>, where sysfs has <c>0000:62:00.0</c> in lower case.</param>
    internal string NumaNode(string nvmlBusId)
    {
        if (nvmlBusId.Length < 12) return "";
        var address = nvmlBusId[^12..].ToLowerInvariant();
        return Read(Path.Combine(sysfs, "bus/pci/devices", address, "numa_node")) is { Length: > 0 } node and not "-1" ? node : "";
    }

    private static bool IsGpu(string path) =>
        Read(Path.Combine(path, "vendor")) == Nvidia
        && Read(Path.Combine(path, "class")) is { } @class
        && (@class.StartsWith("0x0300", StringComparison.Ordinal) || @class.StartsWith("0x0302", StringComparison.Ordinal));

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
