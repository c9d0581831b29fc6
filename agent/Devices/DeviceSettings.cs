using Monitoring.Settings;

namespace Monitoring.Agent.Devices;

/// <summary>Where GPUs are found.</summary>
[SettingsSection("Where GPUs are found.")]
public sealed class DeviceSettings
{
    [Setting("The NVML library: a name that the loader finds, or a path.")]
    public string NvmlLibrary { get; set; } = "libnvidia-ml.so.1";

    [Setting("Where sysfs is mounted, for the inventory of the PCI bus and of network ports.")]
    public string Sysfs { get; set; } = "/sys";

    [Setting("Where procfs is mounted, for the driver's version, its GPUs and the id of this boot.")]
    public string Procfs { get; set; } = "/proc";

    [Setting("The kernel's log: its device, or a file with records of the same form. Empty reads none.")]
    public string KernelLog { get; set; } = "/dev/kmsg";

    [Setting("Folders with unit files of systemd, separated by colons, to know which of the driver's services are installed.")]
    public string SystemdUnits { get; set; } = "/etc/systemd/system:/run/systemd/system:/usr/lib/systemd/system:/lib/systemd/system";
    [Setting("Fabric Manager's log, read for errors; a node without it has none. Empty reads none.")]
    public string FabricManagerLog { get; set; } = "/var/log/fabricmanager.log";

    [Setting("GPUs that this node should have; 0 takes the most that were ever on the PCI bus.", Minimum = "0", Maximum = "64")]
    public int ExpectedCount { get; set; }
}
