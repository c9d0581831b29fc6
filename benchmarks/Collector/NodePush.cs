using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Monitoring.Contracts.Otlp;

namespace Monitoring.Benchmarks.Collector;

/// <summary>What an agent of 8 GPUs pushes: 250 gauges with a point per GPU, each with the agent's four labels; 2,000 points.</summary>
internal static class NodePush
{
    internal const string Node = "node-1";
    internal const int Points = Gpus * Metrics;

    private const int Gpus = 8;
    private const int Metrics = 250;

    /// <summary>An ExportMetricsServiceRequest without timestamps, so that any of them is in order; <paramref name="round"/> makes the values differ.</summary>
    internal static byte[] Make(int round) => Field(OtlpTags.RequestResourceMetrics,
    [
        .. Field(OtlpTags.ResourceMetricsResource, [.. Attribute(OtlpTags.ResourceAttributes, "host.name", Node), .. Attribute(OtlpTags.ResourceAttributes, "service.name", "gpu-agent")]),
        .. Field(OtlpTags.ResourceMetricsScopeMetrics, [.. Field(OtlpTags.ScopeMetricsScope, Text(OtlpTags.ScopeName, "gpu")), .. Enumerable.Range(0, Metrics).SelectMany(metric => Metric(metric, round))]),
    ]);

    private static byte[] Metric(int metric, int round) => Field(OtlpTags.ScopeMetricsMetrics,
    [
        .. Text(OtlpTags.MetricName, string.Create(CultureInfo.InvariantCulture, $"gpu.metric_{metric}")),
        .. Text(OtlpTags.MetricDescription, "A metric of the benchmark."),
        .. Text(OtlpTags.MetricUnit, "W"),
        .. Field(OtlpTags.MetricGauge, [.. Enumerable.Range(0, Gpus).SelectMany(gpu => Point(gpu, round * 1000.0 + metric + gpu / 10.0))]),
    ]);

    private static byte[] Point(int gpu, double value) => Field(OtlpTags.DataPoints,
    [
        .. Real(OtlpTags.NumberAsDouble, value),
        .. Attribute(OtlpTags.NumberAttributes, "cluster", "lab"),
        .. Attribute(OtlpTags.NumberAttributes, "node", Node),
        .. Attribute(OtlpTags.NumberAttributes, "gpu", gpu.ToString(CultureInfo.InvariantCulture)),
        .. Attribute(OtlpTags.NumberAttributes, "uuid", string.Create(CultureInfo.InvariantCulture, $"GPU-00000000-0000-0000-0000-{gpu:D12}")),
    ]);

    private static byte[] Attribute(uint tag, string key, string value)
        => Field(tag, [.. Text(OtlpTags.KeyValueKey, key), .. Field(OtlpTags.KeyValueValue, Text(OtlpTags.ValueString, value))]);

    private static byte[] Text(uint tag, string text) => Field(tag, Encoding.UTF8.GetBytes(text));

    private static byte[] Real(uint tag, double value)
    {
        var bytes = new byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        return [.. Varint(tag), .. bytes];
    }

    private static byte[] Field(uint tag, byte[] content) => [.. Varint(tag), .. Varint((uint)content.Length), .. content];

    private static byte[] Varint(uint value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];
}
