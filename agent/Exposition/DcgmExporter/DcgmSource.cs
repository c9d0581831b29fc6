using Monitoring.Agent.Sampling;
using Series = Monitoring.Agent.Sampling.Series;

namespace Monitoring.Agent.Exposition.DcgmExporter;

/// <summary>Where the value of a field comes from: series that sampling keeps, or what the agent knows besides. Never the driver.</summary>
internal abstract record DcgmSource
{
    /// <summary>The source in words, for the documentation.</summary>
    internal abstract string Description { get; }

    /// <summary>The reader of one GPU or MIG instance: base unit, NaN for no value. Made once; reading allocates nothing.</summary>
    internal abstract Func<double> Bind(DcgmBinding binding);
}

/// <summary>What a source is read from.</summary>
/// <param name="Gpu">The series of the GPU.</param>
/// <param name="Own">Those of the MIG instance, or of the GPU again.</param>
/// <param name="Freshness">Which of them may still be shown.</param>
/// <param name="LastXid">The last XID of the GPU; null for none.</param>
/// <param name="Time">The clock.</param>
internal sealed record DcgmBinding(SampledSet Gpu, SampledSet Own, Freshness Freshness, Func<int?> LastXid, TimeProvider Time)
{
    /// <summary>Who has the series of a metric: what is not read of instances is that of their GPU, as with DCGM.</summary>
    internal SampledSet HolderOf(GpuMetric metric) => metric.OnMig ? Own : Gpu;

    /// <summary>The places of some series of a metric.</summary>
    internal static int[] Places(SampledSet set, GpuMetric metric, Func<Series, bool> isWanted)
    {
        var (start, count) = set.Series.RangeOf(metric);
        return [.. Enumerable.Range(start, count).Where(place => isWanted(set.Series.All[place]))];
    }

    /// <summary>True where a series has a label of one of the values.</summary>
    internal static bool Has(Series series, string label, IReadOnlyList<string> values)
    {
        foreach (var tag in series.Tags)
            if (tag.Key == label) return values.Contains((string)tag.Value!);
        return false;
    }
}

/// <summary>The sum of some series of a metric; of one that has no labels, its value.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Label">Label by which series are chosen; empty for all.</param>
/// <param name="Values">Its values.</param>
internal sealed record SeriesSource(GpuMetric Metric, string Label = "", params string[] Values) : DcgmSource
{
    /// <summary>True to take the highest instead of the sum: of states, where any of them is one.</summary>
    internal bool IsHighest { get; init; }

    internal override string Description => Values switch
    {
        [] => $"`{Metric.Name}`" + (IsHighest ? ", the highest" : ""),
        [var only] => $"`{Metric.Name}{{{Label}=\"{only}\"}}`",
        _ => $"`{Metric.Name}`, the sum of {Label} {string.Join(" and ", Values.Select(static value => $"`{value}`"))}",
    };

    internal override Func<double> Bind(DcgmBinding binding)
    {
        var holder = binding.HolderOf(Metric);
        var places = DcgmBinding.Places(holder, Metric, series => Values is [] || DcgmBinding.Has(series, Label, Values));
        return () => binding.Freshness.IsFresh(holder.Series, Metric.Tier) ? Total(holder.Series, places) : double.NaN;
    }

    private double Total(SeriesSet series, int[] places)
    {
        var total = double.NaN;
        foreach (var place in places)
            if (series.Value(place) is var value && !double.IsNaN(value)) total = double.IsNaN(total) ? value : IsHighest ? Math.Max(total, value) : total + value;
        return total;
    }
}

/// <summary>
/// Memory errors of one type over every location. From Ampere on the driver says one count for everything on the chip (<c>sram</c>); where
/// it does, the caches are not added once more.
/// </summary>
internal sealed record EccSource(GpuMetric Metric, string Type) : DcgmSource
{
    private static readonly string[] OffChip = ["dram"];
    private static readonly string[] OnChip = ["sram"];

    internal override string Description => $"`{Metric.Name}{{type=\"{Type}\"}}`: `dram` and `sram`, or each location where there is no `sram`";

    internal override Func<double> Bind(DcgmBinding binding)
    {
        var series = binding.Gpu.Series;
        var (dram, sram, caches) = (Places(OffChip), Places(OnChip), DcgmBinding.Places(binding.Gpu, Metric, one => IsOfType(one) && !IsAt(one, OffChip) && !IsAt(one, OnChip)));
        return () =>
        {
            if (!binding.Freshness.IsFresh(series, Metric.Tier)) return double.NaN;
            var (total, isTold) = (0.0, false);
            var onChip = Add(sram, ref total, ref isTold);
            if (!onChip) Add(caches, ref total, ref isTold);
            Add(dram, ref total, ref isTold);
            return isTold ? total : double.NaN;
        };

        int[] Places(string[] location) => DcgmBinding.Places(binding.Gpu, Metric, one => IsOfType(one) && IsAt(one, location));

        bool Add(int[] places, ref double total, ref bool isTold)
        {
            var any = false;
            foreach (var place in places)
            {
                var value = series.Value(place);
                if (double.IsNaN(value)) continue;
                total += value;
                any = isTold = true;
            }
            return any;
        }
    }

    private bool IsOfType(Series series) => DcgmBinding.Has(series, "type", [Type]);

    private static bool IsAt(Series series, string[] location) => DcgmBinding.Has(series, "location", location);
}

/// <summary>Errors of one type over every NVLink.</summary>
internal sealed record LinkErrorSource(string Type) : DcgmSource
{
    internal override string Description => $"`{MetricTable.NvLinkErrors.Name}{{type=\"{Type}\"}}`, the sum of the links";

    internal override Func<double> Bind(DcgmBinding binding)
    {
        var series = binding.Gpu.Series;
        // Where each link is exported there are no sums yet.
        var sums = binding.Gpu.Sums.Of(MetricTable.NvLinkErrors) ?? new LinkSums(series, perLink: false).Of(MetricTable.NvLinkErrors) ?? [];
        var sum = sums.FirstOrDefault(one => one.Tags.Any(tag => tag.Key == "type" && (string)tag.Value! == Type));
        return () => sum is not null && binding.Freshness.IsFresh(series, MetricTable.NvLinkErrors.Tier) ? sum.Value() : double.NaN;
    }
}

/// <summary>Bytes per second over every NVLink, both ways, between two scrapes.</summary>
internal sealed record LinkRateSource : DcgmSource
{
    internal override string Description => $"`{MetricTable.NvLinkTransmit.Name}` and `{MetricTable.NvLinkReceive.Name}`, their growth between two scrapes";

    internal override Func<double> Bind(DcgmBinding binding)
    {
        var series = binding.Gpu.Series;
        var rate = new ByteRate(binding.Time);
        var transmit = DcgmBinding.Places(binding.Gpu, MetricTable.NvLinkTransmit, static _ => true);
        var receive = DcgmBinding.Places(binding.Gpu, MetricTable.NvLinkReceive, static _ => true);
        return () =>
        {
            var at = series.ReadAt(MetricTable.NvLinkTransmit.Tier);
            if (transmit is not [var sent] || receive is not [var received] || !binding.Freshness.IsFresh(series, MetricTable.NvLinkTransmit.Tier)) return rate.Observe(double.NaN, at);
            return rate.Observe(series.Value(sent) + series.Value(received), at);
        };
    }
}

/// <summary>The last XID, by the driver's events and the kernel's log; 0 before one. It stays while the GPU answers nothing any more.</summary>
internal sealed record XidSource : DcgmSource
{
    internal override string Description => "the last XID since the agent was started, from the driver's events and the kernel log";

    internal override Func<double> Bind(DcgmBinding binding) => () => binding.LastXid() ?? 0;
}
