using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Summaries.Nsys;

/// <summary>What ran on the GPUs: kernels, whole CUDA graphs, copies and fills.</summary>
internal sealed class NsysGpuWork(NsysExport export)
{
    // ENUM_CUDA_MEMCPY_OPER; the same numbers in every version, those of CUPTI.
    private static readonly string[] Kinds =
    [
        CopyKinds.Unknown, CopyKinds.HostToDevice, CopyKinds.DeviceToHost, CopyKinds.Array, CopyKinds.Array, CopyKinds.Array, CopyKinds.Array, CopyKinds.Array,
        CopyKinds.DeviceToDevice, CopyKinds.HostToHost, CopyKinds.PeerToPeer, CopyKinds.ManagedHostToDevice, CopyKinds.ManagedDeviceToHost, CopyKinds.ManagedDeviceToDevice,
    ];

    /// <summary>Added to the number of a graph where kernels have the id of their name, which is never so large.</summary>
    private const long GraphKey = 1L << 60;

    private readonly Dictionary<long, long> shortNames = []; // of each kernel's full name, by ids

    /// <summary>Kernels by the id of their full name, and CUDA graphs that were traced as a whole: their kernels have no rows of their own then.</summary>
    internal TallyTable<long> Kernels { get; } = new();

    internal CopyTally Copies { get; } = new();

    internal DeviceTable Devices { get; } = new();

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
        export.Each("CUPTI_ACTIVITY_KIND_KERNEL", ["start", "end", "deviceId", "demangledName", "shortName"], required: 4, rows =>
        {
            if (!export.IsEvent(rows, 0, 1, out var start, out var end)) return;
            var name = rows.Integer(3, -1);
            var shortName = rows.Integer(4, name);
            Kernels.Add(name, end - start);
            if (shortNames.Count < TallyTable<long>.KeysAtMost) shortNames.TryAdd(name, shortName);
            Devices.Of(rows.Integer(2, -1))?.AddKernel(start, end, nccl.Contains(shortName));
        });
        export.Each("CUPTI_ACTIVITY_KIND_GRAPH_TRACE", ["start", "end", "deviceId", "graphId"], required: 3, rows =>
        {
            if (!export.IsEvent(rows, 0, 1, out var start, out var end)) return;
            Kernels.Add(GraphKey + (rows.Integer(3) & uint.MaxValue), end - start);
            Devices.Of(rows.Integer(2, -1))?.AddKernel(start, end, isNccl: false);
        });
        export.Each("CUPTI_ACTIVITY_KIND_MEMCPY", ["start", "end", "deviceId", "copyKind", "bytes"], required: 4, rows =>
        {
            if (!export.IsEvent(rows, 0, 1, out var start, out var end)) return;
            var kind = rows.Integer(3);
            Copies.Add(kind >= 0 && kind < Kinds.Length ? Kinds[kind] : CopyKinds.Unknown, end - start, rows.Integer(4));
            Devices.Of(rows.Integer(2, -1))?.AddCopy(start, end);
        });
        export.Each("CUPTI_ACTIVITY_KIND_MEMSET", ["start", "end", "deviceId", "bytes"], required: 3, rows =>
        {
            if (!export.IsEvent(rows, 0, 1, out var start, out var end)) return;
            Copies.Add(CopyKinds.Fill, end - start, rows.Integer(3));
            Devices.Of(rows.Integer(2, -1))?.AddCopy(start, end);
        });
        ReadGpus();
    }

    /// <summary>Short and full name of a kernel.</summary>
    internal (string Short, string Full) NameOf(long kernel, NsysNames names)
    {
        if (kernel >= GraphKey) return ($"CUDA graph {kernel - GraphKey}", $"CUDA graph {kernel - GraphKey}");
        var full = names.Of(kernel);
        return (shortNames.TryGetValue(kernel, out var shortName) && shortName != kernel ? names.Of(shortName) : KernelNames.Short(full), full);
    }

    private void ReadGpus() => export.Each("TARGET_INFO_GPU", ["id", "name", "uuid", "busLocation", "cuDevice"], required: 2, rows =>
    {
        // Events carry CUDA's number of the device where the two differ.
        if (Devices.Find(rows.TryInteger(4, out var cuda) ? cuda : rows.Integer(0, -1)) is not { } device) return;
        device.Name = rows.Text(1, 128);
        device.Uuid = rows.Text(2, 64);
        device.PciBusId = rows.Text(3, 64);
    });
}
