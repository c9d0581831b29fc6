using System.Globalization;

namespace Monitoring.Simulator.Files;

/// <summary>The driver's services: unit files, and control groups that hold a process while a service runs.</summary>
internal sealed class ServiceTree
{
    private const int FirstPid = 2_000_000;
    private static readonly string[] Services = ["nvidia-persistenced", "nvidia-fabricmanager"];
    private readonly string _slice;
    private readonly string _units;

    public ServiceTree(string sysfs, string units, bool hasFabric)
    {
        _slice = Path.Combine(sysfs, "fs/cgroup/system.slice");
        _units = units;
        foreach (var service in hasFabric ? Services : Services[..1])
        {
            TreeFile.Write(Path.Combine(units, service + ".service"), $"[Service]\nExecStart=/usr/bin/{service}\n");
            SetActive(service, isActive: true);
        }
    }

    public bool IsInstalled(string service) => File.Exists(Path.Combine(_units, service + ".service"));

    /// <summary>Starts or stops a service; systemd removes the group of one that stopped.</summary>
    public void SetActive(string service, bool isActive)
    {
        if (!IsInstalled(service)) throw new ArgumentException($"service is '{service}', which this node does not have");
        var group = Path.Combine(_slice, service + ".service");
        if (!isActive)
        {
            TreeFile.RemoveDirectory(group);
            return;
        }
        TreeFile.Write(Path.Combine(group, "cgroup.procs"), string.Create(CultureInfo.InvariantCulture, $"{FirstPid + Array.IndexOf(Services, service)}\n"));
        TreeFile.Write(Path.Combine(group, "cgroup.events"), "populated 1\nfrozen 0\n");
    }
}
