using System.Globalization;
using Monitoring.Collector.Fleet;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;

namespace Monitoring.Collector.Commands;

/// <summary>
/// Which GPUs of which nodes are meant: <c>all</c>, or terms with commas between them: <c>node=NAME</c> (with * and ? for connected
/// nodes), <c>gpu=INDEX</c>, <c>uuid=UUID</c>, <c>job=ID</c>. A key that comes several times means any of its values.
/// </summary>
internal sealed record NodeSelector
{
    private const int LongestText = 16 << 10;
    private const int LongestValue = 256;

    // An index beyond this is a mistake: the largest nodes have 16 GPUs, with room for what comes.
    private const int HighestGpu = 1023;

    /// <summary>Names or patterns of nodes; none means those of the job, or all.</summary>
    public IReadOnlyList<string> Nodes { get; init; } = [];

    /// <summary>Indices of GPUs.</summary>
    public IReadOnlyList<int> Gpus { get; init; } = [];

    /// <summary>UUIDs of GPUs.</summary>
    public IReadOnlyList<string> Uuids { get; init; } = [];

    /// <summary>The job; empty for any.</summary>
    public string Job { get; init; } = "";

    /// <summary>True for every connected node.</summary>
    public bool All { get; init; }

    /// <summary>True where nothing says which nodes are meant.</summary>
    public bool IsEmpty => !All && Nodes.Count == 0 && Job.Length == 0;

    /// <summary>Reads a selector, adding every mistake to <paramref name="problems"/>.</summary>
    public static NodeSelector Parse(string text, string field, List<FieldProblem> problems)
    {
        if (text.Length > LongestText)
        {
            problems.Add(new FieldProblem(field, ApiAnswer.Shown(text), $"at most {LongestText} characters"));
            return new NodeSelector();
        }

        var (nodes, gpus, uuids, jobs, all) = (new List<string>(), new List<int>(), new List<string>(), new List<string>(), false);
        foreach (var term in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = term.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = equals < 0 ? (term, "") : (term[..equals].TrimEnd(), term[(equals + 1)..].TrimStart());
            switch (key)
            {
                case "all" when equals < 0: all = true; break;
                case "node" when IsName(value): nodes.Add(value); break;
                case "uuid" when IsName(value): uuids.Add(value); break;
                case "job" when IsName(value): jobs.Add(value); break;
                case "gpu" when TryGpu(value, out var gpu): gpus.Add(gpu); break;
                default: problems.Add(new FieldProblem(field, ApiAnswer.Shown(term), $"all, node=NAME, gpu=INDEX (0 to {HighestGpu}), uuid=UUID or job=ID, with commas between them")); break;
            }
        }

        var job = jobs.Distinct(StringComparer.Ordinal).ToArray();
        if (job.Length > 1) problems.Add(new FieldProblem(field, ApiAnswer.Shown(text), "one job; ask for each by itself"));
        return new NodeSelector { Nodes = nodes, Gpus = gpus, Uuids = uuids, Job = job is [var one, ..] ? one : "", All = all };
    }

    /// <summary>The selector of an order: its fields and its text together.</summary>
    public static NodeSelector Of(CaptureOrder order, List<FieldProblem> problems)
    {
        var text = order.Selector is { Length: > 0 } selector ? Parse(selector, "selector", problems) : new NodeSelector();
        string[] nodes = [.. text.Nodes, .. order.Node is { Length: > 0 } node ? [node] : Array.Empty<string>(), .. order.Nodes ?? []];
        foreach (var name in nodes.Where(static name => !IsName(name))) problems.Add(new FieldProblem("node", ApiAnswer.Shown(name), $"a name of 1 to {LongestValue} characters"));
        foreach (var gpu in (order.Gpus ?? []).Where(static gpu => gpu is < 0 or > HighestGpu)) problems.Add(new FieldProblem("gpus", gpu.ToString(CultureInfo.InvariantCulture), $"indices from 0 to {HighestGpu}"));
        foreach (var uuid in (order.Uuids ?? []).Where(static uuid => !IsName(uuid))) problems.Add(new FieldProblem("uuids", ApiAnswer.Shown(uuid), "UUIDs of GPUs, such as GPU-1a2b..."));
        if (order.Job is { Length: > LongestValue } job) problems.Add(new FieldProblem("job", ApiAnswer.Shown(job), $"at most {LongestValue} characters"));
        if (order.Job is { Length: > 0 } && text.Job.Length > 0 && text.Job != order.Job) problems.Add(new FieldProblem("job", ApiAnswer.Shown(order.Job), $"the job of the selector ({ApiAnswer.Shown(text.Job)}), or none"));
        var merged = text with
        {
            Nodes = nodes, Gpus = [.. text.Gpus, .. order.Gpus ?? []], Uuids = [.. text.Uuids, .. order.Uuids ?? []], Job = order.Job is { Length: > 0 } ? order.Job : text.Job, All = text.All || order.All,
        };
        if (problems.Count == 0 && merged.IsEmpty) problems.Add(new FieldProblem("node", "", "one of node, nodes, job, all or selector, to say what is to be captured"));
        return merged;
    }

    /// <summary>What is to be captured on which node, by name; nodes that are named in full are in it whether they are connected or not.</summary>
    public IReadOnlyList<CaptureTarget> Resolve(IReadOnlyList<string> connected, JobDirectory jobs, long? pid = null)
    {
        var named = All ? connected : Nodes.SelectMany(pattern => IsPattern(pattern) ? connected.Where(node => Matches(pattern, node)) : [pattern]);
        var ofJob = Job.Length > 0 ? jobs.GpusOf(Job).ToLookup(static gpu => gpu.Node, StringComparer.Ordinal) : null;
        // A job that no series tells of is looked for on each node that is meant; the node itself knows.
        var nodes = Nodes.Count == 0 && !All && ofJob is not null ? ofJob.Select(static node => node.Key) : named;
        return [.. nodes.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(node => new CaptureTarget(node, Gpus, Uuids, Job, pid))];
    }

    private static bool IsName(string? value) => value is { Length: > 0 and <= LongestValue } && !value.AsSpan().ContainsAny('\n', '\r', '\0');

    private static bool TryGpu(string value, out int gpu) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out gpu) && gpu <= HighestGpu;

    private static bool IsPattern(string text) => text.AsSpan().ContainsAny('*', '?');

    /// <summary>Compares with * and ? in time that grows with the product of both lengths at most.</summary>
    private static bool Matches(string pattern, string text)
    {
        int inPattern = 0, inText = 0, star = -1, resume = 0;
        while (inText < text.Length)
        {
            if (inPattern < pattern.Length && (pattern[inPattern] == '?' || (pattern[inPattern] != '*' && pattern[inPattern] == text[inText]))) (inPattern, inText) = (inPattern + 1, inText + 1);
            else if (inPattern < pattern.Length && pattern[inPattern] == '*') (star, resume) = (inPattern++, inText);
            else if (star >= 0) (inPattern, inText) = (star + 1, ++resume);
            else return false;
        }

        return pattern.AsSpan(inPattern).IndexOfAnyExcept('*') < 0;
    }
}
