using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Nvml;
using Monitoring.Agent.Devices.Pci;

namespace Monitoring.Agent.Sampling;

/// <summary>
/// Finds the node's GPUs and keeps a lane for each, through drivers that come, go and are reloaded. Works on a thread of its own, since
/// even counting GPUs can hang in the driver.
/// </summary>
internal sealed partial class NodeSampler(
    string cluster, string node, DeviceSettings devices, SamplingSettings settings, TimeProvider time, ILogger<NodeSampler> logger)
{
    private static readonly TimeSpan LaneEndPatience = TimeSpan.FromSeconds(2);
    private readonly StopSignal stop = new();
    private readonly PciInventory pci = new(devices.Sysfs);
    private GpuLane[] lanes = [];
    private NvmlLibrary? library;
    private Thread? thread;
    private bool attached;
    private string lastTrouble = "";
    private int deviceCount = -1;
    private int? expected;
    private long rounds;

    /// <summary>A lane per GPU, in NVML's order.</summary>
    internal GpuLane[] Lanes => Volatile.Read(ref lanes);

    /// <summary>Times the calls that concern no single GPU.</summary>
    internal DriverClock Clock { get; } = new(time);

    /// <summary>GPUs that the driver sees; 0 without a driver, NaN until it was asked.</summary>
    internal double DeviceCount => Volatile.Read(ref deviceCount) is var count and >= 0 ? count : double.NaN;

    /// <summary>GPUs on the PCI bus or as configured; NaN where neither is known.</summary>
    internal double DevicesExpected => devices.ExpectedCount > 0 ? devices.ExpectedCount : expected ?? double.NaN;

    /// <summary>Why there are no GPUs; empty where there are.</summary>
    internal string Trouble => Volatile.Read(ref lastTrouble);

    /// <summary>Driver version; empty without a driver.</summary>
    internal string DriverVersion => attached ? library?.DriverVersion ?? "" : "";

    /// <summary>Highest CUDA version of the driver; empty without a driver.</summary>
    internal string CudaVersion => attached ? library?.CudaVersion ?? "" : "";

    /// <summary>Rounds of the inventory: a thread that lives makes it grow.</summary>
    internal long Rounds => Volatile.Read(ref rounds);

    /// <summary>Where the kernel's list of GPUs comes from.</summary>
    internal PciInventory Pci => pci;

    internal void Start()
    {
        thread = new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = "gpu-inventory" };
        thread.Start();
    }

    internal void Stop()
    {
        stop.Set();
        thread?.Join(LaneEndPatience);
        _ = EndLanes();
    }

    private void Run()
    {
        do
        {
            try
            {
                Look();
            }
            catch (Exception fault)
            {
                LogFault(fault);
            }
            Volatile.Write(ref rounds, rounds + 1);
        }
        while (!stop.Wait(attached ? settings.SlowInterval : TimeSpan.FromSeconds(5)));
    }

    private void Look()
    {
        expected = pci.Gpus()?.Count ?? expected;
        library ??= NvmlLibrary.Load(devices.NvmlLibrary);
        var code = library is null ? NvmlReturn.LibraryNotFound : attached ? NvmlReturn.Success : Timed(NvmlCall.Init_v2, library.Initialize);
        var count = 0;
        if (code == NvmlReturn.Success)
        {
            if (!attached) LogAttached(library!.DriverVersion, library.CudaVersion);
            attached = true;
            code = Timed(NvmlCall.DeviceGetCount_v2, () => library!.DeviceCount(out count));
        }
        if (code.NeedsInitialization && attached) Detach();
        Volatile.Write(ref deviceCount, code == NvmlReturn.Success ? count : 0);
        SayTrouble(code == NvmlReturn.Success ? "" : code.Explanation);
        if (code == NvmlReturn.Success && count != Lanes.Length) Follow(count);
    }

    /// <summary>The set of GPUs changed: handles of the old set may point elsewhere, so every lane starts anew.</summary>
    private void Follow(int count)
    {
        if (Lanes.Length > 0) LogCountChanged(Lanes.Length, count);
        if (AnyLaneIsStuck || !EndLanes()) return;
        GpuLane[] started = [.. Enumerable.Range(0, count).Select(index => new GpuLane(library!, index, cluster, node, settings, time, logger))];
        Volatile.Write(ref lanes, started);
        foreach (var lane in started) lane.Start();
    }

    private void Detach()
    {
        if (AnyLaneIsStuck || !EndLanes()) return;
        Volatile.Write(ref lanes, []);
        _ = Timed(NvmlCall.Shutdown, () => { library!.Shutdown(); return NvmlReturn.Success; });
        attached = false;
    }

    /// <summary>A stuck lane still uses its handle, and ending only the others would blind them for its sake: look again later.</summary>
    private bool AnyLaneIsStuck => Lanes.Any(lane => lane.Clock.InProgress > settings.CallDeadline);

    private bool EndLanes()
    {
        var ended = true;
        foreach (var lane in Lanes) ended &= lane.Stop(LaneEndPatience);
        return ended;
    }

    private NvmlReturn Timed(NvmlCall call, Func<NvmlReturn> ask)
    {
        Clock.Enter(call);
        try
        {
            return ask();
        }
        finally
        {
            Clock.Leave();
        }
    }

    private void SayTrouble(string trouble)
    {
        if (trouble == lastTrouble) return;
        Volatile.Write(ref lastTrouble, trouble);
        if (trouble.Length > 0) LogTrouble(trouble);
        else LogWell();
    }

    [LoggerMessage(EventId = 1000, Level = LogLevel.Information, Message = "Attached to NVIDIA driver {DriverVersion}, CUDA {CudaVersion}.")]
    private partial void LogAttached(string driverVersion, string cudaVersion);

    [LoggerMessage(EventId = 1001, Level = LogLevel.Warning, Message = "No GPU can be read: {Reason}. Trying again.")]
    private partial void LogTrouble(string reason);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Information, Message = "The driver answers.")]
    private partial void LogWell();

    [LoggerMessage(EventId = 1003, Level = LogLevel.Warning, Message = "The driver saw {Before} GPUs and sees {Now} now.")]
    private partial void LogCountChanged(int before, int now);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Error, Message = "The inventory of GPUs ended in a fault of the agent.")]
    private partial void LogFault(Exception fault);
}
