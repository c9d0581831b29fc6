namespace Monitoring.Agent.Capture.Summaries.Nsys;

/// <summary>
/// The table of strings that an export's rows point into. It may hold millions, of which a summary needs some hundred: ids are gathered
/// first and resolved in one walk.
/// </summary>
internal sealed class NsysNames(NsysExport export)
{
    /// <summary>Names of one table that are resolved: all that a program has, but for one that makes names up as it runs.</summary>
    internal const int NamesAtMost = 4096;

    private const int PrefixLength = 16;

    private readonly Dictionary<long, string> names = [];

    /// <summary>Ids of the strings that begin as NCCL's kernels do.</summary>
    internal HashSet<long> Nccl()
    {
        var ids = new HashSet<long>();
        var prefix = new char[PrefixLength];
        export.Each("StringIds", ["id", "value"], required: 2, rows =>
        {
            if (ids.Count < TallyTable<long>.KeysAtMost && KernelNames.IsNccl(prefix.AsSpan(0, rows.Text(1, prefix)))) ids.Add(rows.Integer(0, -1));
        });
        return ids;
    }

    /// <summary>Reads the strings of these ids.</summary>
    internal void Resolve(IEnumerable<long> wanted)
    {
        var ids = wanted.ToHashSet();
        if (ids.Count == 0) return;
        var text = new char[LongNames.LengthAtMost];
        export.Each("StringIds", ["id", "value"], required: 2, rows =>
        {
            var id = rows.Integer(0, -1);
            if (ids.Contains(id)) names[id] = new string(text, 0, LongNames.Cut(text, rows.Text(1, text)));
        });
    }

    /// <summary>The string of an id; words that name the id where there is none.</summary>
    internal string Of(long id) => names.TryGetValue(id, out var name) && name is not "" ? name : $"string {id}";
}
