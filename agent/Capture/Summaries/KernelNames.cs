namespace Monitoring.Agent.Capture.Summaries;

/// <summary>What the names of kernels tell.</summary>
internal static class KernelNames
{
    private const string Anonymous = "(anonymous namespace)";

    // In this order: ReduceScatter is no Reduce, and SendRecv is what NCCL runs for all-to-all too.
    private static readonly (string Part, string Collective)[] Collectives =
    [
        ("AllReduce", "all_reduce"), ("ReduceScatter", "reduce_scatter"), ("AllGather", "all_gather"), ("AllToAll", "all_to_all"),
        ("SendRecv", "send_receive"), ("Broadcast", "broadcast"), ("Reduce", "reduce"), ("Gather", "gather"), ("Scatter", "scatter"),
    ];

    /// <summary>A demangled name without type of return, namespaces, template arguments and parameters.</summary>
    internal static string Short(string name)
    {
        var start = 0;
        var end = name.Length;
        for (var place = 0; place < name.Length; place++)
        {
            var rest = name.AsSpan(place);
            if (rest.StartsWith(Anonymous))
            {
                place += Anonymous.Length - 1;
            }
            else if (rest[0] == '<')
            {
                // Arguments of a class or of the type of return: the name comes behind them.
                var close = CloseOf(name, place);
                if (place == start || (close + 1 < name.Length && name[close + 1] is ':' or ' '))
                {
                    place = close;
                    continue;
                }
                end = place;
                break;
            }
            else if (rest[0] == '(' && place > start)
            {
                // operator() and lambdas have brackets of their own; their whole name is the better one.
                if (name.AsSpan(start, place - start).StartsWith("operator")) return name;
                end = place;
                break;
            }
            else if (rest[0] == ' ' || rest.StartsWith("::"))
            {
                if (rest[0] == ':') place++;
                start = place + 1;
            }
        }
        return start < end ? name[start..end] : name;
    }

    /// <summary>Where the bracket closes; the end of a name that was cut.</summary>
    private static int CloseOf(string name, int open)
    {
        int depth = 0, brackets = 0;
        for (var place = open; place < name.Length; place++)
        {
            // In round brackets < and > compare.
            if (name[place] == '(') brackets++;
            else if (name[place] == ')') brackets--;
            else if (brackets > 0) continue;
            else if (name[place] == '<') depth++;
            else if (name[place] == '>' && name[place - 1] != '-' && --depth == 0) return place;
        }
        return name.Length;
    }

    /// <summary>True for a kernel of NCCL, by its short name.</summary>
    internal static bool IsNccl(ReadOnlySpan<char> shortName) => shortName.StartsWith("nccl", StringComparison.OrdinalIgnoreCase);

    /// <summary>Which collective a kernel of NCCL runs, in words that never change.</summary>
    internal static string Collective(string name)
    {
        foreach (var (part, collective) in Collectives)
            if (name.Contains(part, StringComparison.OrdinalIgnoreCase)) return collective;
        return "other";
    }

    /// <summary>A call of the CUDA runtime without the version that its entry point carries: cudaLaunchKernel_v7000.</summary>
    internal static string ApiCall(string name)
    {
        var place = name.LastIndexOf("_v", StringComparison.Ordinal);
        return place > 0 && place + 2 < name.Length && name.AsSpan(place + 2).IndexOfAnyExceptInRange('0', '9') < 0 ? name[..place] : name;
    }
}
