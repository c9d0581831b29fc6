using Monitoring.Agent.Devices.Nvml;

namespace Monitoring.Agent.Sampling;

/// <summary>One row of the metric table: everything that is known of a metric.</summary>
/// <param name="Name">Prometheus name; a public contract, never renamed.</param>
/// <param name="Unit">Base unit of its values.</param>
/// <param name="Kind">Gauge or counter.</param>
/// <param name="Help">One sentence for the page and the documentation.</param>
internal abstract record Metric(string Name, Unit Unit, MetricKind Kind, string Help)
{
    /// <summary>Names of the labels beyond cluster, node and, on a GPU's series, gpu and uuid.</summary>
    internal abstract IReadOnlyList<string> LabelNames { get; }

    /// <summary>Unit to hand to OpenTelemetry: only where the name ends in it, since translators append it otherwise.</summary>
    internal Unit InstrumentUnit => Unit.Suffix.Length > 0 && Base.EndsWith('_' + Unit.Suffix, StringComparison.Ordinal) ? Unit : Unit.None;

    /// <summary>
    /// The OpenTelemetry name that the standard translation turns into <see cref="Name"/>: without unit and <c>_total</c>, dots for
    /// underscores (<c>gpu_temperature_celsius</c>: <c>gpu.temperature</c>, unit <c>Cel</c>). A ratio keeps its word: some translators
    /// append it for the unit <c>1</c>, some do not, and none does so twice.
    /// </summary>
    internal string InstrumentName =>
        (InstrumentUnit.Suffix.Length > 0 && InstrumentUnit != Unit.Ratio ? Base[..^(InstrumentUnit.Suffix.Length + 1)] : Base).Replace('_', '.');

    private string Base => Kind == MetricKind.Counter && Name.EndsWith("_total", StringComparison.Ordinal) ? Name[..^"_total".Length] : Name;
}

/// <summary>A metric that a lane reads from its GPU.</summary>
/// <param name="Tier">How often it is read.</param>
/// <param name="Labels">Its labels and which series a GPU has of it.</param>
/// <param name="Read">How it is read: base unit, NaN for no value; the numbers are the places in <paramref name="Labels"/>.</param>
internal sealed record GpuMetric(string Name, Unit Unit, MetricKind Kind, string Help, Tier Tier, LabelSet Labels, Func<NvmlGpu, int, int, double> Read)
    : Metric(Name, Unit, Kind, Help)
{
    /// <summary>True for one that a MIG instance has as well.</summary>
    internal bool OnMig { get; init; }

    /// <summary>True for one that is read only when <c>sampling.per_link_bytes</c> asks for it.</summary>
    internal bool PerLinkBytes { get; init; }

    /// <summary>True for one that is exported for each link only when <c>sampling.per_link_errors</c> asks for it; else its sums over the links are.</summary>
    internal bool PerLinkErrors { get; init; }

    internal override IReadOnlyList<string> LabelNames => Labels.Names;
}

/// <summary>The highest or lowest value of a fast metric over the last 30 seconds.</summary>
/// <param name="Of">The fast metric.</param>
/// <param name="Maximum">True for the highest.</param>
internal sealed record WindowMetric(string Name, Unit Unit, string Help, GpuMetric Of, bool Maximum) : Metric(Name, Unit, MetricKind.Gauge, Help)
{
    internal override IReadOnlyList<string> LabelNames => Of.LabelNames;
}

/// <summary>A metric of the node or of the agent itself; the stage that knows its value registers a reader in <see cref="NodeReadings"/>.</summary>
/// <param name="Labels">Labels beyond cluster and node.</param>
internal sealed record NodeMetric(string Name, Unit Unit, MetricKind Kind, string Help, IReadOnlyList<string> Labels) : Metric(Name, Unit, Kind, Help)
{
    /// <summary>Most series that a node may show of it.</summary>
    internal int SeriesAtMost { get; init; } = 64;

    internal override IReadOnlyList<string> LabelNames => Labels;
}
