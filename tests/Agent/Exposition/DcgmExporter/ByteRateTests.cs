using FluentAssertions;
using Monitoring.Agent.Exposition.DcgmExporter;
using Xunit;

namespace Monitoring.Tests.Agent.Exposition.DcgmExporter;

public sealed class ByteRateTests
{
    private readonly ManualTimeProvider time = new();
    private readonly ByteRate rate;

    public ByteRateTests() => rate = new ByteRate(time);

    [Fact]
    public void A_rate_needs_two_readings()
    {
        Observe(1000).Should().Be(double.NaN);
        Observe(3000, after: 2).Should().Be(1000);
        Observe(3000, after: 2).Should().Be(0);
    }

    [Fact]
    public void A_counter_that_was_not_read_anew_leaves_the_rate_as_it_is()
    {
        Observe(1000);
        Observe(3000, after: 2);
        var at = time.GetTimestamp();
        time.Advance(TimeSpan.FromMilliseconds(300));

        rate.Observe(3000, at).Should().Be(1000);
    }

    [Fact]
    public void A_counter_that_fell_or_was_away_begins_anew()
    {
        Observe(5000);
        Observe(100, after: 1).Should().Be(double.NaN);
        Observe(600, after: 1).Should().Be(500);
        Observe(double.NaN, after: 1).Should().Be(double.NaN);
        Observe(5000, after: 1).Should().Be(double.NaN);
        Observe(6000, after: 1).Should().Be(1000);
    }

    [Fact]
    public void A_mean_over_longer_than_five_minutes_is_none()
    {
        Observe(1000);
        Observe(301_000, after: 300).Should().Be(1000);
        Observe(602_000, after: 301).Should().Be(double.NaN);
        Observe(603_000, after: 1).Should().Be(1000);
    }

    private double Observe(double bytes, double after = 0)
    {
        time.Advance(TimeSpan.FromSeconds(after));
        return rate.Observe(bytes, time.GetTimestamp());
    }
}
