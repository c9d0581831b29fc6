using Monitoring.Simulator.Files;
using Monitoring.Simulator.State;

namespace Monitoring.Simulator;

/// <content>What of the machine is seen outside the driver's library: sysfs, procfs and the units of systemd, as files in the node's directory.</content>
public sealed partial class SimulatedNode
{
    // nvmlGpuFabricState_t: a GPU of a machine with switches takes part in their fabric.
    private const uint FabricCompleted = 3;

    private PciBus? _bus;
    private InfinibandPorts? _ports;
    private DriverTree? _driverTree;
    private ServiceTree? _services;

    /// <summary>The simulated sysfs: PCI devices, InfiniBand ports, control groups.</summary>
    public string Sysfs => Path.Combine(Directory, "sys");

    /// <summary>The simulated procfs: what the kernel module shows.</summary>
    public string Procfs => Path.Combine(Directory, "proc");

    /// <summary>Folder of the unit files of the services that the node has.</summary>
    public string SystemdUnits => Path.Combine(Directory, "systemd");

    /// <summary>Number of InfiniBand ports: <c>mlx5_0</c> and so on, port 1 each.</summary>
    public static int InfinibandPortCount => InfinibandPorts.Count;

    /// <summary>True for a machine whose GPUs are joined by NVSwitches, which need Fabric Manager.</summary>
    public bool HasFabric => Gpus.Count > 0 && State.Gpus[0].FabricState == FabricCompleted;

    /// <summary>Takes an InfiniBand port down, which its counter counts, or up.</summary>
    public void SetPortUp(int port, bool isUp)
    {
        lock (Gate) _ports!.SetUp(port, isUp);
    }

    /// <summary>True while an InfiniBand port is up.</summary>
    public bool IsPortUp(int port)
    {
        lock (Gate) return _ports!.IsUp(port);
    }

    /// <summary>Adds symbol errors to an InfiniBand port.</summary>
    public void AddPortSymbolErrors(int port, ulong count)
    {
        lock (Gate) _ports!.AddSymbolErrors(port, count);
    }

    /// <summary>Starts or stops a service of the driver, such as <c>nvidia-fabricmanager</c>.</summary>
    /// <exception cref="ArgumentException">The node does not have it.</exception>
    public void SetServiceActive(string service, bool isActive)
    {
        lock (Gate) _services!.SetActive(service, isActive);
    }

    /// <summary>Takes a GPU off the PCI bus, as the kernel does after a surprise removal, or puts it back.</summary>
    public void SetOnBus(SimulatedGpu gpu, bool isOnBus)
    {
        lock (Gate)
        {
            if (isOnBus) _bus!.AddGpu(gpu.State);
            else _bus!.Remove(gpu.State);
        }
    }

    internal void ShowLoss(SimulatedGpu gpu, bool isLost) => _bus?.SetAnswers(gpu.State, !isLost);

    private void WriteFiles()
    {
        TreeFile.RemoveDirectory(Path.Combine(Sysfs, "bus"));
        TreeFile.RemoveDirectory(Path.Combine(Procfs, "driver"));
        _bus = new PciBus(Sysfs);
        foreach (var gpu in _gpus) _bus.AddGpu(gpu.State);
        if (HasFabric) _bus.AddNvSwitches();
        _ports = new InfinibandPorts(Sysfs);
        _services = new ServiceTree(Sysfs, SystemdUnits, HasFabric);
        _driverTree = new DriverTree(Procfs);
        ShowDriver(isLoaded: true);
    }

    private void ShowDriver(bool isLoaded)
    {
        Span<GpuState> gpus = State.Gpus;
        _driverTree?.SetLoaded(isLoaded, Profile.DriverVersion, gpus[.._gpus.Length]);
    }
}
