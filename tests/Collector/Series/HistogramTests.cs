using FluentAssertions;
using Monitoring.Collector.Series;
using Xunit;

namespace Monitoring.Tests.Collector.Series;

public sealed class HistogramTests
{
    private readonly StoreBench bench = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_histogram_becomes_cumulative_buckets_a_sum_and_a_count(bool isPacked)
    {
        var payload = bench.Payload(("host.name", "n1"));
        bench.Push(payload.Histogram("wait", "s", payload.HistogramPoint([1, 2, 0, 4], [0.005, 1, 10], 12.5, 7, isPacked, ("le", "mine"), ("queue", "a"))));
        bench.Page("n1").Should().Be("""
            # HELP wait_seconds The sender gave no description.
            # TYPE wait_seconds histogram
            wait_seconds_bucket{exported_le="mine",node="n1",queue="a",le="0.005"} 1
            wait_seconds_bucket{exported_le="mine",node="n1",queue="a",le="1.0"} 3
            wait_seconds_bucket{exported_le="mine",node="n1",queue="a",le="10.0"} 3
            wait_seconds_bucket{exported_le="mine",node="n1",queue="a",le="+Inf"} 7
            wait_seconds_sum{exported_le="mine",node="n1",queue="a"} 12.5
            wait_seconds_count{exported_le="mine",node="n1",queue="a"} 7

            """);
    }

    [Fact]
    public void A_histogram_without_buckets_has_all_in_infinity_and_one_without_sum_has_none()
    {
        var payload = bench.Payload(("host.name", "n1"));
        bench.Push(payload.Histogram("h", "", payload.HistogramPoint([], [], null, 5)));
        bench.Samples("n1").Should().Equal("""h_bucket{node="n1",le="+Inf"} 5""", """h_count{node="n1"} 5""");
    }

    [Fact]
    public void Changed_bounds_replace_the_old_buckets()
    {
        var payload = bench.Payload(("host.name", "n1"));
        bench.Push(payload.Histogram("h", "", payload.HistogramPoint([1, 2], [1], 3, 3)));
        payload = bench.Payload(("host.name", "n1"));
        bench.Push(payload.Histogram("h", "", payload.HistogramPoint([1, 1, 2], [1, 2], 3, 4)));
        bench.Samples("n1").Should().Equal(
            """h_bucket{node="n1",le="1.0"} 1""", """h_bucket{node="n1",le="2.0"} 2""", """h_bucket{node="n1",le="+Inf"} 4""", """h_sum{node="n1"} 3""", """h_count{node="n1"} 4""");
    }

    [Theory]
    [InlineData(new double[] { 2, 1 }, 3)]
    [InlineData(new double[] { 1, 1 }, 3)]
    [InlineData(new double[] { double.NaN }, 2)]
    [InlineData(new double[] { double.PositiveInfinity }, 2)]
    [InlineData(new double[] { 1 }, 3)]
    [InlineData(new double[] { 1 }, 0)]
    [InlineData(new double[] { }, 2)]
    public void A_histogram_that_contradicts_itself_is_refused(double[] bounds, int buckets)
    {
        var payload = bench.Payload(("host.name", "n1"));
        bench.Push(payload.Histogram("h", "", payload.HistogramPoint(new ulong[buckets], bounds, 1, 1))).Reason.Should().Be(PointRejection.BadHistogram);
    }

    [Fact]
    public void A_histogram_of_more_buckets_than_allowed_is_refused()
    {
        var payload = bench.Payload(("host.name", "n1"));
        var bounds = Enumerable.Range(0, StoredHistogram.MaximumBuckets).Select(static bound => (double)bound).ToArray();
        bench.Push(payload.Histogram("h", "", payload.HistogramPoint(new ulong[bounds.Length + 1], bounds, 1, 1))).Reason.Should().Be(PointRejection.BucketLimit);
    }
}
