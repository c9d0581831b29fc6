using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Summaries.Nsys;

/// <summary>Metrics that were sampled on the GPUs themselves, whoever used them.</summary>
internal sealed class NsysGpuMetrics(NsysExport export)
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
        var hosts = new HashSet<long>();
        export.Each("TARGET_INFO_GPU", ["vmId"], required: 1, rows => hosts.Add(rows.Integer(0)));
        export.Each("TARGET_INFO_GPU_METRICS", ["typeId", "metricId", "metricName", "sourceId", "typeName"], required: 3, rows =>
        {
            var key = (rows.Integer(0), rows.Integer(1));
            if (values.ContainsKey(key)) names[key] = (DeviceOf(hosts, rows.Integer(3), rows.Text(4, 64)), rows.Text(2, 256));
        });
    }

    internal IReadOnlyList<GpuMetric> ToSummary()
    {
        var metrics = from pair in values
                      where pair.Value.Count > 0
                      let known = names.TryGetValue(pair.Key, out var found) ? found : (null, $"metric {pair.Key.Metric}")
                      orderby known.Item1, pair.Key.Metric
                      let parts = Split(known.Item2)
                      select new GpuMetric(known.Item1, parts.Name, parts.Unit, pair.Value.Count, pair.Value.Mean, pair.Value.Min, pair.Value.Max, pair.Value.Quantile(0.95));
        return [.. metrics];
    }

    /// <summary>A source is its host's id with the GPU's number and one in the 16 bits above 32; the type's name carries the number too.</summary>
    private static int? DeviceOf(HashSet<long> hosts, long source, string typeName)
    {
        var number = (source >> 32) & 0xffff;
        if (number > 0 && hosts.Contains(source - (number << 32))) return (int)number - 1;
        var open = typeName.LastIndexOf('[');
        var close = typeName.LastIndexOf(']');
        return open >= 0 && close > open && ushort.TryParse(typeName.AsSpan(open + 1, close - open - 1), out var index) ? index : null;
    }

    /// <summary>"SMs Active [Throughput %]" is a name and a unit.</summary>
    private static (string Name, string Unit) Split(string name) =>
        name.EndsWith(']') && name.LastIndexOf('[') is > 0 and var open ? (name[..open].TrimEnd(), name[(open + 1)..^1]) : (name, "");
}
