using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Monitoring.Tests.Collector;

/// <summary>A node as the OpenTelemetry SDK sends it: real instruments, the real exporter, pushed when the test says so.</summary>
internal sealed class OpenTelemetrySender : IDisposable
{
    private readonly Meter meter = new("sender-" + Guid.NewGuid());
    private readonly MeterProvider provider;

    internal OpenTelemetrySender(Uri collector, string node, OtlpExportCompression compression = OtlpExportCompression.None, params (string Key, object Value)[] resource)
    {
        provider = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(builder => builder.Clear().AddService("gpu-agent", serviceInstanceId: node)
                .AddAttributes([new("host.name", node), .. resource.Select(static pair => new KeyValuePair<string, object>(pair.Key, pair.Value))]))
            .AddMeter(meter.Name)
            .AddOtlpExporter((exporter, reader) =>
            {
                exporter.Endpoint = new Uri(collector, "/v1/metrics");
                exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                exporter.Compression = compression;
                exporter.TimeoutMilliseconds = (int)Eventually.Patience.TotalMilliseconds;
                // Pushed by Push alone.
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = Timeout.Infinite;
            })
            .Build();
        foreach (var gpu in new[] { "0", "1" }) AddGpu(node, gpu);
    }

    internal double TemperatureCelsius { get; set; } = 40;

    internal Meter Meter => meter;

    /// <summary>Collects and pushes; false where the collector did not accept.</summary>
    internal bool Push() => provider.ForceFlush((int)Eventually.Patience.TotalMilliseconds);

    public void Dispose()
    {
        meter.Dispose();
        provider.Dispose();
    }

    private void AddGpu(string node, string gpu)
    {
        KeyValuePair<string, object?>[] tags = [new("cluster", "lab"), new("node", node), new("gpu", gpu), new("uuid", $"GPU-{node}-{gpu}")];
        meter.CreateObservableGauge("gpu.temperature", () => new Measurement<double>(TemperatureCelsius, [.. tags, new("sensor", "gpu")]), "Cel", "Temperature of the GPU.");
        meter.CreateObservableGauge("gpu.utilization", () => new Measurement<double>(0.75, tags), "1", "Share of time in which a kernel ran.");
        meter.CreateObservableGauge("gpu.memory.used", () => new Measurement<long>(42L << 30, tags), "By", "Memory in use.");
        meter.CreateObservableGauge("gpu.fan.speed", () => new Measurement<double>(double.NaN, tags), "1", "Not supported on this card.");
        meter.CreateObservableCounter("gpu.energy", () => new Measurement<double>(1234.5, tags), "J", "Energy since the driver was loaded.");
        meter.CreateObservableUpDownCounter("gpu.processes", () => new Measurement<int>(3, tags), "{process}", "Processes on the GPU.");
        meter.CreateObservableGauge("gpu.pcie.transmit", () => new Measurement<double>(1e9, tags), "By/s", "PCIe traffic to the host.");
    }
}
