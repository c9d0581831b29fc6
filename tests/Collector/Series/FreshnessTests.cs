using FluentAssertions;
using Monitoring.Collector.Series;
using Xunit;

namespace Monitoring.Tests.Collector.Series;

public sealed class FreshnessTests
{
    private readonly StoreBench bench = new();

    [Fact]
    public void All_series_of_a_node_vanish_after_three_missed_pushes()
    {
        Push(1);
        bench.Clock.Advance(TimeSpan.FromSeconds(29.9));
        bench.Samples("n1").Should().NotBeEmpty();
        bench.Clock.Advance(TimeSpan.FromSeconds(0.2));
        bench.Samples("n1").Should().BeEmpty();
    }

    [Fact]
    public void The_interval_that_the_sender_states_counts()
    {
        Push(1, ("gpu.agent.push_interval_seconds", 2.0));
        bench.Clock.Advance(TimeSpan.FromSeconds(5.9));
        bench.Samples("n1").Should().NotBeEmpty();
        bench.Clock.Advance(TimeSpan.FromSeconds(0.2));
        bench.Samples("n1").Should().BeEmpty();
    }

    [Fact]
    public void A_source_that_may_miss_one_push_stays_while_it_is_punctual_but_for_jitter()
    {
        var strict = new StoreBench(settings => settings.MissedPushes = 1);
        var payload = strict.Payload(("host.name", "n1"));
        strict.Push(payload.Gauge("g", "", payload.Point(1)));
        strict.Clock.Advance(TimeSpan.FromSeconds(10.5));
        strict.Samples("n1").Should().NotBeEmpty();
        strict.Clock.Advance(TimeSpan.FromSeconds(5));
        strict.Samples("n1").Should().BeEmpty();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("1e9")]
    [InlineData("NaN")]
    [InlineData("soon")]
    public void A_stated_interval_out_of_reason_is_not_believed(string seconds)
    {
        Push(1, ("gpu.agent.push_interval_seconds", seconds));
        bench.Clock.Advance(TimeSpan.FromSeconds(29));
        bench.Samples("n1").Should().NotBeEmpty();
        bench.Clock.Advance(TimeSpan.FromSeconds(2));
        bench.Samples("n1").Should().BeEmpty();
    }

    [Fact]
    public void Without_a_stated_interval_the_median_of_those_seen_counts()
    {
        foreach (var gap in new[] { 60, 60, 5, 60, 60 })
        {
            Push(1);
            bench.Clock.Advance(TimeSpan.FromSeconds(gap));
        }

        Push(1);
        bench.Clock.Advance(TimeSpan.FromSeconds(179));
        bench.Samples("n1").Should().NotBeEmpty();
        bench.Clock.Advance(TimeSpan.FromSeconds(2));
        bench.Samples("n1").Should().BeEmpty();
    }

    [Fact]
    public void The_sweep_frees_silent_sources_and_keeps_the_node_for_the_retention()
    {
        Push(1);
        bench.Clock.Advance(TimeSpan.FromSeconds(31));
        bench.Store.Sweep();
        bench.Store.Nodes.TryGet("n1", out var node).Should().BeTrue();
        node!.Feeds.Should().BeEmpty();
        node.SlotCount.Should().Be(0);
        bench.Clock.Advance(TimeSpan.FromHours(1));
        bench.Store.Sweep();
        bench.Store.Nodes.Count.Should().Be(0);
        Push(2);
        bench.Samples("n1").Should().Equal("""g{node="n1"} 2""");
    }

    [Fact]
    public void A_node_that_comes_back_after_the_sweep_is_shown_again()
    {
        Push(1);
        bench.Clock.Advance(TimeSpan.FromMinutes(5));
        bench.Store.Sweep();
        Push(2);
        bench.Samples("n1").Should().Equal("""g{node="n1"} 2""");
    }

    [Fact]
    public void Two_sources_of_a_node_do_not_erase_each_other_and_each_expires_alone()
    {
        Push(1, ("service.instance.id", "a"));
        PushOther(5);
        Push(2, ("service.instance.id", "a"));
        bench.Samples("n1").Should().Equal("""g{node="n1"} 2""", """other{node="n1"} 5""");
        bench.Clock.Advance(TimeSpan.FromSeconds(20));
        PushOther(6);
        bench.Clock.Advance(TimeSpan.FromSeconds(20));
        bench.Samples("n1").Should().Equal("""other{node="n1"} 6""");

        void PushOther(double value)
        {
            var payload = bench.Payload(("host.name", "n1"), ("service.instance.id", "b"));
            bench.Push(payload.Gauge("other", "", payload.Point(value)));
        }
    }

    [Fact]
    public void Two_scopes_of_a_resource_in_one_push_are_both_kept()
    {
        var payload = bench.Payload(("host.name", "n1"));
        bench.Push(payload.Gauge("a", "", payload.Point(1)).Scope("second").Gauge("b", "", payload.Point(2)));
        bench.Samples("n1").Should().HaveCount(2);
    }

    [Fact]
    public void A_source_that_comes_twice_in_one_push_is_the_union()
    {
        var payload = bench.Payload(("host.name", "n1"));
        bench.Push(payload.Gauge("a", "", payload.Point(1)).Resource(("host.name", "n1")).Scope().Gauge("a", "", payload.Point(2, ("x", "2"))));
        bench.Samples("n1").Should().Equal("""a{node="n1",x="2"} 2""", """a{node="n1"} 1""");
    }

    [Fact]
    public void Of_two_sources_with_the_same_series_the_younger_is_shown_and_the_older_counted()
    {
        Push(1, ("service.instance.id", "old"));
        Push(2, ("service.instance.id", "new"));
        Push(3, ("service.instance.id", "old"));
        bench.Samples("n1").Should().Equal("""g{node="n1"} 2""");
        bench.Store.Nodes.TryGet("n1", out var node).Should().BeTrue();
        node!.Layout(bench.Clock.GetTimestamp()).Conflicts.Should().Be(1);
    }

    [Fact]
    public void A_name_that_two_sources_use_for_different_kinds_is_shown_as_one()
    {
        var payload = bench.Payload(("host.name", "n1"), ("service.instance.id", "a"));
        bench.Push(payload.Counter("x", "", payload.Point(1, ("from", "a"))));
        payload = bench.Payload(("host.name", "n1"), ("service.instance.id", "b"));
        bench.Push(payload.Gauge("x.total", "", payload.Point(2, ("from", "b"))));
        bench.Page("n1").Split('\n').Count(static line => line.StartsWith("# TYPE x_total", StringComparison.Ordinal)).Should().Be(1);
        bench.Samples("n1").Should().ContainSingle();
    }

    [Fact]
    public void A_push_older_than_the_last_does_not_overwrite_it()
    {
        var late = Payload(1);
        bench.Clock.Advance(TimeSpan.FromSeconds(10));
        Push(2);
        bench.Store.Push(late, 10).Should().Be(new PushOutcome(default, 1, 1, PointRejection.OutOfOrder));
        bench.Samples("n1").Should().Equal("""g{node="n1"} 2""");
        bench.Store.Tally.Rejected(PointRejection.OutOfOrder).Should().Be(1);
    }

    [Fact]
    public void The_same_push_sent_again_is_accepted()
    {
        var push = Payload(1);
        bench.Store.Push(push, 10);
        bench.Store.Push(push, 10).Rejected.Should().Be(0);
    }

    [Fact]
    public void A_node_whose_clock_was_set_back_is_believed_again_before_its_data_expires()
    {
        Push(1);
        bench.Clock.WallClockOffset = TimeSpan.FromHours(-1);
        bench.Clock.Advance(TimeSpan.FromSeconds(10));
        Push(2);
        bench.Samples("n1").Should().Equal("""g{node="n1"} 1""");
        bench.Clock.Advance(TimeSpan.FromSeconds(10));
        Push(3);
        bench.Samples("n1").Should().Equal("""g{node="n1"} 3""");
    }

    [Fact]
    public void A_time_in_the_future_is_set_to_now_and_counted_and_shown_as_skew()
    {
        var payload = bench.Payload(("host.name", "n1"));
        payload.TimeUnixNano += 3_600_000_000_000;
        bench.Push(payload.Gauge("g", "", payload.Point(1)));
        bench.Store.Tally.ClampedPoints.Should().Be(1);
        bench.Store.Nodes.TryGet("n1", out var node).Should().BeTrue();
        node!.ClockSkewSeconds.Should().BeApproximately(3600, 0.001);

        // The node's clock is put right: its next push is not older than the clamped one.
        bench.Clock.Advance(TimeSpan.FromSeconds(10));
        Push(2);
        bench.Samples("n1").Should().Equal("""g{node="n1"} 2""");
        node.ClockSkewSeconds.Should().BeApproximately(0, 0.001);
    }

    [Fact]
    public void A_time_within_the_tolerance_is_left_alone()
    {
        var payload = bench.Payload(("host.name", "n1"));
        payload.TimeUnixNano += 4_000_000_000;
        bench.Push(payload.Gauge("g", "", payload.Point(1)));
        bench.Store.Tally.ClampedPoints.Should().Be(0);
    }

    private byte[] Payload(double value, params (string, object)[] resource)
    {
        var payload = bench.Payload([("host.name", "n1"), .. resource]);
        return payload.Gauge("g", "", payload.Point(value)).ToArray();
    }

    private void Push(double value, params (string, object)[] resource) => bench.Store.Push(Payload(value, resource), 10);
}
