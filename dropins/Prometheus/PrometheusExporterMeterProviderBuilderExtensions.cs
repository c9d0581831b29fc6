using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;
using OpenTelemetry.Exporter.Prometheus;

namespace OpenTelemetry.Metrics;

/// <summary>Adds the Prometheus exporter to a meter provider.</summary>
public static class PrometheusExporterMeterProviderBuilderExtensions
{
    /// <summary>Adds the exporter with the unnamed options.</summary>
    public static MeterProviderBuilder AddPrometheusExporter(this MeterProviderBuilder builder)
        => builder.AddPrometheusExporter(name: null, configure: null);

    /// <summary>Adds the exporter and configures the unnamed options.</summary>
    public static MeterProviderBuilder AddPrometheusExporter(
        this MeterProviderBuilder builder, Action<PrometheusAspNetCoreOptions> configure)
        => builder.AddPrometheusExporter(name: null, configure);

    /// <summary>Adds the exporter with the options of a name. It collects when it is scraped, never by itself.</summary>
    public static MeterProviderBuilder AddPrometheusExporter(
        this MeterProviderBuilder builder, string? name, Action<PrometheusAspNetCoreOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        name ??= Options.DefaultName;
        if (configure is not null)
            builder.ConfigureServices(services => services.Configure(name, configure));

        return builder.AddReader(provider => new BaseExportingMetricReader(new PrometheusExporter(
            provider.GetRequiredService<IOptionsMonitor<PrometheusAspNetCoreOptions>>().Get(name),
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            provider.GetService<ILoggerFactory>()?.CreateLogger<PrometheusExporter>() ?? NullLogger<PrometheusExporter>.Instance))
        {
            TemporalityPreference = MetricReaderTemporalityPreference.Cumulative,
        });
    }
}
