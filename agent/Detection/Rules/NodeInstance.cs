using System.Globalization;
using Monitoring.Agent.Detection.Rules.Predicates;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>One of the things that the labels of a node's series tell apart, such as a port.</summary>
/// <param name="Name">Values of the labels, joined by a comma.</param>
/// <param name="Gpu">The GPU, where a label names one.</param>
/// <param name="Labels">The labels.</param>
internal sealed record NodeInstance(string Name, GpuSubject? Gpu, IReadOnlyList<KeyValuePair<string, string>> Labels)
{
    /// <summary>Instances of a rule; further ones are not looked at.</summary>
    internal const int MostPerRule = 256;

    /// <summary>The instances that a rule has in a layout and that its filter lets through.</summary>
    internal static IReadOnlyList<NodeInstance> Find(RuleDefinition rule, IReadOnlyList<SeriesReader> selectors, FrameLayout layout, IReadOnlyList<GpuSubject> gpus)
    {
        Dictionary<string, NodeInstance> found = new(StringComparer.Ordinal);
        foreach (var series in layout.Series)
        {
            if (found.Count >= MostPerRule || !selectors.Any(selector => selector.Matches(series))) continue;
            var labels = rule.Per.Select(label => new KeyValuePair<string, string?>(label, SeriesReader.Label(series, label))).ToArray();
            if (Array.Exists(labels, static label => label.Value is null)) continue;
            var name = string.Join(',', labels.Select(static label => label.Value));
            if (found.ContainsKey(name)) continue;
            var gpu = rule.Per.Contains("gpu") || rule.Per.Contains("uuid") ? GpuOf(series, gpus) : null;
            if (gpu is not null && FilterText.Refusal(rule.Filter, gpu).Length > 0) continue;
            found.Add(name, new NodeInstance(name, gpu, [.. labels.Select(static label => KeyValuePair.Create(label.Key, label.Value!))]));
        }
        return [.. found.Values];
    }

    private static GpuSubject? GpuOf(SeriesName series, IReadOnlyList<GpuSubject> gpus)
    {
        var (label, uuid) = (SeriesReader.Label(series, "gpu") ?? "", SeriesReader.Label(series, "uuid") ?? "");
        var index = int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
        return gpus.FirstOrDefault(gpu => uuid.Length > 0 && gpu.Uuid.Length > 0 ? gpu.Uuid == uuid : gpu.Index == index)
            ?? (index >= 0 || uuid.Length > 0 ? new GpuSubject(index, uuid) : null);
    }
}
