using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter.Prometheus;
using OpenTelemetry.Exporter.Prometheus.Scraping;
using OpenTelemetry.Metrics;

namespace Monitoring.Benchmarks.Dropins;

/// <summary>
/// One scrape of 16 GPUs x 250 series, each iteration one scrape: collected by the SDK and written; the same compressed; and as
/// Prometheus sees it, over HTTP. Budget: 10 ms at the 99th percentile.
/// </summary>
[Config(typeof(SingleScrapes))]
#pragma warning disable CA1001 // BenchmarkDotNet calls StopAsync in place of Dispose.
public class PrometheusScrapeBenchmark
#pragma warning restore CA1001
{
    private const int PageCacheOff = 0;

    private readonly HttpClient _client = new();
    private SyntheticNode? _node;
    private MeterProvider? _provider;
    private PrometheusExporter? _exporter;
    private WebApplication? _app;
    private Uri? _page;

    /// <summary>Starts the node and a server on a free port.</summary>
    [GlobalSetup]
    public async Task StartAsync()
    {
        _node = new();
        _provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter(SyntheticNode.MeterName)
            .AddPrometheusExporter(options => options.ScrapeResponseCacheDurationMilliseconds = PageCacheOff)
            .Build();
        _exporter = ExporterDirectory.Find(_provider!)!;

        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPrometheusScrapingEndpoint("/metrics", _provider, configureBranchedPipeline: null, optionsName: null);
        await _app.StartAsync();
        _page = new(_app.Urls.First() + "/metrics");
        _client.DefaultRequestHeaders.Add("Accept-Encoding", "gzip");
        _client.DefaultRequestHeaders.Add("Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5");
    }

    /// <summary>Stops the server.</summary>
    [GlobalCleanup]
    public async Task StopAsync()
    {
        await _app!.DisposeAsync();
        _provider!.Dispose();
        _node!.Dispose();
        _client.Dispose();
    }

    /// <summary>SDK collection and plain page.</summary>
    [Benchmark(Baseline = true)]
    public async Task<int> CollectAndWrite()
    {
        ScrapePage page = (await _exporter!.Scrapes.GetAsync(ExpositionFormat.OpenMetrics, TimeSpan.FromSeconds(10), default)).Page!;
        int length = page.Plain.Length;
        page.Release();
        return length;
    }

    /// <summary>SDK collection and compressed page.</summary>
    [Benchmark]
    public async Task<int> CollectWriteAndCompress()
    {
        ScrapePage page = (await _exporter!.Scrapes.GetAsync(ExpositionFormat.OpenMetrics, TimeSpan.FromSeconds(10), default)).Page!;
        int length = page.Gzip().Length;
        page.Release();
        return length;
    }

    /// <summary>All of it as Prometheus asks for it; the client's share is included.</summary>
    [Benchmark]
    public async Task<int> ScrapeOverHttp() => (await _client.GetByteArrayAsync(_page)).Length;

    private sealed class SingleScrapes : ManualConfig
    {
        public SingleScrapes()
        {
            // In this process: a thousand single runs need no process of their own, and it works from any directory.
            AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance)
                .WithStrategy(RunStrategy.Monitoring).WithInvocationCount(1).WithUnrollFactor(1).WithWarmupCount(200).WithIterationCount(1000));
            AddColumn(new PercentileColumn(50), new PercentileColumn(99));
            AddDiagnoser(BenchmarkDotNet.Diagnosers.MemoryDiagnoser.Default);
        }
    }
}
