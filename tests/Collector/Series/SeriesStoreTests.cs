using FluentAssertions;
using Monitoring.Collector.Series;
using Xunit;

namespace Monitoring.Tests.Collector.Series;

public sealed class SeriesStoreTests
{
    private readonly StoreBench bench = new();

    [Fact]
    public void The_newest_value_of_each_series_is_shown()
    {
        Push(("0", 1), ("1", 2));
        Push(("0", 3), ("1", 4));
        bench.Samples("n1").Should().Equal("""gpu_power_watts{gpu="0",node="n1"} 3""", """gpu_power_watts{gpu="1",node="n1"} 4""");
    }

    [Fact]
    public void A_series_that_a_push_no_longer_contains_vanishes_at_once_and_comes_back_with_the_next()
    {
        Push(("0", 1), ("1", 2));
        Push(("1", 4));
        bench.Samples("n1").Should().Equal("""gpu_power_watts{gpu="1",node="n1"} 4""");
        Push(("0", 5), ("1", 6));
        bench.Samples("n1").Should().HaveCount(2);
    }

    [Fact]
    public void Series_in_another_order_are_the_same_series()
    {
        Push(("0", 1), ("1", 2), ("2", 3));
        Push(("2", 30), ("0", 10), ("1", 20));
        Push(("1", 200), ("2", 300), ("0", 100));
        bench.Samples("n1").Should().Equal(
            """gpu_power_watts{gpu="0",node="n1"} 100""", """gpu_power_watts{gpu="1",node="n1"} 200""", """gpu_power_watts{gpu="2",node="n1"} 300""");
        Node("n1").SlotCount.Should().Be(3);
    }

    [Fact]
    public void Metrics_in_another_order_are_the_same_metrics()
    {
        var payload = bench.Payload(("host.name", "n1"));
        bench.Push(payload.Gauge("a", "", payload.Point(1)).Gauge("b", "", payload.Point(2)).Gauge("c", "", payload.Point(3)));
        payload = bench.Payload(("host.name", "n1"));
        bench.Push(payload.Gauge("c", "", payload.Point(30)).Gauge("a", "", payload.Point(10)).Gauge("d", "", payload.Point(40)).Gauge("b", "", payload.Point(20)));
        bench.Samples("n1").Should().Equal("""a{node="n1"} 10""", """b{node="n1"} 20""", """c{node="n1"} 30""", """d{node="n1"} 40""");
        Node("n1").SlotCount.Should().Be(4);
    }

    [Fact]
    public void Attributes_in_another_order_are_the_same_series()
    {
        for (var push = 0; push < 30; push++)
        {
            (string, object)[] attributes = [("a", "1"), ("b", "2"), ("c", "3")];
            Random.Shared.Shuffle(attributes);
            var payload = bench.Payload(("host.name", "n1"));
            bench.Push(payload.Gauge("g", "", payload.Point(push, attributes)));
            bench.Samples("n1").Should().Equal($$"""g{a="1",b="2",c="3",node="n1"} {{push}}""");
        }

        Node("n1").SlotCount.Should().Be(1);
    }

    [Fact]
    public void The_same_resource_in_another_order_is_the_same_source()
    {
        for (var push = 0; push < 30; push++)
        {
            (string, object)[] resource = [("host.name", "n1"), ("service.name", "agent"), ("service.instance.id", "7"), ("os.type", "linux")];
            Random.Shared.Shuffle(resource);
            var payload = bench.Payload(resource);
            bench.Push(payload.Gauge("g", "", payload.Point(push)));
        }

        Node("n1").Feeds.Should().ContainSingle();
    }

    [Fact]
    public void Values_that_are_not_numbers_or_not_recorded_are_absent_and_infinities_are_shown()
    {
        var payload = bench.Payload(("host.name", "n1"));
        bench.Push(payload
            .Gauge("nan", "", payload.Point(double.NaN))
            .Gauge("absent", "", payload.AbsentPoint())
            .Gauge("limits", "", payload.Point(double.PositiveInfinity, ("x", "up")), payload.Point(double.NegativeInfinity, ("x", "down")))
            .Gauge("whole", "", payload.IntegerPoint(9_007_199_254_740_991)));
        bench.Page("n1").Should().NotContain("nan").And.NotContain("absent");
        bench.Samples("n1").Should().Equal(
            """limits{node="n1",x="down"} -Inf""", """limits{node="n1",x="up"} +Inf""", """whole{node="n1"} 9007199254740991""");
    }

    [Fact]
    public void The_node_comes_from_the_point_then_the_host_then_the_instance()
    {
        var payload = bench.Payload(("host.name", "host"), ("service.instance.id", "instance"), ("cluster", "c1"));
        bench.Push(payload.Gauge("g", "", payload.Point(1, ("node", "point"), ("cluster", "own")), payload.Point(2)));
        payload = bench.Payload(("service.instance.id", "instance"), ("k8s.cluster.name", "c2"));
        bench.Push(payload.Gauge("g", "", payload.Point(3)));
        bench.Samples("point").Should().Equal("""g{cluster="own",node="point"} 1""");
        bench.Samples("host").Should().Equal("""g{cluster="c1",node="host"} 2""");
        bench.Samples("instance").Should().Equal("""g{cluster="c2",node="instance"} 3""");
    }

    [Fact]
    public void A_point_of_no_node_is_refused()
    {
        var payload = bench.Payload(("service.name", "x"));
        bench.Push(payload.Gauge("g", "", payload.Point(1))).Should().Be(new PushOutcome(default, 1, 1, PointRejection.NoNode));
        bench.Store.Nodes.Count.Should().Be(0);
        bench.Store.HasHeardAnyNode.Should().BeFalse();
    }

    [Fact]
    public void Labels_are_sorted_and_escaped_and_the_default_cluster_fills_in()
    {
        var other = new StoreBench(settings => settings.DefaultCluster = "lab");
        var payload = other.Payload(("host.name", "n\"1"));
        other.Push(payload.Gauge("g", "", payload.Point(1, ("z", "back\\slash"), ("a.b", "line\nbreak"), ("empty", ""), ("a-b", "two"))));
        other.Samples("n\"1").Should().Equal("""g{a_b="two;line\nbreak",cluster="lab",node="n\"1",z="back\\slash"} 1""");
    }

    [Fact]
    public void Deltas_and_shapes_without_support_are_refused_one_by_one_with_their_reason()
    {
        var payload = bench.Payload(("host.name", "n1"));
        var outcome = bench.Push(payload
            .Sum("delta", "", true, 1, payload.Point(1), payload.Point(1, ("x", "2")))
            .Sum("unspecified", "", true, 0, payload.Point(1))
            .Metric("exponential", "", "", 10, [[], [], []], 2, null)
            .Metric("summary", "", "", 11, [[]], null, null)
            .Sum("down", "", false, 2, payload.Point(5))
            .Counter("up", "", payload.Point(6)));
        outcome.Should().Be(new PushOutcome(default, 9, 7, PointRejection.ExponentialHistogram));
        bench.Samples("n1").Should().Equal("""down{node="n1"} 5""", """up_total{node="n1"} 6""");
        bench.Store.Tally.Rejected(PointRejection.DeltaTemporality).Should().Be(2);
        bench.Store.Tally.Rejected(PointRejection.UnspecifiedTemporality).Should().Be(1);
        bench.Store.Tally.Rejected(PointRejection.ExponentialHistogram).Should().Be(3);
        bench.Store.Tally.Rejected(PointRejection.Summary).Should().Be(1);
        bench.Store.Tally.AcceptedPoints.Should().Be(2);
    }

    [Fact]
    public void Series_that_stay_away_are_forgotten_after_ten_pushes_and_free_their_place()
    {
        Push(("0", 1), ("1", 2));
        for (var push = 0; push < 9; push++) Push(("0", 1));
        Node("n1").SlotCount.Should().Be(2);
        for (var push = 0; push < 11; push++) Push(("0", 1));
        Node("n1").SlotCount.Should().Be(1);
        Push(("1", 7), ("0", 8));
        bench.Samples("n1").Should().Equal("""gpu_power_watts{gpu="0",node="n1"} 8""", """gpu_power_watts{gpu="1",node="n1"} 7""");
    }

    [Fact]
    public void A_push_of_nothing_is_accepted() => bench.Store.Push([], 10).Should().Be(new PushOutcome(default, 0, 0, PointRejection.None));

    [Fact]
    public void A_malformed_push_changes_nothing()
    {
        Push(("0", 1));
        var payload = bench.Payload(("host.name", "n1"));
        var bytes = payload.Gauge("gpu.power", "W", payload.Point(99, ("gpu", "0"))).ToArray();
        bench.Store.Push(bytes.AsSpan(0, bytes.Length - 1), 100).Fault.IsFault.Should().BeTrue();
        bench.Samples("n1").Should().Equal("""gpu_power_watts{gpu="0",node="n1"} 1""");
    }

    [Fact]
    public void A_push_of_more_points_than_allowed_changes_nothing()
    {
        var payload = bench.Payload(("host.name", "n1"));
        var bytes = payload.Gauge("g", "", payload.Point(1, ("a", "1")), payload.Point(2, ("a", "2"))).ToArray();
        bench.Store.Push(bytes, maxPoints: 1).HasTooManyPoints.Should().BeTrue();
        bench.Samples("n1").Should().BeEmpty();
    }

    private Node Node(string name) => bench.Store.Nodes.TryGet(name, out var node) ? node : throw new InvalidOperationException($"There is no node {name}.");

    private void Push(params (string Gpu, double Watts)[] values)
    {
        var payload = bench.Payload(("host.name", "n1"));
        bench.Push(payload.Gauge("gpu.power", "W", [.. values.Select(value => payload.Point(value.Watts, ("gpu", value.Gpu)))])).Fault.IsFault.Should().BeFalse();
    }
}
