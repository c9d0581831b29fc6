using OpenTelemetry.Metrics;

namespace OpenTelemetry.Exporter.Prometheus;

/// <summary>
/// Finds the exporter of a meter provider. The SDK has such a search, but only its own packages may call it; an exporter knows
/// its provider, so the living exporters are remembered here, weakly, and asked.
/// </summary>
internal static class ExporterDirectory
{
    private static readonly Lock Gate = new();
    private static readonly List<WeakReference<PrometheusExporter>> Exporters = [];

    internal static void Add(PrometheusExporter exporter)
    {
        lock (Gate)
        {
            Exporters.RemoveAll(static entry => !entry.TryGetTarget(out _));
            Exporters.Add(new(exporter));
        }
    }

    internal static void Remove(PrometheusExporter exporter)
    {
        lock (Gate)
            Exporters.RemoveAll(entry => !entry.TryGetTarget(out PrometheusExporter? living) || living == exporter);
    }

    /// <summary>The exporter that was added first, where a provider has several.</summary>
    internal static PrometheusExporter? Find(MeterProvider provider)
    {
        lock (Gate)
        {
            foreach (WeakReference<PrometheusExporter> entry in Exporters)
            {
                if (entry.TryGetTarget(out PrometheusExporter? exporter) && exporter.ParentProvider == provider)
                    return exporter;
            }
        }
        return null;
    }
}
