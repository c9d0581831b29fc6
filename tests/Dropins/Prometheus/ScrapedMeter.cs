using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Exporter.Prometheus;
using OpenTelemetry.Exporter.Prometheus.Scraping;
using OpenTelemetry.Metrics;
using Xunit;

namespace Monitoring.Tests.Dropins.Prometheus;

/// <summary>A meter of its own, the SDK and the exporter; pages are read without HTTP.</summary>
internal sealed class ScrapedMeter : IDisposable
{
    private readonly string _name = "test." + Guid.NewGuid().ToString("N");
    private readonly List<Meter> _meters = [];

    internal ScrapedMeter(Action<PrometheusAspNetCoreOptions>? configure = null, Action<MeterProviderBuilder>? build = null)
    {
        Meter = AddMeter();
        MeterProviderBuilder builder = Sdk.CreateMeterProviderBuilder()
            .AddMeter(_name)
            .ConfigureServices(services => services
                .AddSingleton<TimeProvider>(Time)
                .AddLogging(logging => logging.Services.AddSingleton<Microsoft.Extensions.Logging.ILoggerProvider>(Log)))
            .AddPrometheusExporter(options =>
            {
                options.ScrapeResponseCacheDurationMilliseconds = 0;
                configure?.Invoke(options);
            });
        build?.Invoke(builder);
        Provider = builder.Build();
        Exporter = ExporterDirectory.Find(Provider)!;
    }

    internal ManualTimeProvider Time { get; } = new();

    internal CollectingLogger Log { get; } = new();

    internal Meter Meter { get; }

    internal MeterProvider Provider { get; }

    internal PrometheusExporter Exporter { get; }

    /// <summary>A further meter of the same name, told apart by its version.</summary>
    internal Meter AddMeter(string? version = null)
    {
        Meter meter = new(_name, version);
        _meters.Add(meter);
        return meter;
    }

    internal string Page(ExpositionFormat format = ExpositionFormat.Text) => Encoding.UTF8.GetString(PageBytes(format));

    internal byte[] PageBytes(ExpositionFormat format)
    {
        ScrapeResult result = Exporter.Scrapes.GetAsync(format, TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult();
        Assert.True(result.Page is not null, result.Reason);
        byte[] bytes = result.Page!.Plain.ToArray();
        result.Page.Release();
        return bytes;
    }

    public void Dispose()
    {
        Provider.Dispose();
        foreach (Meter meter in _meters)
            meter.Dispose();
    }
}
