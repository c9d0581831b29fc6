using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Summaries.Nsys;

/// <summary>What the programs did on the host: calls of CUDA and of the operating system's libraries, and their own ranges.</summary>
internal sealed class NsysCalls(NsysExport export)
{
    // ENUM_NSYS_EVENT_TYPE: NvtxPushPopRange, NvtxStartEndRange and the same of imported NVTXT files.
    private static readonly long[] RangeTypes = [59, 60, 70, 71];

    // ENUM_NSYS_EVENT_CLASS: TRACE_PROCESS_EVENT_OS_RUNTIME; the others of the table mark begin and end of tracing.
    private const long OsRuntimeCall = 27;

    private readonly TallyTable<long> api = new();
    private readonly TallyTable<long> system = new();
    private readonly TallyTable<string> rangesByText = new();
    private readonly TallyTable<long> rangesById = new();

    /// <summary>Ids of the strings that name them.</summary>
    internal IEnumerable<long> Ids => new[] { api, system, rangesById }.SelectMany(static table => table.Top(NsysNames.NamesAtMost)).Select(static pair => pair.Key);

    internal void Read()
    {
        export.Each("CUPTI_ACTIVITY_KIND_RUNTIME", ["start", "end", "nameId"], required: 3, rows =>
        {
            if (export.IsEvent(rows, 0, 1, out var start, out var end)) api.Add(rows.Integer(2, -1), end - start);
        });
        export.Each("OSRT_API", ["start", "end", "nameId", "eventClass"], required: 3, rows =>
        {
            if (rows.Integer(3, OsRuntimeCall) == OsRuntimeCall && export.IsEvent(rows, 0, 1, out var start, out var end)) system.Add(rows.Integer(2, -1), end - start);
        });
        var names = new NameCache();
        var text = new char[LongNames.LengthAtMost];
        export.Each("NVTX_EVENTS", ["start", "end", "eventType", "text", "textId"], required: 3, rows =>
        {
            if (!RangeTypes.Contains(rows.Integer(2, -1)) || !export.IsEvent(rows, 0, 1, out var start, out var end)) return;
            if (rows.Text(3, text) is > 0 and var length) rangesByText.Add(names.Of(text.AsSpan(0, LongNames.Cut(text, length))), end - start);
            else if (rows.TryInteger(4, out var id)) rangesById.Add(id, end - start);
            else rangesByText.Add("(without a name)", end - start);
        });
    }

    internal SummaryTable? ApiCalls(NsysNames names) => Table(new TallyTable<string>().Add(api, id => KernelNames.ApiCall(names.Of(id))));

    internal SummaryTable? SystemCalls(NsysNames names) => Table(new TallyTable<string>().Add(system, names.Of));

    internal SummaryTable? Ranges(NsysNames names) => Table(rangesByText.Add(rangesById, names.Of));

    private static SummaryTable? Table(TallyTable<string> table) => table.ToSummary(static name => (name, name));
}
