using OpenTelemetry.Exporter.Prometheus.Naming;
using OpenTelemetry.Exporter.Prometheus.Scraping;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace OpenTelemetry.Exporter.Prometheus.Writing;

/// <summary>What meter and resource add to the page, where the options ask for it.</summary>
internal static class ConstantLabels
{
    private const string ScopePrefix = "otel_scope_";

    /// <summary>Labels that every series of a metric carries.</summary>
    internal static IReadOnlyList<KeyValuePair<string, string>> Of(Metric metric, Resource resource, PrometheusAspNetCoreOptions options)
    {
        List<KeyValuePair<string, string>> labels = [];
        if (options.ScopeInfoEnabled)
            AddScope(metric, labels);
        if (options.ResourceConstantLabels is { } isChosen)
        {
            foreach ((string key, object value) in resource.Attributes)
            {
                if (isChosen(key))
                    labels.Add(new(key, LabelText.ToText(value)));
            }
        }
        return labels;
    }

    /// <summary>The series target_info, as type info where the format knows it; "" without attributes.</summary>
    internal static string TargetInfo(Resource resource, ExpositionFormat format)
    {
        KeyValuePair<string, string>[] labels = [.. resource.Attributes.Select(attribute => KeyValuePair.Create(attribute.Key, LabelText.ToText(attribute.Value)))];
        if (labels.Length == 0)
            return "";
        string rendered = new LabelRenderer(isHistogram: false, labels).RenderConstants();
        (string name, string type) = format == ExpositionFormat.OpenMetrics ? ("target", "info") : ("target_info", "gauge");
        return $"# HELP {name} Target metadata\n# TYPE {name} {type}\ntarget_info{{{rendered}}} 1\n";
    }

    private static void AddScope(Metric metric, List<KeyValuePair<string, string>> labels)
    {
        labels.Add(new(ScopePrefix + "name", metric.MeterName));
        if (!string.IsNullOrEmpty(metric.MeterVersion))
            labels.Add(new(ScopePrefix + "version", metric.MeterVersion));
        if (!string.IsNullOrEmpty(metric.MeterSchemaUrl))
            labels.Add(new(ScopePrefix + "schema_url", metric.MeterSchemaUrl));
        foreach ((string key, object? value) in metric.MeterTags ?? [])
        {
            string name = PrometheusNames.Label(ScopePrefix + key);
            // A meter's own tag may not pass for its name, version or schema.
            if (name is not (ScopePrefix + "name" or ScopePrefix + "version" or ScopePrefix + "schema_url"))
                labels.Add(new(name, LabelText.ToText(value)));
        }
    }
}
