using Microsoft.AspNetCore.Routing;
using OpenTelemetry.Exporter.Prometheus.Scraping;
using OpenTelemetry.Metrics;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Serves the metrics page as a routed endpoint.</summary>
public static class PrometheusExporterEndpointRouteBuilderExtensions
{
    /// <summary>Serves the page at the path of the options.</summary>
    public static IEndpointConventionBuilder MapPrometheusScrapingEndpoint(this IEndpointRouteBuilder endpoints)
        => endpoints.MapPrometheusScrapingEndpoint(path: null, meterProvider: null, configureBranchedPipeline: null, optionsName: null);

    /// <summary>Serves the page at a path.</summary>
    public static IEndpointConventionBuilder MapPrometheusScrapingEndpoint(this IEndpointRouteBuilder endpoints, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return endpoints.MapPrometheusScrapingEndpoint(path, meterProvider: null, configureBranchedPipeline: null, optionsName: null);
    }

    /// <summary>
    /// Serves the page of the given provider (else of the application's) at the path, else at the path of the named options.
    /// The callback may add middleware in front of the page.
    /// </summary>
    public static IEndpointConventionBuilder MapPrometheusScrapingEndpoint(
        this IEndpointRouteBuilder endpoints,
        string? path,
        MeterProvider? meterProvider,
        Action<IApplicationBuilder>? configureBranchedPipeline,
        string? optionsName)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        // The provider comes first: building it runs the AddPrometheusExporter callbacks that the options below must show.
        ScrapeEndpoint endpoint = ScrapeEndpoint.Create(meterProvider, endpoints.ServiceProvider);
        string pattern = ScrapeEndpoint.ResolvePath(endpoints.ServiceProvider, path, optionsName);

        IApplicationBuilder pipeline = endpoints.CreateApplicationBuilder();
        configureBranchedPipeline?.Invoke(pipeline);
        pipeline.Run(endpoint.InvokeAsync);
        return endpoints.Map(pattern, pipeline.Build()).WithDisplayName("Prometheus metrics");
    }
}
