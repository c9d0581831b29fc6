using System.Diagnostics.Metrics;
using FluentAssertions;
using OpenTelemetry.Exporter.Prometheus.Scraping;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Xunit;

namespace Monitoring.Tests.Dropins.Prometheus;

public sealed class PageTests
{
    [Theory]
    [InlineData("Text", "page.txt")]
    [InlineData("OpenMetrics", "page.openmetrics.txt")]
    public void A_page_with_every_kind_of_instrument_is_written_as_agreed(string format, string golden)
    {
        using ScrapedMeter scraped = new();
        Meter meter = scraped.Meter;
        meter.CreateObservableGauge("gpu.temperature", () => new Measurement<double>[]
        {
            new(54.5, Tag("gpu", "0"), Tag("uuid", "GPU-aaaa"), Tag("cluster", "east"), Tag("node", "n1")),
            new(61, Tag("gpu", "1"), Tag("uuid", "GPU-bbbb"), Tag("cluster", "east"), Tag("node", "n1")),
        }, "Cel", "Temperature of the GPU's die.");
        meter.CreateObservableGauge("gpu.memory.used", () => 85899345920L, "By", "Memory in use.");
        meter.CreateObservableCounter("gpu.energy", () => 1234567.875, "J", "Energy used since the driver was loaded.");
        meter.CreateObservableCounter("gpu.pcie.replays", () => 3L, description: "PCIe packets sent again.");
        meter.CreateObservableUpDownCounter("gpu.processes", () => -2, "{process}", "Processes on the GPU.");
        meter.CreateObservableGauge("gpu.utilization.ratio", () => new Measurement<double>[]
        {
            new(double.NaN, Tag("case", "nan")),
            new(double.PositiveInfinity, Tag("case", "positive")),
            new(double.NegativeInfinity, Tag("case", "negative")),
            new(1e-7, Tag("case", "small")),
        }, "1", "Share of time in which a kernel ran.");
        meter.CreateObservableGauge("odd.labels", () => new Measurement<long>[]
        {
            new(1, Tag("text", "a \"quote\", a \\ and a\nline, ü 名"), Tag("flag", true), Tag("whole", 42), Tag("half", 0.5)),
            new(2, Tag("list", new[] { "a", "b\"" }), Tag("nothing", null), Tag("a.b", "x"), Tag("a-b", "y")),
        }, null, "Help with \"quotes\", a \\ and\na line.");
        meter.CreateObservableGauge("without.help", () => 1);
        Histogram<double> duration = meter.CreateHistogram("gpu.agent.collection.duration", "s", "Time one collection took.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.01, 1, 100] }, tags: null);
        foreach (double seconds in (double[])[0.0005, 0.005, 0.005, 2, 1000])
            duration.Record(seconds, Tag("tier", "fast"));
        meter.CreateHistogram("margin", "Cel", "Distance to the limit.",
            advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [-10, 0] }, tags: null).Record(-5);
        meter.CreateHistogram("unbounded", null, "A histogram without bounds.",
            advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [] }, tags: null).Record(7);

        GoldenText.Check(scraped.Page(Enum.Parse<ExpositionFormat>(format)), golden);
    }

    [Fact]
    public void Metrics_of_one_name_stand_in_one_block_and_the_blocks_are_sorted()
    {
        using ScrapedMeter scraped = new();
        scraped.Meter.CreateObservableGauge("gpu.power", () => new Measurement<double>(300, Tag("gpu", "0")), "W", "Power.");
        scraped.Meter.CreateObservableGauge("between", () => 1, description: "Between.");
        scraped.AddMeter("2").CreateObservableGauge("gpu.power", () => new Measurement<double>(400, Tag("gpu", "1")), "W", "Power.");

        scraped.Page().Should().Be("""
            # HELP between Between.
            # TYPE between gauge
            between 1
            # HELP gpu_power_watts Power.
            # TYPE gpu_power_watts gauge
            gpu_power_watts{gpu="0"} 300
            gpu_power_watts{gpu="1"} 400

            """);
        scraped.Log.Entries.Should().BeEmpty();
    }

    [Fact]
    public void A_metric_of_another_type_is_left_out_counted_and_logged_once()
    {
        using ScrapedMeter scraped = new();
        scraped.Meter.CreateObservableGauge("gpu.power", () => 1, "W", "Power.");
        scraped.AddMeter("2").CreateObservableUpDownCounter("gpu.power", () => 2, "W", "Power.");
        scraped.AddMeter("3").CreateHistogram<double>("gpu.power", "W", "Power.").Record(3);

        string first = scraped.Page();
        string second = scraped.Page();

        // The up-down counter is a gauge too; what it collides with is the other gauge's series.
        first.Should().Be("# HELP gpu_power_watts Power.\n# TYPE gpu_power_watts gauge\ngpu_power_watts 1\n").And.Be(second);
        scraped.Exporter.Conflicts.Count("type").Should().Be(2);
        scraped.Exporter.Conflicts.Count("duplicate_series").Should().Be(2);
        scraped.Log.Entries.Where(entry => entry.EventId == 9001).Should().ContainSingle()
            .Which.Message.Should().Contain("gpu_power_watts is shown as gauge; the histogram of the same name").And.Contain("Rename");
        scraped.Log.Entries.Where(entry => entry.EventId == 9003).Should().ContainSingle();
    }

    [Fact]
    public void A_counter_and_a_gauge_whose_open_metrics_families_collide_conflict_in_both_formats()
    {
        using ScrapedMeter scraped = new();
        scraped.Meter.CreateObservableCounter("events", () => 1, description: "Events.");
        scraped.AddMeter("2").CreateObservableGauge("events", () => 2, description: "Events.");

        scraped.Page().Should().EndWith("events_total 1\n");
        scraped.Page(ExpositionFormat.OpenMetrics).Should().EndWith("events_total 1\n# EOF\n");
    }

    [Fact]
    public void A_name_that_another_familys_samples_use_is_refused()
    {
        using ScrapedMeter scraped = new();
        scraped.Meter.CreateObservableCounter("a", () => 1, description: "A.");
        scraped.Meter.CreateObservableGauge("a.total", () => 2, description: "A.");
        scraped.Meter.CreateObservableGauge("b.count", () => 3, description: "B.");
        scraped.Meter.CreateHistogram<int>("b", description: "B.").Record(4);

        scraped.Page().Should().Be("# HELP a_total A.\n# TYPE a_total counter\na_total 1\n# HELP b_count B.\n# TYPE b_count gauge\nb_count 3\n");
        scraped.Exporter.Conflicts.Count("type").Should().Be(2);
        scraped.Log.Entries.Select(entry => entry.Message).Should().Contain(message => message.StartsWith("a_total is shown as counter; the gauge of the same name"));
    }

    [Fact]
    public void The_first_help_is_shown_and_another_one_counted()
    {
        using ScrapedMeter scraped = new();
        scraped.Meter.CreateObservableGauge("a", () => new Measurement<int>(1, Tag("x", "1")), description: null);
        scraped.AddMeter("2").CreateObservableGauge("a", () => new Measurement<int>(1, Tag("x", "2")), description: "First.");
        scraped.AddMeter("3").CreateObservableGauge("a", () => new Measurement<int>(1, Tag("x", "3")), description: "Second.");

        scraped.Page().Should().StartWith("# HELP a First.\n# TYPE a gauge\na{x=\"1\"} 1\na{x=\"2\"} 1\na{x=\"3\"} 1\n");
        scraped.Exporter.Conflicts.Count("help").Should().Be(1);
        scraped.Log.Entries.Should().ContainSingle().Which.Message.Should().Contain("\"First.\"").And.Contain("\"Second.\"");
    }

    [Fact]
    public void Series_whose_values_look_alike_are_shown_once()
    {
        using ScrapedMeter scraped = new();
        scraped.Meter.CreateObservableGauge("a", () => new Measurement<int>[] { new(1, Tag("x", "")), new(2, new KeyValuePair<string, object?>("x", null)), new(3, Tag("x", "7")), new(4, new KeyValuePair<string, object?>("x", 7)) }, description: "A.");

        scraped.Page().Should().EndWith("gauge\na{x=\"\"} 1\na{x=\"7\"} 3\n");
        scraped.Exporter.Conflicts.Count("duplicate_series").Should().Be(2);
    }

    [Fact]
    public void Series_that_become_equal_by_renaming_are_shown_once()
    {
        using ScrapedMeter scraped = new();
        scraped.Meter.CreateObservableGauge("a", () => new Measurement<int>[] { new(1, Tag("x.y", "1")), new(2, Tag("x_y", "1")) }, description: "A.");

        scraped.Page().Should().EndWith("gauge\na{x_y=\"1\"} 1\n");
        scraped.Exporter.Conflicts.Count("duplicate_series").Should().Be(1);
    }

    [Fact]
    public void A_label_named_le_gives_way_to_the_buckets_of_a_histogram()
    {
        using ScrapedMeter scraped = new();
        scraped.Meter.CreateHistogram("a", null, "A.", advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1] }, tags: null)
            .Record(0, Tag("le", "mine"), Tag("x", "1"));

        scraped.Page().Should().Contain("a_bucket{x=\"1\",le=\"1\"} 1\n").And.NotContain("mine");
    }

    [Fact]
    public void An_exponential_histogram_is_left_out_and_counted()
    {
        using ScrapedMeter scraped = new(build: builder => builder.AddView("a", new Base2ExponentialBucketHistogramConfiguration()));
        scraped.Meter.CreateHistogram<double>("a").Record(1);

        scraped.Page().Should().BeEmpty();
        scraped.Exporter.Conflicts.Count("unsupported_type").Should().Be(1);
    }

    [Fact]
    public void A_family_without_series_is_not_mentioned()
    {
        using ScrapedMeter scraped = new();
        scraped.Meter.CreateObservableGauge("a", () => Array.Empty<Measurement<int>>(), description: "A.");

        scraped.Page().Should().BeEmpty();
        scraped.Page(ExpositionFormat.OpenMetrics).Should().Be("# EOF\n");
    }

    [Fact]
    public void A_series_that_is_no_longer_observed_disappears_and_the_others_keep_their_order()
    {
        using ScrapedMeter scraped = new();
        List<string> gpus = ["0", "1", "2"];
        scraped.Meter.CreateObservableGauge("a", () => gpus.Select(gpu => new Measurement<int>(1, Tag("gpu", gpu))), description: "A.");
        scraped.Page().Should().EndWith("a{gpu=\"0\"} 1\na{gpu=\"1\"} 1\na{gpu=\"2\"} 1\n");

        gpus.Remove("1");
        scraped.Page().Should().EndWith("a{gpu=\"0\"} 1\na{gpu=\"2\"} 1\n");

        gpus.Insert(0, "1");
        scraped.Page().Should().EndWith("a{gpu=\"0\"} 1\na{gpu=\"1\"} 1\na{gpu=\"2\"} 1\n");
    }

    [Fact]
    public void A_disposed_meters_metrics_disappear_and_a_successor_may_have_another_type()
    {
        using ScrapedMeter scraped = new();
        scraped.Meter.CreateObservableGauge("kept", () => 1, description: "Kept.");
        Meter first = scraped.AddMeter("1");
        first.CreateObservableGauge("a", () => 1, description: "A gauge.");
        scraped.Page().Should().Contain("# TYPE a gauge\na 1\n");

        first.Dispose();
        scraped.Page().Should().NotContain("a 1");
        scraped.AddMeter("2").CreateObservableCounter("a", () => 2, description: "A counter.");

        scraped.Page().Should().Contain("# HELP a_total A counter.\n# TYPE a_total counter\na_total 2\n").And.NotContain("gauge\na");
    }

    [Fact]
    public void A_list_that_changes_behind_its_reference_is_rendered_anew()
    {
        using ScrapedMeter scraped = new();
        string[] list = ["before"];
        scraped.Meter.CreateObservableGauge("a", () => new Measurement<int>(1, Tag("list", list)), description: "A.");
        scraped.Page().Should().Contain("before");

        list[0] = "after";

        scraped.Page().Should().Contain("after").And.NotContain("before");
    }

    [Fact]
    public void Meter_and_resource_are_shown_where_the_options_ask_for_them()
    {
        using ScrapedMeter scraped = new(
            options =>
            {
                options.ScopeInfoEnabled = true;
                options.TargetInfoEnabled = true;
                options.ResourceConstantLabels = key => key == "service.name";
            },
            builder => builder.SetResourceBuilder(ResourceBuilder.CreateEmpty()
                .AddAttributes([new("service.name", "agent"), new("host.name", "n1")])));
        scraped.AddMeter("1.2").CreateObservableGauge("a", () => new Measurement<int>(1, Tag("x", "1")), description: "A.");
        string scope = scraped.Meter.Name;

        scraped.Page(ExpositionFormat.OpenMetrics).Should().Be($$"""
            # HELP target Target metadata
            # TYPE target info
            target_info{service_name="agent",host_name="n1"} 1
            # HELP a A.
            # TYPE a gauge
            a{otel_scope_name="{{scope}}",otel_scope_version="1.2",service_name="agent",x="1"} 1
            # EOF

            """);
        scraped.Page().Should().Contain("# TYPE target_info gauge\ntarget_info{service_name=\"agent\"");
    }

    [Fact]
    public async Task A_page_beyond_the_limit_is_refused_in_words()
    {
        using ScrapedMeter scraped = new(options => options.MaxScrapeResponseSizeBytes = 85_000);
        string wide = new('x', 30_000);
        scraped.Meter.CreateObservableGauge("a", () => Enumerable.Range(0, 3).Select(i => new Measurement<int>(i, Tag("wide", wide + i))));

        ScrapeResult result = await scraped.Exporter.Scrapes.GetAsync(ExpositionFormat.Text, TimeSpan.FromSeconds(10), default);

        result.Page.Should().BeNull();
        result.Reason.Should().Be("The metrics could not be collected: The page is larger than 85000 bytes. Raise MaxScrapeResponseSizeBytes or expose fewer series.");
        scraped.Log.Entries.Should().Contain(entry => entry.EventId == 9005);
    }

    private static KeyValuePair<string, object?> Tag(string key, object? value) => new(key, value);
}
