using Monitoring.Settings;

namespace Monitoring.Agent.Devices;

/// <summary>Where GPUs are found.</summary>
[SettingsSection("Where GPUs are found.")]
public sealed class DeviceSettings
{
    [Setting("The NVML library: a name that the loader finds, or a path.")]
    public string NvmlLibrary { get; set; } = "libnvidia-ml.so.1";

    [Setting("Where sysfs is mounted, for the inventory of the PCI bus.")]
    public string Sysfs { get; set; } = "/sys";

    [Setting("GPUs that this node should have; 0 counts those on the PCI bus.", Minimum = "0", Maximum = "64")]
    public int ExpectedCount { get; set; }
}
