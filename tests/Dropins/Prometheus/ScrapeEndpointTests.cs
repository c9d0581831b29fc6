using System.Diagnostics.Metrics;
using System.IO.Compression;
using System.Net;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Xunit;

namespace Monitoring.Tests.Dropins.Prometheus;

public sealed class ScrapeEndpointTests : IAsyncDisposable
{
    private const string Page = "# HELP a A.\n# TYPE a gauge\na 1\n";

    private readonly Meter _meter = new("test." + Guid.NewGuid().ToString("N"));
    private readonly HttpClient _client = new();
    private readonly CollectingLogger _log = new();
    private WebApplication? _app;
    private int _callbacks;

    public ScrapeEndpointTests() => _meter.CreateObservableGauge("a", () => Interlocked.Increment(ref _callbacks) > 0 ? 1 : 0, description: "A.");

    [Fact]
    public async Task The_page_is_mapped_at_metrics_with_the_providers_of_the_application()
    {
        await StartAsync(app => app.MapPrometheusScrapingEndpoint());

        HttpResponseMessage response = await GetAsync("/metrics");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.GetValues("Content-Type").Should().Equal("text/plain; version=0.0.4; charset=utf-8");
        response.Headers.Vary.Should().Equal("Accept", "Accept-Encoding");
        (await response.Content.ReadAsStringAsync()).Should().Be(Page);
    }

    [Fact]
    public async Task Open_metrics_is_sent_to_those_who_prefer_it()
    {
        await StartAsync(app => app.MapPrometheusScrapingEndpoint());

        HttpResponseMessage response = await GetAsync("/metrics", ("Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"));

        response.Content.Headers.GetValues("Content-Type").Should().Equal("application/openmetrics-text; version=1.0.0; charset=utf-8");
        (await response.Content.ReadAsStringAsync()).Should().Be(Page + "# EOF\n");
    }

    [Fact]
    public async Task A_compressed_page_holds_the_same()
    {
        await StartAsync(app => app.MapPrometheusScrapingEndpoint());

        HttpResponseMessage response = await GetAsync("/metrics", ("Accept-Encoding", "gzip"));

        response.Content.Headers.ContentEncoding.Should().Equal("gzip");
        response.Content.Headers.ContentLength.Should().NotBeNull();
        using StreamReader reader = new(new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress));
        (await reader.ReadToEndAsync()).Should().Be(Page);
    }

    [Fact]
    public async Task The_page_may_stand_at_any_path_for_any_predicate_and_behind_any_middleware()
    {
        await StartAsync(
            app =>
            {
                app.MapPrometheusScrapingEndpoint("mapped");
                app.UseOpenTelemetryPrometheusScrapingEndpoint();
                app.UseOpenTelemetryPrometheusScrapingEndpoint("used");
                app.UseOpenTelemetryPrometheusScrapingEndpoint(context => context.Request.Query.ContainsKey("metrics"));
                app.UseOpenTelemetryPrometheusScrapingEndpoint(null, null, "/guarded", branch => branch.Use((HttpContext context, RequestDelegate _) =>
                {
                    context.Response.StatusCode = 403;
                    return Task.CompletedTask;
                }), null);
            },
            builder => builder.AddPrometheusExporter(options => options.ScrapeEndpointPath = "from-options"));

        foreach (string path in (string[])["/mapped", "/from-options", "/used", "/anything?metrics"])
            (await (await GetAsync(path)).Content.ReadAsStringAsync()).Should().Be(Page, path);
        (await GetAsync("/guarded")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await GetAsync("/metrics")).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Named_options_give_the_path()
    {
        await StartAsync(
            app => app.MapPrometheusScrapingEndpoint(path: null, meterProvider: null, configureBranchedPipeline: null, optionsName: "second"),
            builder => builder.AddPrometheusExporter("second", options => options.ScrapeEndpointPath = "/second"));

        (await GetAsync("/second")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_provider_built_outside_of_the_application_borrows_its_log()
    {
        using MeterProvider provider = Sdk.CreateMeterProviderBuilder().AddMeter(_meter.Name).AddPrometheusExporter().Build();
        _meter.CreateHistogram<int>("a", description: "A.").Record(1);
        await StartAsync(app => app.MapPrometheusScrapingEndpoint("/metrics", provider, configureBranchedPipeline: null, optionsName: null));

        (await (await GetAsync("/metrics")).Content.ReadAsStringAsync()).Should().Be(Page);
        _log.Entries.Should().Contain(entry => entry.EventId == 9001);
    }

    [Fact]
    public async Task A_provider_without_the_exporter_is_refused_at_the_start_with_the_remedy()
    {
        using MeterProvider provider = Sdk.CreateMeterProviderBuilder().Build();

        Func<Task> start = () => StartAsync(app => app.MapPrometheusScrapingEndpoint("/metrics", provider, null, null));

        await start.Should().ThrowAsync<ArgumentException>().WithMessage("*no Prometheus exporter: call AddPrometheusExporter()*");
    }

    [Fact]
    public async Task A_disabled_sdk_gives_an_empty_page_and_no_error()
    {
        await StartAsync(app => app.MapPrometheusScrapingEndpoint(), configuration: ("OTEL_SDK_DISABLED", "true"));

        HttpResponseMessage response = await GetAsync("/metrics");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).Should().BeEmpty();
    }

    [Theory]
    [InlineData("HEAD", 200)]
    [InlineData("POST", 405)]
    public async Task Other_methods_than_get_read_nothing(string method, int expected)
    {
        await StartAsync(app => app.MapPrometheusScrapingEndpoint());

        using HttpRequestMessage request = new(new HttpMethod(method), _app!.Urls.First() + "/metrics");
        HttpResponseMessage response = await _client.SendAsync(request);

        ((int)response.StatusCode).Should().Be(expected);
        (method == "HEAD" ? response.Content.Headers.ContentLength == Page.Length : response.Content.Headers.Allow.Contains("GET")).Should().BeTrue();
    }

    [Fact]
    public async Task A_page_beyond_the_limit_answers_500_in_words()
    {
        string wide = new('x', 90_000);
        _meter.CreateObservableGauge("wide", () => new Measurement<int>(1, new KeyValuePair<string, object?>("label", wide)));
        await StartAsync(app => app.MapPrometheusScrapingEndpoint(), builder => builder.AddPrometheusExporter(options => options.MaxScrapeResponseSizeBytes = 85_000));

        HttpResponseMessage response = await GetAsync("/metrics");

        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await response.Content.ReadAsStringAsync()).Should().Contain("larger than 85000 bytes").And.Contain("MaxScrapeResponseSizeBytes");
    }

    [Fact]
    public async Task A_callback_that_hangs_answers_503_within_the_scrapers_patience_and_recovers()
    {
        using SemaphoreSlim hang = new(0);
        using SemaphoreSlim begun = new(0);
        ManualTimeProvider time = new();
        bool mustHang = true;
        _meter.CreateObservableGauge("stuck", () =>
        {
            if (mustHang)
            {
                begun.Release();
                hang.Wait();
            }
            return 1;
        }, description: "Stuck.");
        await StartAsync(app => app.MapPrometheusScrapingEndpoint(), services: services => services.AddSingleton<TimeProvider>(time));

        Task<HttpResponseMessage> scrape = GetAsync("/metrics", ("X-Prometheus-Scrape-Timeout-Seconds", "10"));
        await begun.WaitAsync();
        // The callback may begin before the request's timer is set, so one step need not be enough.
        await Eventually.HoldsAsync("the scrape is given up", () =>
        {
            time.Advance(TimeSpan.FromSeconds(9.5));
            return scrape.IsCompleted;
        });
        HttpResponseMessage response = await scrape;

        response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await response.Content.ReadAsStringAsync()).Should().StartWith("The metrics were not collected within 9.5 s: a collection has been running for ");

        mustHang = false;
        hang.Release();
        (await (await GetAsync("/metrics")).Content.ReadAsStringAsync()).Should().Contain("stuck 1\n");
    }

    [Fact]
    public async Task Scrapes_within_the_cache_duration_collect_once()
    {
        await StartAsync(app => app.MapPrometheusScrapingEndpoint(), services: services => services.AddSingleton<TimeProvider>(new ManualTimeProvider()));

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => GetAsync("/metrics")));
        await GetAsync("/metrics");

        _callbacks.Should().Be(1);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_app is not null)
            await _app.DisposeAsync();
        _meter.Dispose();
    }

    private async Task StartAsync(
        Action<WebApplication> map,
        Func<MeterProviderBuilder, MeterProviderBuilder>? exporter = null,
        Action<IServiceCollection>? services = null,
        (string Key, string Value)? configuration = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(_log);
        if (configuration is { } setting)
            builder.Configuration[setting.Key] = setting.Value;
        services?.Invoke(builder.Services);
        new ServicesBuilder(builder.Services).WithMetrics(metrics =>
        {
            metrics.AddMeter(_meter.Name);
            _ = exporter is null ? metrics.AddPrometheusExporter() : exporter(metrics);
        });
        _app = builder.Build();
        map(_app);
        await _app.StartAsync();
    }

    private async Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, _app!.Urls.First() + path);
        foreach ((string name, string value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _client.SendAsync(request);
    }

    private sealed record ServicesBuilder(IServiceCollection Services) : IOpenTelemetryBuilder;
}
