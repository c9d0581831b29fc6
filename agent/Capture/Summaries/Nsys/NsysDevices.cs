namespace Monitoring.Agent.Capture.Summaries.Nsys;

/// <summary>A GPU as an export describes it.</summary>
/// <param name="Id">nsys's own number.</param>
internal sealed record NsysDevice(long Id, string Name, string Uuid, string PciBusId);

/// <summary>
/// The GPUs of the node as an export describes them. Metrics name them by nsys's own number; kernels by CUDA's, which each process counts for
/// itself. Newer versions say for each process which is which, older ones only how one process of nsys counted.
/// </summary>
internal sealed class NsysDevices(NsysExport export)
{
    private const int DevicesAtMost = 128;
    private const int ProcessesAtMost = 4096;

    private readonly Dictionary<long, NsysDevice> byId = [];
    private readonly Dictionary<long, NsysDevice?> byCuda = []; // null where two claim the number
    private readonly Dictionary<(long Pid, long Cuda), NsysDevice> byProcess = [];
    private readonly HashSet<long> hosts = [];

    /// <summary>True where the export says for each process which GPU it calls how.</summary>
    internal bool IsByProcess => byProcess.Count > 0;

    internal void Read()
    {
        export.Each("TARGET_INFO_GPU", ["id", "name", "uuid", "busLocation", "cuDevice", "vmId"], required: 2, rows =>
        {
            if (rows.TryInteger(5, out var host) && hosts.Count < DevicesAtMost) hosts.Add(host);
            if (!rows.TryInteger(0, out var id) || id is < 0 or > ushort.MaxValue || byId.Count >= DevicesAtMost) return;
            var device = new NsysDevice(id, rows.Text(1, 128), rows.Text(2, 64), rows.Text(3, 64));
            byId.TryAdd(id, device);
            if (rows.TryInteger(4, out var cuda)) byCuda[cuda] = byCuda.ContainsKey(cuda) ? null : device;
        });
        export.Each("TARGET_INFO_CUDA_DEVICE", ["gpuId", "cudaId", "pid"], required: 2, rows =>
        {
            if (rows.TryInteger(2, out var pid) && byId.TryGetValue(rows.Integer(0, -1), out var device) && byProcess.Count < ProcessesAtMost) byProcess[(pid, rows.Integer(1, -1))] = device;
        });
        // Before there were two numbers there was one.
        if (byCuda.Count == 0)
            foreach (var (id, device) in byId) byCuda.Add(id, device);
    }

    /// <summary>The GPU that a process calls by a number of CUDA; null where the export does not say.</summary>
    internal NsysDevice? Of(long pid, long cuda) => IsByProcess ? byProcess.GetValueOrDefault((pid, cuda)) : byCuda.GetValueOrDefault(cuda);

    /// <summary>The GPU of a number of nsys; null where it is none of the export.</summary>
    internal NsysDevice? Find(long id) => byId.GetValueOrDefault(id);

    /// <summary>nsys's number of the GPU whose metrics a source samples: a source is its host's id with that number and one in the 16 bits above 32; the type's name carries it too.</summary>
    internal int? SampledBy(long source, string typeName)
    {
        var number = (source >> 32) & 0xffff;
        if (number > 0 && hosts.Contains(source - (number << 32))) return (int)number - 1;
        var open = typeName.LastIndexOf('[');
        var close = typeName.LastIndexOf(']');
        return open >= 0 && close > open && ushort.TryParse(typeName.AsSpan(open + 1, close - open - 1), out var index) ? index : null;
    }
}
