using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Summaries.Nsys;

/// <summary>Metrics that were sampled on the GPUs themselves, whoever used them.</summary>
internal sealed class NsysGpuMetrics(NsysExport export, NsysDevices devices, CapturedGpus captured)
{
    /// <summary>Forty metrics of twelve GPUs; 30 KB each while they are gathered.</summary>
    private const int MetricsAtMost = 512;

    private readonly Dictionary<(long Type, long Metric), ValueHistogram> values = [];
    private readonly Dictionary<(long Type, long Metric), (int? Device, string Name)> names = [];

    internal void Read()
    {
        export.Each("GPU_METRICS", ["timestamp", "typeId", "metricId", "value"], required: 4, rows =>
        {
            var key = (rows.Integer(1), rows.Integer(2));
            if (!rows.TryReal(3, out var value)) return;
            if (!values.TryGetValue(key, out var histogram))
            {
                if (values.Count >= MetricsAtMost) return;
                values.Add(key, histogram = new ValueHistogram());
            }
            histogram.Add(value);
            if (rows.TryInteger(0, out var time)) export.Saw(time);
        });
        export.Each("TARGET_INFO_GPU_METRICS", ["typeId", "metricId", "metricName", "sourceId", "typeName"], required: 3, rows =>
        {
            var key = (rows.Integer(0), rows.Integer(1));
            if (values.ContainsKey(key)) names[key] = (devices.SampledBy(rows.Integer(3), rows.Text(4, 64)), rows.Text(2, 256));
        });
    }

    internal IReadOnlyList<GpuMetric> ToSummary()
    {
        var metrics = from pair in values
                      where pair.Value.Count > 0
                      let known = names.TryGetValue(pair.Key, out var found) ? found : (null, $"metric {pair.Key.Metric}")
                      orderby known.Item1, pair.Key.Metric
                      let device = known.Item1 is { } number ? devices.Find(number) : null
                      let parts = Split(known.Item2)
                      select new GpuMetric(known.Item1, parts.Name, parts.Unit, pair.Value.Count, pair.Value.Mean, pair.Value.Min, pair.Value.Max, pair.Value.Quantile(0.95)) { Gpu = device is null ? null : captured.IndexOf(device.Uuid, device.PciBusId) };
        return [.. metrics];
    }

    /// <summary>"SMs Active [Throughput %]" is a name and a unit.</summary>
    private static (string Name, string Unit) Split(string name) =>
        name.EndsWith(']') && name.LastIndexOf('[') is > 0 and var open ? (name[..open].TrimEnd(), name[(open + 1)..^1]) : (name, "");
}
