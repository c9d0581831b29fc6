using Monitoring.Agent.Sampling;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Metric = Monitoring.Agent.Sampling.Metric;

namespace Monitoring.Agent.Exposition;

/// <summary>The OpenTelemetry SDK over the agent's instruments.</summary>
internal static class MetricProvider
{
    // An HGX board has 8 GPUs, a DGX-2 has 16; MIG divides a GPU into at most 7.
    private const int GpusAtMost = 16;

    // Twice, since ids change when a GPU is divided anew.
    private const int MigInstancesAtMost = 14;
    private const int ProcessesAtMost = 4 * MetricInstruments.ProcessesBeforeRenewal;
    private const int RenewalsAtMost = 1000;

    /// <summary>Builds the provider with a reader for the page and whatever <paramref name="addPipes"/> adds.</summary>
    internal static MeterProvider Build(IReadOnlyDictionary<string, object> resource, Action<MeterProviderBuilder> addPipes)
    {
        var metrics = MetricTable.All.ToDictionary(static metric => metric.InstrumentName + metric.Kind, StringComparer.Ordinal);
        var builder = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddAttributes(resource))
            .SetMaxMetricStreams(MetricTable.All.Count + RenewalsAtMost)
            .AddMeter(MetricInstruments.MeterName)
            // The SDK sets room aside for the most series that an instrument may have: 2000 each would cost tens of megabytes.
            .AddView(instrument => new MetricStreamConfiguration { CardinalityLimit = SeriesAtMost(Of(metrics, instrument)) })
            .AddPrometheusExporter(static page =>
            {
                // The vocabulary allows no labels and series but its own.
                page.ScopeInfoEnabled = false;
                page.TargetInfoEnabled = false;
            });
        addPipes(builder);
        return builder.Build();
    }

    private static Metric? Of(Dictionary<string, Metric> metrics, System.Diagnostics.Metrics.Instrument instrument)
    {
        var counter = instrument.GetType().GetGenericTypeDefinition() == typeof(System.Diagnostics.Metrics.ObservableCounter<>);
        return metrics.GetValueOrDefault(instrument.Name + (counter ? MetricKind.Counter : MetricKind.Gauge));
    }

    private static int SeriesAtMost(Metric? metric) => metric switch
    {
        GpuMetric gpu => SeriesAtMost(gpu),
        WindowMetric window => SeriesAtMost(window.Of),
        NodeMetric { Labels.Count: 0 } => 1,
        NodeMetric node when node == MetricTable.ProcessMemory => ProcessesAtMost,
        NodeMetric node => node.SeriesAtMost,
        _ => throw new InvalidOperationException("An instrument that is no row of the metric table."),
    };

    private static int SeriesAtMost(GpuMetric metric) => GpusAtMost * metric.Labels.SeriesAtMost * (metric.OnMig ? 1 + MigInstancesAtMost : 1);
}
