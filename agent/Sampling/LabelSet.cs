using Monitoring.Agent.Devices.Nvml;

namespace Monitoring.Agent.Sampling;

/// <summary>The labels of a metric and their values on one GPU: none, one list, or two lists crossed.</summary>
/// <param name="Names">Label names, at most two.</param>
/// <param name="First">Values of the first label on a GPU.</param>
/// <param name="Second">Values of the second label.</param>
/// <param name="FirstAtMost">Most values that the first label has on any GPU.</param>
internal sealed record LabelSet(IReadOnlyList<string> Names, Func<NvmlGpu, IReadOnlyList<string>> First, IReadOnlyList<string> Second, int FirstAtMost)
{
    /// <summary>Most series that a GPU can have of a metric with these labels.</summary>
    internal int SeriesAtMost => FirstAtMost * Second.Count;

    /// <summary>Every value that the first label can have on any GPU.</summary>
    internal IReadOnlyList<string> FirstKnown { get; init; } = [];

    private static readonly string[] Unlabelled = [""];
    private static readonly string[] Numbers = [.. Enumerable.Range(0, 64).Select(static n => n.ToString(System.Globalization.CultureInfo.InvariantCulture))];

    internal static readonly LabelSet None = new([], static _ => Unlabelled, Unlabelled, 1);

    /// <summary>The NVLinks that the GPU has.</summary>
    internal static readonly LabelSet PerLink = new(["link"], static gpu => Numbers[..gpu.LinkCount], Unlabelled, NvmlGpu.LinksAtMost) { FirstKnown = Numbers[..NvmlGpu.LinksAtMost] };

    /// <summary>The fans that the GPU has.</summary>
    internal static readonly LabelSet PerFan = new(["fan"], static gpu => Numbers[..gpu.FanCount], Unlabelled, NvmlGpu.FansAtMost) { FirstKnown = Numbers[..NvmlGpu.FansAtMost] };

    /// <summary>One label with fixed values.</summary>
    internal static LabelSet Of(string name, params string[] values) => new([name], _ => values, Unlabelled, values.Length) { FirstKnown = values };

    /// <summary>This label crossed with a second one.</summary>
    internal LabelSet And(string name, params string[] values) => this with { Names = [.. Names, name], Second = values };
}
