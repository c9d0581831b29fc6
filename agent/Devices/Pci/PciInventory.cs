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

    /// <summary>Addresses of NVSwitches: bridges of class 0x0680; none where the bus cannot be read.</summary>
    internal IReadOnlyList<string> NvSwitches()
    {
        try
        {
            return [.. Directory.EnumerateDirectories(Path.Combine(sysfs, "bus/pci/devices"))
                .Where(static path => Read(Path.Combine(path, "vendor")) == Nvidia && Read(Path.Combine(path, "class"))?.StartsWith("0x0680", StringComparison.Ordinal) == true)
                .Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The address in the kernel's notation: <c>0000:62:00.0</c> of NVML's <c>00000000:62:00.0</c>; empty for none.</summary>
    internal static string AddressOf(string nvmlBusId) => nvmlBusId.Length < 12 ? "" : nvmlBusId[^12..].ToLowerInvariant();

    /// <summary>The address in NVML's notation.</summary>
    internal static string BusIdOf(string address) => address.Length == 12 ? "0000" + address.ToUpperInvariant() : address;

    /// <summary>Kernel driver that the device is bound to, such as <c>nvidia</c> or <c>vfio-pci</c>; empty for none.</summary>
    internal string BoundDriver(string address)
    {
        try
        {
            return Path.GetFileName(new DirectoryInfo(Path.Combine(sysfs, "bus/pci/devices", address, "driver")).LinkTarget ?? "");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>
    /// Whether a device answers on the bus: its configuration space starts with the vendor, and reads as all ones once it fell off;
    /// null where that cannot be read.
    /// </summary>
    /// <param name="nvmlBusId">NVML's notation.</param>
    internal bool? Answers(string nvmlBusId)
    {
        try
        {
            Span<byte> vendor = stackalloc byte[2];
            using var file = File.OpenRead(Path.Combine(sysfs, "bus/pci/devices", AddressOf(nvmlBusId), "config"));
            return file.ReadAtLeast(vendor, 2, throwOnEndOfStream: false) == 2 && vendor is [0xde, 0x10];
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
        if (AddressOf(nvmlBusId) is not { Length: > 0 } address) return "";
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
