using System.Text;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Exposition;

/// <summary>The metric table as the document docs/metrics.md.</summary>
internal static class MetricDocument
{
    /// <summary>Series with its label <c>gpu</c> that an H100 with 18 NVLinks has at the default settings and with the shipped rules; a test counts them.</summary>
    internal const int SeriesOfH100 = 247;

    internal static string Markdown()
    {
        var text = new StringBuilder($"""
            # Metrics

            Written from the metric table (`gpu-agent list-metrics`); do not edit. Names never change and are never renamed; labels `cluster` and
            `node` stand on every series, `gpu` and `uuid` on those of a GPU, and `mig_profile`, `mig_gi`, `mig_ci` on those of a MIG instance. A reading
            that a GPU does not have is an absent series, never 0.

            An H100 with 18 NVLinks has {SeriesOfH100} series at the default settings, all with its label `gpu` counted: what is read of it, its health, its lane, and
            the counters that stand at 0 from the start for each XID and each rule that is looked for. The budget is 250 a GPU. What rules look at need not be
            exported: they see each reading of each link.

            The OpenTelemetry column is what OTLP carries: instrument name and unit, which the standard translation turns into the Prometheus name.

            | metric | type | labels | tier | help | OpenTelemetry |
            |---|---|---|---|---|---|

            """);
        foreach (var metric in MetricTable.All)
        {
            var tier = metric switch
            {
                GpuMetric gpu => gpu.Tier.ToString().ToLowerInvariant() + (gpu.OnMig ? ", MIG" : ""),
                WindowMetric => "fast, 30 s window",
                _ => "on scrape",
            };
            var unit = metric.InstrumentUnit.Ucum is { Length: > 0 } ucum ? $" ({ucum})" : "";
            text.Append('|').Append($" `{metric.Name}` | {metric.Kind.ToString().ToLowerInvariant()} | {string.Join(", ", metric.LabelNames)} | {tier} | {metric.Help} | `{metric.InstrumentName}`{unit} |\n");
        }
        return text.ToString();
    }
}
