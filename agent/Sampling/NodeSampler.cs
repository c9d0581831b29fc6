using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Nvml;
using Monitoring.Agent.Devices.Pci;

namespace Monitoring.Agent.Sampling;

/// <summary>
/// Finds the node's GPUs and keeps a lane for each, through drivers that come, go and are reloaded. Works on a thread of its own, since
/// even counting GPUs can hang in the driver.
/// </summary>
internal sealed partial class NodeSampler(
    string cluster, string node, DeviceSettings devices, SamplingSettings settings, TimeProvider time, ILogger<NodeSampler> logger, CounterLedger? counters = null)
{
    private static readonly TimeSpan LaneEndPatience = TimeSpan.FromSeconds(2);

    // A reset takes a minute at most; a GPU that is gone for good must not make every other one pause again and again.
    private static readonly TimeSpan LostBeforeAttachingAnew = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstPauseBetweenAttempts = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestPauseBetweenAttempts = TimeSpan.FromHours(1);
    private readonly StopSignal stop = new();
    private readonly CounterLedger ledger = counters ?? new CounterLedger(time); // its own ends with it
    private readonly PciInventory pci = new(devices.Sysfs);
    private GpuLane[] lanes = [];
    private readonly EventLanes events = new(settings.CallDeadline, time, logger);
    private TimeSpan pauseBetweenAttempts;
    private long attachedAnewAt;
    private NvmlLibrary? library;
    private Thread? thread;
    private bool attached;
    private string lastTrouble = "";
    private int deviceCount = -1;
    private int onBusNow = -1;
    private int followed;
    private long rounds;

    /// <summary>A lane per GPU, in NVML's order.</summary>
    internal GpuLane[] Lanes => Volatile.Read(ref lanes);

    /// <summary>The lanes of the driver's events: one, and those of before that a driver call holds. None without a driver.</summary>
    internal EventLane[] EventLanes => events.All;

    /// <summary>Why the driver's events cannot come; empty while they can.</summary>
    internal string EventTrouble => Trouble is { Length: > 0 } trouble ? trouble : events.Trouble;

    /// <summary>What the driver's events told.</summary>
    internal DriverEvents DriverEvents { get; } = new();

    /// <summary>Times the calls that concern no single GPU.</summary>
    internal DriverClock Clock { get; } = new(time);

    /// <summary>GPUs that the driver sees; 0 without a driver, NaN until it was asked and while it does not answer.</summary>
    internal double DeviceCount => Volatile.Read(ref deviceCount) is var count and >= 0 && Clock.InProgress <= settings.CallDeadline ? count : double.NaN;

    /// <summary>
    /// GPUs as configured, or the most that were on the PCI bus, over restarts and reboots, until a person says that there are fewer; NaN
    /// where neither is known.
    /// </summary>
    internal double DevicesExpected => devices.ExpectedCount > 0 ? devices.ExpectedCount : ledger.MostDevices ?? double.NaN;

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
        EndLanes();
    }

    /// <summary>A person says that the GPUs which are on the PCI bus now are all that there are.</summary>
    /// <returns>How many were expected, and how many are from now on; null where that is the same, or is not known.</returns>
    internal (int Before, int Now)? SettleDevices()
    {
        if (Volatile.Read(ref onBusNow) is not (var present and >= 0) || ledger.MostDevices is not { } before || present == before) return null;
        ledger.SettleDevices(present);
        LogSettled(present, before);
        return (before, present);
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
        // A GPU that fell off the bus is still expected, also by the next agent and after a reboot.
        if (pci.Gpus() is { } onBus)
        {
            Volatile.Write(ref onBusNow, onBus.Count);
            ledger.SeeDevices(onBus.Count);
        }
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
        else if (code == NvmlReturn.Success && ShouldAttachAnew())
        {
            Detach();
            if (!attached) return;
        }
        // Without a driver there is nothing to see; any other error says nothing about the GPUs.
        Volatile.Write(ref deviceCount, code == NvmlReturn.Success ? count : code.NeedsInitialization || code == NvmlReturn.LibraryNotFound ? 0 : -1);
        SayTrouble(code == NvmlReturn.Success ? "" : code.Explanation);
        if (code == NvmlReturn.Success && !stop.IsSet) Follow(count);
    }

    /// <summary>
    /// Keeps a lane for every GPU. When their number changes, handles of the old set may point elsewhere, so every lane starts anew;
    /// one that a driver call holds does so once it ended, and the others do not wait for it.
    /// </summary>
    private void Follow(int count)
    {
        if (count != followed)
        {
            if (followed > 0) LogCountChanged(followed, count);
            followed = count;
            EndLanes();
        }
        var now = Lanes;
        GpuLane[] next =
        [
            .. Enumerable.Range(0, count).Select(index => now.FirstOrDefault(lane => lane.Index == index && !lane.HasEnded)
                ?? new GpuLane(library!, index, cluster, node, settings, ledger, time, logger)),
            .. now.Where(lane => lane.Index >= count && !lane.HasEnded),
        ];
        if (!next.SequenceEqual(now))
        {
            Volatile.Write(ref lanes, next);
            foreach (var lane in next.Except(now)) lane.Start();
        }
        if (count > 0) events.Follow(library!, () => Lanes, DriverEvents);
        else events.DropEnded();
    }

    /// <summary>
    /// True when a GPU that was lost for a while may work again: a handle that the driver called lost stays so until the library is
    /// initialised anew. When every GPU is lost there is nothing to lose; when only some are, the others pause for it, so one of the
    /// lost must answer on the PCI bus. Attempts that did not help become rarer, up to one an hour.
    /// </summary>
    private bool ShouldAttachAnew()
    {
        var lost = Lanes.Where(static lane => lane.LostFor > LostBeforeAttachingAnew).ToArray();
        if (lost.Length == 0)
        {
            // Lanes that were just made have not asked their GPU yet: they say nothing about the attempt.
            if (Lanes.Length > 0 && Array.TrueForAll(Lanes, static lane => lane.Ticks > 0 && !lane.IsLost)) pauseBetweenAttempts = TimeSpan.Zero;
            return false;
        }
        if (lost.Length < Lanes.Length && !Array.Exists(lost, lane => lane.Identity is { } gpu && pci.Answers(gpu.PciBusId) == true)) return false;
        if (pauseBetweenAttempts > TimeSpan.Zero && time.GetElapsedTime(attachedAnewAt) < pauseBetweenAttempts) return false;
        attachedAnewAt = time.GetTimestamp();
        pauseBetweenAttempts = pauseBetweenAttempts == TimeSpan.Zero ? FirstPauseBetweenAttempts
            : TimeSpan.FromTicks(Math.Min(pauseBetweenAttempts.Ticks * 2, LongestPauseBetweenAttempts.Ticks));
        LogAttachingAnew(string.Join(", ", lost.Select(static lane => lane.Index)));
        return true;
    }

    private void Detach()
    {
        followed = 0;
        EndLanes();
        // A lane inside the driver still uses its handle: it stays, and is watched, and the library is shut down when it came back.
        GpuLane[] held = [.. Lanes.Where(static lane => !lane.HasEnded)];
        Volatile.Write(ref lanes, held);
        events.DropEnded();
        if (held.Length > 0 || EventLanes.Length > 0) return;
        _ = Timed(NvmlCall.Shutdown, () => { library!.Shutdown(); return NvmlReturn.Success; });
        attached = false;
    }

    /// <summary>Ends every lane, all at once; those that a driver call holds end when it comes back.</summary>
    private void EndLanes()
    {
        var asked = time.GetTimestamp();
        foreach (var lane in Lanes) lane.AskToEnd();
        events.AskToEnd();
        foreach (var lane in Lanes) lane.WaitForEnd(Left());
        events.WaitForEnd(Left);

        TimeSpan Left() => LaneEndPatience - time.GetElapsedTime(asked) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
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

    [LoggerMessage(EventId = 1005, Level = LogLevel.Information, Message = "{Now} GPUs are expected from now on, as a person says; there were {Before}.")]
    private partial void LogSettled(int now, int before);

    [LoggerMessage(EventId = 1214, Level = LogLevel.Warning, Message = "GPU {Gpus} was lost and may work again: detaching from the driver and attaching anew.")]
    private partial void LogAttachingAnew(string gpus);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Error, Message = "The inventory of GPUs ended in a fault of the agent.")]
    private partial void LogFault(Exception fault);
}
