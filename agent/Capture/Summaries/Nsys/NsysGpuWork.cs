using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Summaries.Nsys;

/// <summary>What ran on the GPUs: kernels, whole CUDA graphs, copies and fills.</summary>
internal sealed class NsysGpuWork(NsysExport export, NsysDevices devices, CapturedGpus captured)
{
    // ENUM_CUDA_MEMCPY_OPER; the same numbers in every version, those of CUPTI.
    private static readonly string[] Kinds =
    [
        CopyKinds.Unknown, CopyKinds.HostToDevice, CopyKinds.DeviceToHost, CopyKinds.Array, CopyKinds.Array, CopyKinds.Array, CopyKinds.Array, CopyKinds.Array,
        CopyKinds.DeviceToDevice, CopyKinds.HostToHost, CopyKinds.PeerToPeer, CopyKinds.ManagedHostToDevice, CopyKinds.ManagedDeviceToHost, CopyKinds.ManagedDeviceToDevice,
    ];

    /// <summary>Added to the number of a graph where kernels have the id of their name, which is never so large.</summary>
    private const long GraphKey = 1L << 60;

    /// <summary>Added to nsys's number of a GPU where others have CUDA's as their key, which is never so large.</summary>
    private const long DeviceKey = 1L << 32;

    private const int ProcessesAtMost = 64;

    private readonly SortedSet<long> processes = [];
    private readonly Dictionary<DeviceActivity, NsysDevice> certain = []; // where the export says so for the process
    private readonly HashSet<DeviceActivity> others = [];
    private long lastProcess = -1;

    private readonly Dictionary<long, long> shortNames = []; // of each kernel's full name, by ids

    /// <summary>Kernels by the id of their full name, and CUDA graphs that were traced as a whole: their kernels have no rows of their own then.</summary>
    internal TallyTable<long> Kernels { get; } = new();

    internal CopyTally Copies { get; } = new();

    internal DeviceTable Devices { get; } = new();

    /// <summary>The processes whose work it is, as the profiler numbers them, which is as their own namespace does.</summary>
    internal IReadOnlyCollection<long> Processes => processes;

    /// <summary>Ids of the strings that name kernels.</summary>
    internal IEnumerable<long> Ids
    {
        get
        {
            foreach (var (name, _) in Kernels.Top(NsysNames.NamesAtMost))
            {
                yield return name;
                yield return shortNames.GetValueOrDefault(name, name);
            }
        }
    }

    /// <param name="nccl">Ids of short names that are NCCL's.</param>
    internal void Read(HashSet<long> nccl)
    {
        export.Each("CUPTI_ACTIVITY_KIND_KERNEL", ["start", "end", "deviceId", "demangledName", "shortName", "globalPid"], required: 4, rows =>
        {
            if (!export.IsEvent(rows, 0, 1, out var start, out var end)) return;
            var name = rows.Integer(3, -1);
            var shortName = rows.Integer(4, name);
            Kernels.Add(name, end - start);
            if (shortNames.Count < TallyTable<long>.KeysAtMost) shortNames.TryAdd(name, shortName);
            DeviceOf(rows.Integer(2, -1), rows.Integer(5, -1))?.AddKernel(start, end, nccl.Contains(shortName));
        });
        export.Each("CUPTI_ACTIVITY_KIND_GRAPH_TRACE", ["start", "end", "deviceId", "graphId", "globalPid"], required: 3, rows =>
        {
            if (!export.IsEvent(rows, 0, 1, out var start, out var end)) return;
            Kernels.Add(GraphKey + (rows.Integer(3) & uint.MaxValue), end - start);
            DeviceOf(rows.Integer(2, -1), rows.Integer(4, -1))?.AddKernel(start, end, isNccl: false);
        });
        export.Each("CUPTI_ACTIVITY_KIND_MEMCPY", ["start", "end", "deviceId", "copyKind", "bytes", "globalPid"], required: 4, rows =>
        {
            if (!export.IsEvent(rows, 0, 1, out var start, out var end)) return;
            var kind = rows.Integer(3);
            Copies.Add(kind >= 0 && kind < Kinds.Length ? Kinds[kind] : CopyKinds.Unknown, end - start, rows.Integer(4));
            DeviceOf(rows.Integer(2, -1), rows.Integer(5, -1))?.AddCopy(start, end);
        });
        export.Each("CUPTI_ACTIVITY_KIND_MEMSET", ["start", "end", "deviceId", "bytes", "globalPid"], required: 3, rows =>
        {
            if (!export.IsEvent(rows, 0, 1, out var start, out var end)) return;
            Copies.Add(CopyKinds.Fill, end - start, rows.Integer(3));
            DeviceOf(rows.Integer(2, -1), rows.Integer(4, -1))?.AddCopy(start, end);
        });
        Identify();
    }

    /// <summary>Short and full name of a kernel.</summary>
    internal (string Short, string Full) NameOf(long kernel, NsysNames names)
    {
        if (kernel >= GraphKey) return ($"CUDA graph {kernel - GraphKey}", $"CUDA graph {kernel - GraphKey}");
        var full = names.Of(kernel);
        return (shortNames.TryGetValue(kernel, out var shortName) && shortName != kernel ? names.Of(shortName) : KernelNames.Short(full), full);
    }

    /// <summary>True for a GPU that the capture is not of; false where that cannot be told, since the work is that of the captured processes.</summary>
    internal bool IsOther(DeviceActivity device) => others.Contains(device);

    private DeviceActivity? DeviceOf(long cuda, long globalPid)
    {
        var pid = globalPid < 0 ? -1 : (globalPid >> 24) & 0xffffff;
        if (pid != lastProcess && pid >= 0 && processes.Count < ProcessesAtMost) processes.Add(pid);
        lastProcess = pid;
        var gpu = devices.IsByProcess ? devices.Of(pid, cuda) : null;
        var device = gpu is null ? Devices.Of(cuda) : Devices.Of(cuda, DeviceKey + gpu.Id);
        if (device is null) return null;
        if (gpu is not null) certain.TryAdd(device, gpu);
        device.UsedBy(pid);
        return device;
    }

    private void Identify()
    {
        foreach (var activity in Devices.All)
        {
            if ((certain.GetValueOrDefault(activity) ?? devices.Of(-1, activity.Device)) is not { } gpu) continue;
            activity.Name = gpu.Name;
            // Processes that count for themselves may call different GPUs by one number.
            if (activity.IsOfSeveral && !certain.ContainsKey(activity)) continue;
            (activity.Uuid, activity.PciBusId, activity.Gpu) = (gpu.Uuid, gpu.PciBusId, captured.IndexOf(gpu.Uuid, gpu.PciBusId));
            if (captured.AreKnown && activity.Gpu is null) others.Add(activity);
        }
        // Whose count it was, older versions do not say; that of nsys is another one where the job sees only some of the GPUs.
        if (certain.Count == 0 && Devices.All.All(static activity => activity.Gpu is null)) others.Clear();
    }
}
