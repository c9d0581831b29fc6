using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Monitoring.Collector.Exposition;

/// <summary>Collects the collector's instruments with the OpenTelemetry SDK and serves them at <c>/metrics</c>.</summary>
internal static class OwnMetricsPage
{
    private static int meters;

    /// <summary>A meter of its own for each collector of a process, so that none collects another's instruments.</summary>
    public static Meter MakeMeter() => new($"gpu-collector-{Interlocked.Increment(ref meters)}");

    /// <summary>The SDK's provider for <paramref name="meter"/>.</summary>
    /// <param name="meter">Where the instruments are.</param>
    /// <param name="maxNodes">How many nodes a gauge per node must be able to show.</param>
    public static MeterProvider MakeProvider(Meter meter, int maxNodes) => Sdk.CreateMeterProviderBuilder()
        .AddMeter(meter.Name)
        // Beyond the SDK's limit (2,000 by default) series are merged into one: a gauge per node must hold them all.
        .AddView(instrument => instrument.Name.StartsWith("gpu.collector.node_", StringComparison.Ordinal)
            ? new MetricStreamConfiguration { CardinalityLimit = maxNodes + 1 }
            : null)
        .AddPrometheusExporter()
        .Build();
}
