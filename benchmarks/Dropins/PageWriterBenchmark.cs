using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Microsoft.Extensions.Logging.Abstractions;
using OpenTelemetry;
using OpenTelemetry.Exporter.Prometheus.Scraping;
using OpenTelemetry.Exporter.Prometheus.Writing;
using OpenTelemetry.Metrics;

namespace Monitoring.Benchmarks.Dropins;

/// <summary>The exporter's own share of a scrape: writing the 4000 series that the SDK has collected. Allocates nothing.</summary>
[Config(typeof(InThisProcess))]
#pragma warning disable CA1001 // BenchmarkDotNet calls Stop in place of Dispose.
public class PageWriterBenchmark
#pragma warning restore CA1001
{
    private readonly PageBuffer _page = new(limitBytes: 10_000_000, expectedBytes: 2_000_000);
    private SyntheticNode? _node;
    private MeterProvider? _provider;
    private ConflictLog? _conflicts;
    private PageWriter? _writer;
    private IReadOnlyList<Family> _families = [];

    /// <summary>Collects once; the values stay readable until the next collection.</summary>
    [GlobalSetup]
    public void Start()
    {
        _node = new();
        _conflicts = new(() => NullLogger.Instance);
        _writer = new(_conflicts);
        FamilyCatalogue catalogue = new(disableTotalSuffix: false, static _ => [], _conflicts, new LabelCacheBudget());
        ArrangingExporter exporter = new((in Batch<Metric> batch) => _families = catalogue.Arrange(batch));
        _provider = Sdk.CreateMeterProviderBuilder().AddMeter(SyntheticNode.MeterName).AddReader(new BaseExportingMetricReader(exporter)).Build();
        exporter.Collect!(Timeout.Infinite);
    }

    /// <summary>Returns what was taken.</summary>
    [GlobalCleanup]
    public void Stop()
    {
        _provider!.Dispose();
        _conflicts!.Dispose();
        _node!.Dispose();
        _page.Dispose();
    }

    /// <summary>Text 0.0.4.</summary>
    [Benchmark(Baseline = true)]
    public int Text() => Write(ExpositionFormat.Text);

    /// <summary>OpenMetrics 1.0.0.</summary>
    [Benchmark]
    public int OpenMetrics() => Write(ExpositionFormat.OpenMetrics);

    private int Write(ExpositionFormat format)
    {
        _page.Rewind(0);
        _writer!.Write(_families, [], format, _page);
        return _page.Length;
    }

    private delegate void Arrange(in Batch<Metric> batch);

    [ExportModes(ExportModes.Pull)]
    private sealed class ArrangingExporter(Arrange arrange) : BaseExporter<Metric>, IPullMetricExporter
    {
        public Func<int, bool>? Collect { get; set; }

        public override ExportResult Export(in Batch<Metric> batch)
        {
            arrange(batch);
            return ExportResult.Success;
        }
    }

    private sealed class InThisProcess : ManualConfig
    {
        public InThisProcess()
        {
            AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance));
            AddDiagnoser(MemoryDiagnoser.Default);
        }
    }
}
