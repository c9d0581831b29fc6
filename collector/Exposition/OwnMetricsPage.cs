using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Monitoring.Collector.Exposition;

/// <summary>Collects the collector's instruments with the OpenTelemetry SDK and serves them at <c>/metrics</c>.</summary>
internal static class OwnMetricsPage
{
    // The SDK sets room aside for all series that an instrument may have, 2,000 if it is not told.
    private const int ReasonsAtMost = 50;
    private const int ClustersTimesModelsAtMost = 1000;

    private static int meters;

    /// <summary>A meter of its own for each collector of a process, so that none collects another's instruments.</summary>
    public static Meter MakeMeter() => new($"gpu-collector-{Interlocked.Increment(ref meters)}");

    /// <summary>The SDK's provider for <paramref name="meter"/>.</summary>
    /// <param name="meter">Where the instruments are.</param>
    /// <param name="maxNodes">How many nodes a gauge per node must be able to show.</param>
    /// <param name="others">Instruments with a number of series of their own.</param>
    public static MeterProvider MakeProvider(Meter meter, int maxNodes, IReadOnlyDictionary<string, int> others) => Sdk.CreateMeterProviderBuilder()
        .AddMeter(meter.Name, NodeInstruments.MeterName(meter))
        .AddView(instrument => new MetricStreamConfiguration { CardinalityLimit = others.TryGetValue(instrument.Name, out var series) ? series : SeriesAtMost(instrument.Name, maxNodes) })
        .AddPrometheusExporter()
        .Build();

    // Beyond the limit the SDK merges series into one; NodeInstruments sees to it that this never happens to nodes.
    private static int SeriesAtMost(string instrument, int maxNodes) => instrument switch
    {
        _ when instrument.StartsWith("gpu.collector.node_", StringComparison.Ordinal) => (maxNodes * NodeInstruments.Reserve) + 1,
        _ when instrument.StartsWith("gpu.cluster.", StringComparison.Ordinal) => ClustersTimesModelsAtMost,
        _ => ReasonsAtMost,
    };
}
