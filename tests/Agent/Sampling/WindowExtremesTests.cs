using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Sampling;
using Xunit;

namespace Monitoring.Tests.Agent.Sampling;

public sealed class WindowExtremesTests
{
    [Fact]
    public void A_peak_between_two_scrapes_is_kept_for_thirty_seconds()
    {
        var extremes = new WindowExtremes(1);
        extremes.Add([100], TimeSpan.FromSeconds(0));
        extremes.Add([700], TimeSpan.FromSeconds(1));
        extremes.Add([120], TimeSpan.FromSeconds(2));
        extremes.Highest(0).Should().Be(700);
        extremes.Lowest(0).Should().Be(100);

        extremes.Add([120], TimeSpan.FromSeconds(31));
        extremes.Highest(0).Should().Be(700);
        extremes.Add([120], TimeSpan.FromSeconds(32));
        extremes.Highest(0).Should().Be(120);
    }

    [Fact]
    public void What_lies_before_a_gap_longer_than_the_window_is_forgotten()
    {
        var extremes = new WindowExtremes(1);
        extremes.Add([700], TimeSpan.FromSeconds(10));
        extremes.Add([50], TimeSpan.FromMinutes(5));
        extremes.Highest(0).Should().Be(50);
    }

    [Fact]
    public void An_absent_value_is_neither_highest_nor_lowest()
    {
        var extremes = new WindowExtremes(2);
        extremes.Add([double.NaN, 5], TimeSpan.FromSeconds(1));
        extremes.Highest(0).Should().Be(double.NaN);
        extremes.Add([3, double.NaN], TimeSpan.FromSeconds(1));
        extremes.Highest(0).Should().Be(3);
        extremes.Lowest(1).Should().Be(5);
    }

    [Fact]
    public void Agrees_with_a_plain_search_over_any_history() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<(byte GapTenths, short Value)[]>(),
            static history =>
            {
                var extremes = new WindowExtremes(1);
                var seen = new List<(long Second, double Value)>();
                var tenths = 0L;
                foreach (var (gap, value) in history)
                {
                    tenths += gap;
                    extremes.Add([value], TimeSpan.FromMilliseconds(tenths * 100));
                    seen.Add((tenths / 10, value));
                }
                if (seen.Count == 0) return double.IsNaN(extremes.Highest(0));
                var kept = seen.Where(entry => entry.Second > seen[^1].Second - 31).Select(static entry => entry.Value).ToArray();
                return extremes.Highest(0) == kept.Max() && extremes.Lowest(0) == kept.Min();
            }).Check(Fuzzing.Cases(100));
}
