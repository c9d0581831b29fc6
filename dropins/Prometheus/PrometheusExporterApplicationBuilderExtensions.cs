using Microsoft.AspNetCore.Http;
using OpenTelemetry.Exporter.Prometheus.Scraping;
using OpenTelemetry.Metrics;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Serves the metrics page as middleware.</summary>
public static class PrometheusExporterApplicationBuilderExtensions
{
    /// <summary>Serves the page at the path of the options.</summary>
    public static IApplicationBuilder UseOpenTelemetryPrometheusScrapingEndpoint(this IApplicationBuilder app)
        => app.UseOpenTelemetryPrometheusScrapingEndpoint(null, predicate: null, path: null, configureBranchedPipeline: null, optionsName: null);

    /// <summary>Serves the page at a path.</summary>
    public static IApplicationBuilder UseOpenTelemetryPrometheusScrapingEndpoint(this IApplicationBuilder app, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return app.UseOpenTelemetryPrometheusScrapingEndpoint(null, predicate: null, path, configureBranchedPipeline: null, optionsName: null);
    }

    /// <summary>Serves the page for every request that the predicate chooses.</summary>
    public static IApplicationBuilder UseOpenTelemetryPrometheusScrapingEndpoint(
        this IApplicationBuilder app, Func<HttpContext, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return app.UseOpenTelemetryPrometheusScrapingEndpoint(null, predicate, path: null, configureBranchedPipeline: null, optionsName: null);
    }

    /// <summary>
    /// Serves the page of the given provider (else of the application's) where the predicate says so, else at the path, else
    /// at the path of the named options. The callback may add middleware in front of the page, such as authorization.
    /// </summary>
    public static IApplicationBuilder UseOpenTelemetryPrometheusScrapingEndpoint(
        this IApplicationBuilder app,
        MeterProvider? meterProvider,
        Func<HttpContext, bool>? predicate,
        string? path,
        Action<IApplicationBuilder>? configureBranchedPipeline,
        string? optionsName)
    {
        ArgumentNullException.ThrowIfNull(app);
        // The provider comes first: building it runs the AddPrometheusExporter callbacks that the options below must show.
        ScrapeEndpoint endpoint = ScrapeEndpoint.Create(meterProvider, app.ApplicationServices);

        return predicate is not null
            ? app.MapWhen(predicate, Branch)
            : app.Map(ScrapeEndpoint.ResolvePath(app.ApplicationServices, path, optionsName), Branch);

        void Branch(IApplicationBuilder branch)
        {
            configureBranchedPipeline?.Invoke(branch);
            branch.Run(endpoint.InvokeAsync);
        }
    }
}
