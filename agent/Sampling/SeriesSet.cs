using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Nvml;

namespace Monitoring.Agent.Sampling;

/// <summary>One series of a GPU or MIG instance.</summary>
/// <param name="Metric">Its row.</param>
/// <param name="First">Place in the first label's values.</param>
/// <param name="Second">Place in the second label's values.</param>
/// <param name="Tags">Every label, in the order cluster, node, gpu, uuid, the metric's own, the MIG instance's.</param>
internal sealed record Series(GpuMetric Metric, int First, int Second, KeyValuePair<string, object?>[] Tags);

/// <summary>
/// Every series of one GPU or MIG instance with its latest value. One lane writes; any number of readers read without a lock: a value
/// is one aligned word, and the time of its tier says how old it is.
/// </summary>
internal sealed class SeriesSet
{
    private readonly Dictionary<Metric, (int Start, int Count)> ranges = new(ReferenceEqualityComparer.Instance);
    private readonly int[] tierStart = new int[4];
    private readonly long[] readAt = new long[3];
    private readonly double[] values;

    /// <summary>What <see cref="ReadAt"/> answers before the first reading.</summary>
    internal const long Never = long.MinValue;

    internal SeriesSet(NvmlGpu gpu, KeyValuePair<string, object?>[] tags, SamplingSettings settings, MigIdentity? mig = null)
    {
        Gpu = gpu;
        Mig = mig;
        KeyValuePair<string, object?>[] last = mig is null ? [] :
        [
            new("mig_profile", mig.Profile),
            new("mig_gi", mig.GpuInstance.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            new("mig_ci", mig.ComputeInstance.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ];

        List<Series> series = [];
        foreach (var tier in Enum.GetValues<Tier>())
        {
            tierStart[(int)tier] = series.Count;
            foreach (var metric in MetricTable.All.OfType<GpuMetric>())
            {
                if (metric.Tier != tier || (mig is not null && !metric.OnMig) || (metric.PerLinkBytes && !settings.PerLinkBytes)) continue;
                var start = series.Count;
                var first = metric.Labels.First(gpu);
                for (var i = 0; i < first.Count; i++)
                    for (var j = 0; j < metric.Labels.Second.Count; j++)
                        series.Add(new Series(metric, i, j, [.. tags, .. Own(metric.Labels, first[i], metric.Labels.Second[j]), .. last]));
                ranges.Add(metric, (start, series.Count - start));
            }
        }
        tierStart[3] = series.Count;
        All = [.. series];
        values = new double[All.Length];
        Array.Fill(values, double.NaN);
        Array.Fill(readAt, Never);
    }

    /// <summary>Who answers.</summary>
    internal NvmlGpu Gpu { get; }

    /// <summary>The MIG instance; null for a whole GPU.</summary>
    internal MigIdentity? Mig { get; }

    /// <summary>Every series, by tier and in the order of the table.</summary>
    internal Series[] All { get; }

    /// <summary>Number of fast series; they come first.</summary>
    internal int FastCount => tierStart[1];

    /// <summary>The values, to be written by the lane alone.</summary>
    internal Span<double> Values => values;

    /// <summary>Where a tier's series lie.</summary>
    internal Range RangeOf(Tier tier) => tierStart[(int)tier]..tierStart[(int)tier + 1];

    /// <summary>Where a metric's series lie; empty for one that this GPU does not have.</summary>
    internal (int Start, int Count) RangeOf(GpuMetric metric) => ranges.GetValueOrDefault(metric);

    /// <summary>The latest value of a series; NaN for none.</summary>
    internal double Value(int series) => Volatile.Read(ref values[series]);

    /// <summary>Timestamp (of the time provider) at which a tier was last read whole, or <see cref="Never"/>.</summary>
    internal long ReadAt(Tier tier) => Volatile.Read(ref readAt[(int)tier]);

    /// <summary>Publishes that a tier was read.</summary>
    internal void Publish(Tier tier, long timestamp) => Volatile.Write(ref readAt[(int)tier], timestamp);

    private static IEnumerable<KeyValuePair<string, object?>> Own(LabelSet labels, string first, string second)
    {
        if (labels.Names.Count > 0) yield return new(labels.Names[0], first);
        if (labels.Names.Count > 1) yield return new(labels.Names[1], second);
    }
}
