using System.Diagnostics.Metrics;
using System.Text;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using OpenTelemetry.Exporter.Prometheus.Scraping;
using Xunit;

namespace Monitoring.Tests.Dropins.Prometheus;

public sealed class PageProperties
{
    private static readonly Gen<string> AnyText = ArbMap.Default.GeneratorFor<string>().Select(text => text ?? "");

    // Few letters, so that names, keys and values collide often.
    private static readonly Gen<string> Name = from first in Gen.Elements('a', 'b', 'T')
                                               from rest in Gen.Elements('a', '.', '-', '_', '/', '0').ListOf()
                                               from total in Gen.Elements("", ".total", "_total", ".bytes", ".info")
                                               select first + string.Concat(rest.Take(6)) + total;

    private static readonly Gen<string> Unit = Gen.OneOf(
        Gen.Elements("", "By", "1", "Cel", "By/s", "{x}/s", "{x}", "%", "/", "s/", "__", "total", "# RU", "°C"), AnyText.Select(text => text.Length > 20 ? text[..20] : text));

    private static readonly Gen<object?> Value = Gen.OneOf(
        AnyText.Select(text => (object?)text), Gen.Elements<object?>(true, 1, -0.0, null, 'c', double.NaN), Gen.Elements<object?>("x", "y"));

    private static readonly Gen<KeyValuePair<string, object?>[]> Tags =
        (from key in Gen.OneOf(Gen.Elements("a", "a.b", "a_b", "le", "1a", "__name__"), AnyText)
         from value in Value
         select new KeyValuePair<string, object?>(key, value)).ListOf().Select(tags => tags.Take(5).ToArray());

    private static readonly Gen<Recorded> Instrument =
        from name in Name
        from unit in Unit
        from help in Gen.OneOf(AnyText, Gen.Elements("", "Help."))
        from kind in Gen.Choose(0, 3)
        from points in (from tags in Tags
                        from value in Gen.OneOf(Gen.Elements(0, double.NaN, double.PositiveInfinity, -1, 1e300), ArbMap.Default.GeneratorFor<double>())
                        select (tags, value)).ListOf()
        select new Recorded(name, unit, help, kind, [.. points]);

    [Fact]
    public void Every_page_parses_strictly_in_both_formats() => Prop.ForAll(Instrument.ListOf().ToArbitrary(), instruments =>
    {
        using ScrapedMeter scraped = new();
        int version = 0;
        foreach (Recorded instrument in instruments)
            instrument.Create(scraped.AddMeter((++version).ToString(System.Globalization.CultureInfo.InvariantCulture)));

        for (int round = 0; round < 2; round++)
        {
            IReadOnlyList<StrictSample> text = StrictPage.Parse(scraped.Page(), openMetrics: false);
            IReadOnlyList<StrictSample> openMetrics = StrictPage.Parse(scraped.Page(ExpositionFormat.OpenMetrics), openMetrics: true);
            // The same series in both; only a histogram's sum and count may be missing in OpenMetrics.
            openMetrics.Select(sample => sample.Name).Except(text.Select(sample => sample.Name)).Should().BeEmpty();
        }
    }).Check(Fuzzing.Cases(300));

    [Fact]
    public void Every_label_value_reads_back_the_same() => Prop.ForAll(AnyText.ToArbitrary(), value =>
    {
        using ScrapedMeter scraped = new();
        scraped.Meter.CreateObservableGauge("a", () => new Measurement<int>(1, new KeyValuePair<string, object?>("label", value)), description: value);

        // UTF-8 has no half surrogate pairs: those become U+FFFD.
        string readable = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value));
        StrictPage.Parse(scraped.Page(ExpositionFormat.OpenMetrics), openMetrics: true)
            .Should().ContainSingle().Which.Labels.Should().ContainSingle().Which.Value.Should().Be(readable);
    }).Check(Fuzzing.Cases(300));

    private sealed record Recorded(string Name, string Unit, string Help, int Kind, (KeyValuePair<string, object?>[] Tags, double Value)[] Points)
    {
        internal void Create(Meter meter)
        {
            switch (Kind)
            {
                case 0:
                    meter.CreateObservableGauge(Name, Observe, Unit, Help);
                    break;
                case 1:
                    meter.CreateObservableCounter(Name, Observe, Unit, Help);
                    break;
                case 2:
                    meter.CreateObservableUpDownCounter(Name, () => Observe().Select(point => new Measurement<long>((long)point.Value, point.Tags)), Unit, Help);
                    break;
                default:
                    Histogram<double> histogram = meter.CreateHistogram<double>(Name, Unit, Help);
                    foreach ((KeyValuePair<string, object?>[] tags, double value) in Points)
                        histogram.Record(value, tags);
                    break;
            }
        }

        private IEnumerable<Measurement<double>> Observe() => Points.Select(point => new Measurement<double>(point.Value, point.Tags));
    }
}
