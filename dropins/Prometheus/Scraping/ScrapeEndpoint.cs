using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using OpenTelemetry.Metrics;

namespace OpenTelemetry.Exporter.Prometheus.Scraping;

/// <summary>Answers one scrape over HTTP.</summary>
internal sealed class ScrapeEndpoint
{
    /// <summary>Null when the SDK is switched off (<c>OTEL_SDK_DISABLED=true</c>): the page is empty then, and no error.</summary>
    private readonly PrometheusExporter? _exporter;

    private ScrapeEndpoint(PrometheusExporter? exporter) => _exporter = exporter;

    internal static ScrapeEndpoint Create(MeterProvider? provider, IServiceProvider services)
    {
        provider ??= services.GetRequiredService<MeterProvider>();
        if (ExporterDirectory.Find(provider) is { } exporter)
        {
            if (exporter.Logger is NullLogger or NullLogger<PrometheusExporter> && services.GetService<ILoggerFactory>() is { } loggers)
                exporter.Logger = loggers.CreateLogger<PrometheusExporter>();
            return new(exporter);
        }
        // The SDK's stand-in for a provider that was switched off is an internal type.
        if (provider.GetType().Name == "NoopMeterProvider")
            return new(null);
        throw new ArgumentException(
            "The meter provider has no Prometheus exporter: call AddPrometheusExporter() where its metrics are configured.", nameof(provider));
    }

    internal static string ResolvePath(IServiceProvider services, string? path, string? optionsName)
    {
        path ??= services.GetRequiredService<IOptionsMonitor<PrometheusAspNetCoreOptions>>().Get(optionsName ?? Options.DefaultName).ScrapeEndpointPath
            ?? PrometheusAspNetCoreOptions.DefaultScrapeEndpointPath;
        return path.StartsWith('/') ? path : "/" + path;
    }

    internal async Task InvokeAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            response.Headers.Allow = "GET, HEAD";
            await WriteReasonAsync(context, StatusCodes.Status405MethodNotAllowed, $"The metrics page is read with GET, not {context.Request.Method}.");
            return;
        }
        if (_exporter is null)
            return;

        ScrapeRequest request = ScrapeRequest.Parse(context.Request);
        ScrapeResult result = await _exporter.Scrapes.GetAsync(request.Format, request.Timeout, context.RequestAborted);
        if (result.Page is not { } page)
        {
            if (!context.RequestAborted.IsCancellationRequested)
                await WriteReasonAsync(context, result.TimedOut ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError, result.Reason);
            return;
        }
        try
        {
            ReadOnlyMemory<byte> body = request.AcceptsGzip ? page.Gzip() : page.Plain;
            response.ContentType = request.Format.ContentType;
            response.ContentLength = body.Length;
            response.Headers.Vary = "Accept, Accept-Encoding";
            if (request.AcceptsGzip)
                response.Headers[HeaderNames.ContentEncoding] = "gzip";
            if (!HttpMethods.IsHead(context.Request.Method))
                await response.Body.WriteAsync(body, context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The scraper hung up; there is nobody to tell.
        }
        finally
        {
            page.Release();
        }
    }

    private static async Task WriteReasonAsync(HttpContext context, int statusCode, string reason)
    {
        byte[] body = Encoding.UTF8.GetBytes(reason + "\n");
        context.Response.StatusCode = statusCode;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
