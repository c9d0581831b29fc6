using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Summaries.Nsys;

/// <summary>Samples of the processors by thread.</summary>
internal sealed class NsysCpuSamples(NsysExport export)
{
    // A global id holds the process in bits 24 to 47 and the thread in the 24 below.
    private const long ThreadMask = 0xff_ffff;

    private readonly TallyTable<long> threads = new();
    private readonly Dictionary<long, string> processNames = [];
    private readonly Dictionary<long, long> threadNames = [];

    internal IEnumerable<long> Ids => threadNames.Values;

    internal void Read()
    {
        export.Each("COMPOSITE_EVENTS", ["globalTid"], required: 1, rows =>
        {
            if (rows.TryInteger(0, out var thread)) threads.Add(thread, 1);
        });
        if (threads.All.Count == 0) return;
        var top = threads.Top(ProfilerSummary.RowsAtMost).Select(static pair => pair.Key).ToHashSet();
        var processes = top.Select(static thread => thread & ~ThreadMask).ToHashSet();
        export.Each("PROCESSES", ["globalPid", "name"], required: 2, rows =>
        {
            var process = rows.Integer(0);
            if (processes.Contains(process)) processNames[process] = rows.Text(1, ProfilerSummary.NameLengthAtMost);
        });
        export.Each("ThreadNames", ["globalTid", "nameId"], required: 2, rows =>
        {
            var thread = rows.Integer(0);
            if (top.Contains(thread)) threadNames[thread] = rows.Integer(1, -1);
        });
    }

    internal CpuSampleTable? ToSummary(NsysNames names)
    {
        if (threads.All.Count == 0) return null;
        var rows = threads.Top(ProfilerSummary.RowsAtMost).Select(pair => new CpuSampleRow(
            processNames.GetValueOrDefault(pair.Key & ~ThreadMask, ""), (pair.Key >> 24) & ThreadMask, threadNames.TryGetValue(pair.Key, out var name) ? names.Of(name) : "",
            pair.Key & ThreadMask, pair.Value.Count, (double)pair.Value.Count / threads.All.Count));
        return new CpuSampleTable(threads.All.Count, [.. rows]);
    }
}
