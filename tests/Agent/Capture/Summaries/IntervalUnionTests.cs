using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Capture.Summaries;
using Xunit;
using Interval = Monitoring.Agent.Capture.Summaries.Interval;

namespace Monitoring.Tests.Agent.Capture.Summaries;

public sealed class IntervalUnionTests
{
    [Fact]
    public void The_union_covers_what_any_interval_covers()
    {
        var intervals = Gen.Choose(0, 60).Two().Select(static pair => (Start: Math.Min(pair.Item1, pair.Item2), End: Math.Max(pair.Item1, pair.Item2)));
        Prop.ForAll(Arb.From(intervals.ListOf()), static list =>
        {
            var union = new IntervalUnion();
            foreach (var (start, end) in list)
            {
                union.Add(start, end);
                // Asking in between must change nothing.
                union.Covered(0, 1);
            }
            var covered = Enumerable.Range(0, 61).Where(time => list.Any(interval => interval.Start <= time && time < interval.End)).ToHashSet();
            union.Covered(0, 61).Should().Be(covered.Count);
            union.Covered(10, 20).Should().Be(covered.Count(static time => time is >= 10 and < 20));
            var merged = union.Intervals();
            for (var index = 1; index < merged.Count; index++) merged[index].Start.Should().BeGreaterThan(merged[index - 1].End);
        }).Check(Fuzzing.Cases(100));
    }

    [Fact]
    public void Past_the_limit_short_gaps_are_counted_and_closed_and_nothing_is_lost_of_idle_time()
    {
        var bounded = new IntervalUnion(intervalsAtMost: 2000);
        var whole = new IntervalUnion();
        var random = new Random(3);
        var order = Enumerable.Range(0, 100_000).ToArray();
        // Nearly in order, as streams that are written one after the other.
        foreach (var block in Enumerable.Range(0, 100)) random.Shuffle(order.AsSpan(block * 1000, 1000));
        foreach (var index in order)
        {
            // Work of 10 every 20, and every hundredth time a gap of 10,000.
            var start = (index * 20L) + (index / 100 * 10_000L);
            bounded.Add(start, start + 10);
            whole.Add(start, start + 10);
        }

        bounded.Intervals().Count.Should().BeLessThanOrEqualTo(2000);
        bounded.Resolution.Should().BeInRange(10, 10_050);
        whole.Resolution.Should().Be(0);
        var idle = whole.Intervals()[^1].End - whole.Covered(0, long.MaxValue / 2);
        // The block in which a batch ends may still be filled: one in sixteen.
        (whole.Intervals()[^1].End - bounded.Covered(0, long.MaxValue / 2)).Should().BeCloseTo(idle, (ulong)(idle / 16));
        bounded.Closed.Count.Should().BeGreaterThan(90_000);
    }

    [Fact]
    public void Work_in_order_is_exact_past_the_limit()
    {
        var union = new IntervalUnion(intervalsAtMost: 1000);
        for (long index = 0; index < 200_000; index++) union.Add(index * 30, (index * 30) + 7);
        union.Covered(0, 6_000_000).Should().Be(7 * 200_000);
        (union.Closed.Count + union.Intervals().Count).Should().Be(200_000);
    }

    [Fact]
    public void A_clone_goes_on_apart()
    {
        var union = new IntervalUnion();
        union.Add(0, 10);
        var clone = union.Clone();
        union.Add(20, 30);
        clone.Add(10, 15);
        union.Intervals().Should().Equal(new Interval(0, 10), new Interval(20, 30));
        clone.Intervals().Should().Equal(new Interval(0, 15));
    }

    [Fact]
    public void Times_that_are_damage_are_left_out()
    {
        var union = new IntervalUnion();
        union.Add(long.MinValue, 5);
        union.Add(5, long.MaxValue);
        union.Add(7, 7);
        union.Add(9, 8);
        union.Intervals().Should().BeEmpty();
    }
}
