using System.Diagnostics.Metrics;
using FluentAssertions;
using OpenTelemetry;
using OpenTelemetry.Exporter.Prometheus.Scraping;
using OpenTelemetry.Exporter.Prometheus.Writing;
using OpenTelemetry.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Monitoring.Tests.Dropins.Prometheus;

public sealed class AllocationTests
{
    [Theory]
    [InlineData("Text")]
    [InlineData("OpenMetrics")]
    public void Writing_series_that_were_on_the_page_before_allocates_nothing(string formatName)
    {
        ExpositionFormat format = Enum.Parse<ExpositionFormat>(formatName);
        using ConflictLog conflicts = new(() => NullLogger.Instance);
        FamilyCatalogue catalogue = new(disableTotalSuffix: false, static _ => [], conflicts, new LabelCacheBudget());
        PageWriter writer = new(conflicts);
        IReadOnlyList<Family> families = [];
        using MeasuringExporter exporter = new((in Batch<Metric> batch) => families = catalogue.Arrange(batch));
        using Meter meter = new("test." + Guid.NewGuid().ToString("N"));
        CreateInstruments(meter);
        using MeterProvider provider = Sdk.CreateMeterProviderBuilder().AddMeter(meter.Name).AddReader(new BaseExportingMetricReader(exporter)).Build();
        exporter.Collect!(Timeout.Infinite);
        using PageBuffer page = new(10_000_000, 1_000_000);
        for (int warmup = 0; warmup < 3; warmup++)
        {
            page.Rewind(0);
            writer.Write(families, [], format, page);
        }

        Allocations.Of(() =>
        {
            page.Rewind(0);
            writer.Write(families, [], format, page);
        }).Should().Be(0);
        page.Length.Should().BeGreaterThan(150_000);
    }

    [Fact]
    public void Arranging_known_metrics_allocates_nothing_per_metric()
    {
        using ConflictLog conflicts = new(() => NullLogger.Instance);
        FamilyCatalogue catalogue = new(disableTotalSuffix: false, static _ => [], conflicts, new LabelCacheBudget());
        long allocated = -1;
        using MeasuringExporter exporter = new((in Batch<Metric> batch) =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            catalogue.Arrange(batch);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        });
        using Meter meter = new("test." + Guid.NewGuid().ToString("N"));
        CreateInstruments(meter);
        using MeterProvider provider = Sdk.CreateMeterProviderBuilder().AddMeter(meter.Name).AddReader(new BaseExportingMetricReader(exporter)).Build();

        exporter.Collect!(Timeout.Infinite);
        exporter.Collect!(Timeout.Infinite);

        allocated.Should().Be(0);
    }

    [Fact]
    public void Labels_beyond_the_budget_are_rendered_anew_and_stay_right()
    {
        using ConflictLog conflicts = new(() => NullLogger.Instance);
        LabelCacheBudget budget = new(limitBytes: 5_000);
        FamilyCatalogue bounded = new(disableTotalSuffix: false, static _ => [], conflicts, budget);
        FamilyCatalogue usual = new(disableTotalSuffix: false, static _ => [], conflicts, new LabelCacheBudget());
        PageWriter writer = new(conflicts);
        using PageBuffer boundedPage = new(10_000_000, 0);
        using PageBuffer usualPage = new(10_000_000, 0);
        using MeasuringExporter exporter = new((in Batch<Metric> batch) =>
        {
            writer.Write(bounded.Arrange(batch), [], ExpositionFormat.Text, boundedPage);
            writer.Write(usual.Arrange(batch), [], ExpositionFormat.Text, usualPage);
        });
        using Meter meter = new("test." + Guid.NewGuid().ToString("N"));
        CreateInstruments(meter);
        using MeterProvider provider = Sdk.CreateMeterProviderBuilder().AddMeter(meter.Name).AddReader(new BaseExportingMetricReader(exporter)).Build();

        exporter.Collect!(Timeout.Infinite);
        exporter.Collect!(Timeout.Infinite);

        budget.UsedBytes.Should().BeInRange(1, 5_000);
        boundedPage.Written.Span.SequenceEqual(usualPage.Written.Span).Should().BeTrue();
    }

    [Fact]
    public void Labels_of_series_that_are_gone_give_their_budget_back()
    {
        using ConflictLog conflicts = new(() => NullLogger.Instance);
        LabelCacheBudget budget = new();
        FamilyCatalogue catalogue = new(disableTotalSuffix: false, static _ => [], conflicts, budget);
        PageWriter writer = new(conflicts);
        using PageBuffer page = new(10_000_000, 0);
        using MeasuringExporter exporter = new((in Batch<Metric> batch) => writer.Write(catalogue.Arrange(batch), [], ExpositionFormat.Text, page));
        string name = "test." + Guid.NewGuid().ToString("N");
        using MeterProvider provider = Sdk.CreateMeterProviderBuilder().AddMeter(name).AddReader(new BaseExportingMetricReader(exporter)).Build();
        using (Meter meter = new(name))
        {
            CreateInstruments(meter);
            exporter.Collect!(Timeout.Infinite);
            budget.UsedBytes.Should().BePositive();
        }

        // A disposed meter is seen by the collection after the next one at the latest.
        exporter.Collect!(Timeout.Infinite);
        exporter.Collect!(Timeout.Infinite);

        budget.UsedBytes.Should().Be(0);
    }

    /// <summary>1,000 gauges, counters and fractions with six labels, a merged family, and histograms.</summary>
    private static void CreateInstruments(Meter meter)
    {
        KeyValuePair<string, object?>[][] tags =
        [
            .. Enumerable.Range(0, 100).Select(i => new KeyValuePair<string, object?>[]
            {
                new("cluster", "east"), new("gpu", i), new("node", "n1"), new("uuid", $"GPU-{i}"), new("k8s.pod", "p"), new("busy", true),
            }),
        ];
        for (int i = 0; i < 10; i++)
        {
            meter.CreateObservableGauge($"gauge{i}", () => tags.Select((t, index) => new Measurement<double>(index * 0.1, t)), "Cel", "A gauge.");
            meter.CreateObservableCounter($"counter{i}", () => tags.Select((t, index) => new Measurement<long>(index, t)), "J", "A counter.");
        }
        Histogram<double> histogram = meter.CreateHistogram<double>("histogram", "s", "A histogram.");
        foreach (KeyValuePair<string, object?>[] t in tags)
            histogram.Record(3, t);
    }

    private delegate void Observe(in Batch<Metric> batch);

    [ExportModes(ExportModes.Pull)]
    private sealed class MeasuringExporter(Observe observe) : BaseExporter<Metric>, IPullMetricExporter
    {
        public Func<int, bool>? Collect { get; set; }

        public override ExportResult Export(in Batch<Metric> batch)
        {
            observe(batch);
            return ExportResult.Success;
        }
    }
}
