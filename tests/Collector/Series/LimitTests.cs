using FluentAssertions;
using Monitoring.Collector.Series;
using Monitoring.Tests.Contracts.Otlp;
using Xunit;

namespace Monitoring.Tests.Collector.Series;

public sealed class LimitTests
{
    [Fact]
    public void Nodes_beyond_the_limit_are_refused_and_known_ones_go_on()
    {
        var bench = new StoreBench(settings => settings.MaxNodes = 2);
        foreach (var node in new[] { "a", "b", "c" }) PushSeries(bench, node, 1);
        bench.Store.Nodes.Count.Should().Be(2);
        bench.Store.Tally.Rejected(PointRejection.NodeLimit).Should().Be(1);
        PushSeries(bench, "a", 1).Rejected.Should().Be(0);
    }

    [Fact]
    public void A_node_that_was_forgotten_makes_room_for_another()
    {
        var bench = new StoreBench(settings => settings.MaxNodes = 1);
        PushSeries(bench, "a", 1);
        bench.Clock.Advance(TimeSpan.FromHours(2));
        bench.Store.Sweep();
        PushSeries(bench, "b", 1).Rejected.Should().Be(0);
    }

    [Fact]
    public void Series_beyond_the_limit_of_a_node_are_refused_and_the_first_ones_stay()
    {
        var bench = new StoreBench(settings => settings.MaxSeriesPerNode = 3);
        PushSeries(bench, "a", 5).Should().Be(new PushOutcome(default, 5, 2, PointRejection.SeriesLimit));
        bench.Samples("a").Should().HaveCount(3);
        PushSeries(bench, "b", 3).Rejected.Should().Be(0);
    }

    [Fact]
    public void A_histogram_counts_as_many_series_as_it_shows()
    {
        var bench = new StoreBench(settings => settings.MaxSeriesPerNode = 5);
        var payload = bench.Payload(("host.name", "n1"));
        bench.Push(payload.Histogram("h", "", payload.HistogramPoint([1, 1, 1, 1], [1, 2, 3], 1, 4))).Reason.Should().Be(PointRejection.SeriesLimit);
    }

    [Fact]
    public void Sources_of_a_node_beyond_the_limit_are_refused()
    {
        var bench = new StoreBench(settings => settings.MaxSourcesPerNode = 2);
        for (var source = 0; source < 3; source++)
        {
            var payload = bench.Payload(("host.name", "n1"), ("service.instance.id", (long)source));
            bench.Push(payload.Gauge("g", "", payload.Point(source, ("source", (long)source))));
        }

        bench.Samples("n1").Should().HaveCount(2);
        bench.Store.Tally.Rejected(PointRejection.SourceLimit).Should().Be(1);
    }

    [Fact]
    public void Attributes_and_their_lengths_are_limited_point_by_point()
    {
        var bench = new StoreBench(settings =>
        {
            settings.MaxAttributesPerPoint = 2;
            settings.MaxLabelNameLength = 20;
            settings.MaxLabelValueLength = 20;
        });
        var payload = bench.Payload(("host.name", "n1"));
        var outcome = bench.Push(payload.Gauge("g", "",
            payload.Point(1, ("a", "1"), ("b", "2"), ("c", "3")),
            payload.Point(2, (new string('k', 21), "1")),
            payload.Point(3, ("v", new string('v', 21))),
            payload.Point(4, ("a", "1"), ("b", "2"))).Gauge(new string('n', 21), "", payload.Point(5)).Gauge("...", "", payload.Point(6)));
        outcome.Rejected.Should().Be(5);
        bench.Samples("n1").Should().Equal("""g{a="1",b="2",node="n1"} 4""");
        bench.Store.Tally.Rejected(PointRejection.AttributeLimit).Should().Be(1);
        bench.Store.Tally.Rejected(PointRejection.LabelNameTooLong).Should().Be(2);
        bench.Store.Tally.Rejected(PointRejection.LabelValueTooLong).Should().Be(1);
        bench.Store.Tally.Rejected(PointRejection.MetricName).Should().Be(1);
    }

    [Fact]
    public void Every_reason_has_a_label_and_an_explanation_that_names_the_remedy()
    {
        foreach (var reason in Enum.GetValues<PointRejection>().Skip(1))
        {
            reason.Label().Should().MatchRegex("^[a-z]+(_[a-z]+)*$");
            reason.Explain(new SeriesSettings()).Should().NotBeEmpty();
        }

        foreach (var reason in Enum.GetValues<PushRejection>()) reason.Label().Should().MatchRegex("^[a-z]+(_[a-z]+)*$");
    }

    [Fact]
    public void A_sender_whose_instance_changes_with_every_push_does_not_grow_the_store_for_ever()
    {
        var bench = new StoreBench();
        for (var push = 0; push < 500; push++)
        {
            var payload = bench.Payload(("host.name", "n1"), ("service.instance.id", Guid.NewGuid().ToString()));
            bench.Push(payload.Gauge("g", "", payload.Point(push)));
            bench.Clock.Advance(TimeSpan.FromSeconds(1));
            bench.Store.Sweep();
        }

        bench.Store.Nodes.TryGet("n1", out var node).Should().BeTrue();
        node!.Feeds.Length.Should().BeLessThan(35);
        bench.Samples("n1").Should().Equal("""g{node="n1"} 499""");
    }

    [Fact]
    public void A_cluster_of_the_resource_is_as_limited_as_any_label_value()
    {
        var bench = new StoreBench(settings => settings.MaxLabelValueLength = 20);
        var payload = bench.Payload(("host.name", "n1"), ("cluster", new string('c', 21)));
        bench.Push(payload.Gauge("g", "", payload.Point(1))).Reason.Should().Be(PointRejection.LabelValueTooLong);
        bench.Store.Nodes.Count.Should().Be(0);
    }

    [Fact]
    public void A_resource_that_reports_nothing_is_not_remembered()
    {
        var bench = new StoreBench();
        PushSeries(bench, "n1", 1);
        for (var push = 0; push < 10; push++)
            bench.Push(new OtlpPayload().Resource(("host.name", "n1"), ("service.instance.id", (long)push))).Rejected.Should().Be(0);
        bench.Store.SourceCount.Should().Be(1);
    }

    [Fact]
    public void Heads_without_points_are_limited_too()
    {
        var bench = new StoreBench();
        var payload = bench.Payload(("host.name", "n1"));
        for (var metric = 0; metric < 10; metric++) payload.Gauge($"g{metric}", "");
        bench.Store.Push(payload.ToArray(), maxPoints: 3).HasTooManyPoints.Should().BeTrue();
        bench.Store.Push(payload.ToArray(), maxPoints: 4).HasTooManyPoints.Should().BeFalse();
    }

    private static PushOutcome PushSeries(StoreBench bench, string node, int count)
    {
        var payload = bench.Payload(("host.name", node));
        return bench.Push(payload.Gauge("g", "", [.. Enumerable.Range(0, count).Select(index => payload.Point(index, ("i", (long)index)))]));
    }
}
