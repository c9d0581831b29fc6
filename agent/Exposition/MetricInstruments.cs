using System.Diagnostics.Metrics;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Exposition;

/// <summary>
/// The metric table as instruments of <c>System.Diagnostics.Metrics</c>: one observable instrument a row, asked when a reader collects.
/// A series without a fresh value is not observed, and so is absent everywhere.
/// </summary>
internal sealed class MetricInstruments : IDisposable
{
    internal const string MeterName = "Monitoring.Gpu";

    /// <summary>Processes that may be shown before their instrument is made anew, and how many one collection may show besides.</summary>
    internal const int ProcessesBeforeRenewal = 1000;

    private readonly Meter meter = new(MeterName);
    private readonly Lock renewal = new();
    private readonly HashSet<string> processes = [];
    private Meter processMeter = new(MeterName);
    private readonly NodeSampler node;
    private readonly NodeReadings readings;
    private readonly Freshness freshness;
    private readonly string cluster;
    private readonly string nodeName;

    internal MetricInstruments(NodeSampler node, NodeReadings readings, Freshness freshness, string cluster, string nodeName)
    {
        this.node = node;
        this.readings = readings;
        this.freshness = freshness;
        this.cluster = cluster;
        this.nodeName = nodeName;
        foreach (var metric in MetricTable.All)
        {
            Func<IEnumerable<Measurement<double>>> observe = metric switch
            {
                GpuMetric gpu => () => Observe(gpu),
                WindowMetric window => () => Observe(window),
                NodeMetric own => () => Observe(own),
                _ => throw new InvalidOperationException($"{metric.Name} is of a kind that exposition does not know."),
            };
            if (metric == MetricTable.ProcessMemory) Create(processMeter, metric, ObserveProcesses);
            else Create(meter, metric, observe);
        }
    }

    /// <summary>
    /// The SDK never gives back the room of a series that it has seen once, and processes come and go for as long as the agent lives:
    /// their instrument is made anew before its room is used up. To be called now and then.
    /// </summary>
    internal void Renew()
    {
        lock (renewal)
        {
            if (processes.Count < ProcessesBeforeRenewal) return;
            processes.Clear();
            processMeter.Dispose();
            processMeter = new Meter(MeterName);
            Create(processMeter, MetricTable.ProcessMemory, ObserveProcesses);
        }
    }

    public void Dispose()
    {
        meter.Dispose();
        processMeter.Dispose();
    }

    private static void Create(Meter meter, Metric metric, Func<IEnumerable<Measurement<double>>> observe)
    {
        var unit = metric.InstrumentUnit.Ucum;
        _ = metric.Kind == MetricKind.Counter
            ? (Instrument)meter.CreateObservableCounter(metric.InstrumentName, observe, unit, metric.Help)
            : meter.CreateObservableGauge(metric.InstrumentName, observe, unit, metric.Help);
    }

    private IEnumerable<Measurement<double>> ObserveProcesses()
    {
        foreach (var measurement in Observe(MetricTable.ProcessMemory))
        {
            lock (renewal) processes.Add(string.Join('\n', measurement.Tags.ToArray()));
            yield return measurement;
        }
    }

    private IEnumerable<Measurement<double>> Observe(GpuMetric metric)
    {
        foreach (var sampled in FreshSets(metric))
        {
            if (sampled.Sums.Of(metric) is { } sums)
            {
                foreach (var sum in sums)
                    if (sum.Value() is var total && !double.IsNaN(total)) yield return new Measurement<double>(total, sum.Tags.AsSpan());
                continue;
            }
            var set = sampled.Series;
            var (start, count) = set.RangeOf(metric);
            for (var i = start; i < start + count; i++)
                if (set.Value(i) is var value && !double.IsNaN(value)) yield return new Measurement<double>(value, set.All[i].Tags.AsSpan());
        }
    }

    private IEnumerable<Measurement<double>> Observe(WindowMetric metric)
    {
        foreach (var sampled in FreshSets(metric.Of))
        {
            var (start, count) = sampled.Series.RangeOf(metric.Of);
            for (var i = start; i < start + count; i++)
            {
                var value = metric.Maximum ? sampled.Extremes.Highest(i) : sampled.Extremes.Lowest(i);
                if (!double.IsNaN(value)) yield return new Measurement<double>(value, sampled.Series.All[i].Tags.AsSpan());
            }
        }
    }

    private IEnumerable<Measurement<double>> Observe(NodeMetric metric)
    {
        foreach (var reading in readings.Read(metric))
        {
            if (double.IsNaN(reading.Value)) continue;
            var tags = new KeyValuePair<string, object?>[2 + metric.Labels.Count];
            tags[0] = new("cluster", cluster);
            tags[1] = new("node", nodeName);
            for (var i = 0; i < metric.Labels.Count; i++) tags[i + 2] = new(metric.Labels[i], reading.Labels[i]);
            yield return new Measurement<double>(reading.Value, tags.AsSpan());
        }
    }

    private IEnumerable<SampledSet> FreshSets(GpuMetric metric)
    {
        foreach (var lane in node.Lanes)
            foreach (var sampled in lane.Sampler?.Sets ?? [])
                if (freshness.IsFresh(sampled.Series, metric.Tier)) yield return sampled;
    }
}
