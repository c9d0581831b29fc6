using System.Text.RegularExpressions;

namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>Makes the PromQL of a rule from its text: values for <c>%name%</c>, and the selector on every series.</summary>
/// <param name="values">All values.</param>
internal sealed partial class ExpressionText(RuleValues values)
{
    private readonly Dictionary<string, string> fixedWords = new(StringComparer.Ordinal)
    {
        ["per_gpu"] = "cluster, node, gpu, uuid",
        ["incident_window"] = values.IncidentWindow,
        ["node_jobs"] = values.NodeJobs,
        ["collector_job"] = values.CollectorJob,
        ["harmful"] = ThrottleReasons.Harmful,
        ["xids_off_bus"] = XidLists.OfRunbook("GpuFallenOffBus"),
        ["xids_nvlink"] = XidLists.Nvlink(isAlwaysFatal: true),
        ["xids_nvlink_decoded"] = XidLists.Nvlink(isAlwaysFatal: false),
        ["xids_contained"] = XidLists.OfRunbook("GpuXidContainedMemoryError"),
        ["xids_storm"] = XidLists.OfRunbook("GpuCorrectableEccStorm"),
        ["xids_application"] = XidLists.OfRunbook("GpuXidAppRepeated"),
        ["xids_fatal"] = XidLists.Fatal(),
        ["xids_repeated"] = XidLists.Repeated(values.XidsNotRepeated),
    };

    /// <summary>The expression as Prometheus reads it.</summary>
    /// <param name="text">As it is written in code.</param>
    /// <param name="numbers">The numbers of the alert.</param>
    /// <param name="used">Takes the names of the numbers that the text uses.</param>
    /// <exception cref="ValuesException">The text uses a value that there is not.</exception>
    internal string Fill(string text, IReadOnlyDictionary<string, string> numbers, ISet<string> used) =>
        AddSelector(Mark().Replace(text, match => Word(match.Groups["name"].Value, numbers, used)), values.Selector);

    /// <summary>Puts matchers on every series of an expression; recorded series have them already.</summary>
    internal static string AddSelector(string expression, string selector) => selector.Length == 0 ? expression : Series().Replace(expression, match =>
        match.Groups["rest"].Value switch
        {
            "" => $"{match.Groups["name"].Value}{{{selector}}}",
            "{}" => $"{match.Groups["name"].Value}{{{selector}}}",
            var rest => $"{match.Groups["name"].Value}{{{selector},{rest[1..]}",
        });

    private string Word(string name, IReadOnlyDictionary<string, string> numbers, ISet<string> used)
    {
        if (fixedWords.TryGetValue(name, out var word)) return word;
        if (!numbers.TryGetValue(name, out var number)) throw new ValuesException($"the key {name} is missing");
        used.Add(name);
        return number;
    }

    [GeneratedRegex("%(?<name>[a-z_]+)%")]
    private static partial Regex Mark();

    // A name that a colon stands before or after belongs to a recorded series.
    [GeneratedRegex(@"(?<![\w:])(?<name>gpu_\w+|up)(?![\w:])(?<rest>\{[^}]*\}|)")]
    private static partial Regex Series();
}
