namespace Monitoring.Contracts.Events;

/// <summary>The kinds of event; public names that searches, dashboards and rules use, never renamed.</summary>
public static class EventKinds
{
    /// <summary>An XID of the driver; the code is its number.</summary>
    public const string Xid = "xid";

    /// <summary>An SXID of an NVSwitch; the code is its number.</summary>
    public const string Sxid = "sxid";

    /// <summary>The kernel or the driver says that the GPU left the bus, without an XID.</summary>
    public const string GpuOffBus = "gpu_off_bus";

    /// <summary>The GPU's system processor did not answer or stopped, without an XID.</summary>
    public const string Gsp = "gsp";

    /// <summary>PCI Express advanced error reporting.</summary>
    public const string PcieAer = "pcie_aer";

    /// <summary>An NVSwitch says something that is no SXID.</summary>
    public const string Nvswitch = "nvswitch";

    /// <summary>An error of Fabric Manager or of the fabric.</summary>
    public const string Fabric = "fabric";

    /// <summary>The kernel killed a process that used a GPU for want of memory.</summary>
    public const string OomKill = "oom_kill";

    /// <summary>A process ended by a fault inside a CUDA or NCCL library.</summary>
    public const string ProcessFault = "process_fault";

    /// <summary>GPU memory could not be shared with a network card.</summary>
    public const string PeerMemory = "peer_memory";

    /// <summary>Memory errors as the driver's event queue tells them: double bit, storm, retirement, poison.</summary>
    public const string Ecc = "ecc";

    /// <summary>The driver asks for a recovery action, or takes it back.</summary>
    public const string RecoveryAction = "recovery_action";

    /// <summary>The GPU became unavailable, or available again.</summary>
    public const string Availability = "availability";

    /// <summary>The power source of the board changed.</summary>
    public const string PowerSource = "power_source";

    /// <summary>The GPU was divided anew.</summary>
    public const string MigChange = "mig_change";

    /// <summary>The driver was loaded, unloaded or replaced.</summary>
    public const string Driver = "driver";

    /// <summary>A driver call does not come back, or did at last.</summary>
    public const string DriverStuck = "driver_stuck";

    /// <summary>A service of the node started or stopped: Fabric Manager, nvidia-persistenced.</summary>
    public const string Service = "service";

    /// <summary>An InfiniBand or RoCE port changed.</summary>
    public const string Infiniband = "infiniband";

    /// <summary>An anomaly rule fired or cleared; the event names the rule.</summary>
    public const string Anomaly = "anomaly";

    /// <summary>Something that the agent could not watch for a while: a gap in the kernel log, a full disk.</summary>
    public const string Gap = "gap";

    /// <summary>The agent or its rules changed: started, reloaded, refused.</summary>
    public const string Agent = "agent";

    /// <summary>A capture came to another stage: queued, recording, done, refused.</summary>
    public const string Capture = "capture";

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Xid, Sxid, GpuOffBus, Gsp, PcieAer, Nvswitch, Fabric, OomKill, ProcessFault, PeerMemory, Ecc, RecoveryAction,
        Availability, PowerSource, MigChange, Driver, DriverStuck, Service, Infiniband, Anomaly, Gap, Agent, Capture,
    ];
}
