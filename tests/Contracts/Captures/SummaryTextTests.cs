using FluentAssertions;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Contracts.Captures;

public sealed class SummaryTextTests
{
    [Theory]
    [InlineData(0, "0 %")]
    [InlineData(0.00412, "0.41 %")]
    [InlineData(0.0412, "4.1 %")]
    [InlineData(0.0999, "10 %")]
    [InlineData(0.414, "41 %")]
    [InlineData(1.5, "150 %")]
    public void Ratios_are_percents(double ratio, string expected) => SummaryNumbers.Percent(ratio).Should().Be(expected);

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(1.234e-8, "12.3 ns")]
    [InlineData(7.89e-6, "7.89 us")]
    [InlineData(0.9999e-3, "1.00 ms")]
    [InlineData(0.0456, "45.6 ms")]
    [InlineData(0.99996, "1.00 s")]
    [InlineData(123.4, "123 s")]
    public void Times_have_three_digits(double seconds, string expected) => SummaryNumbers.Seconds(seconds).Should().Be(expected);

    [Theory]
    [InlineData(999, "999 B")]
    [InlineData(999.9, "1.00 kB")]
    [InlineData(1.5e9, "1.50 GB")]
    [InlineData(1e30, "1000000000000 EB")]
    public void Bytes_go_by_thousands(double bytes, string expected) => SummaryNumbers.Bytes(bytes).Should().Be(expected);

    [Fact]
    public void What_would_steer_a_terminal_is_not_passed_on() =>
        SummaryText.Of(new ProfilerSummary(ProfilerNames.Kineto) { Notes = ["a\u001b[2Jb\u0007\nc\u009bd"] }).Should().NotContainAny("\u001b", "\u0007", "\u009b").And.Contain("a [2Jb  c d");

    [Fact]
    public void A_summary_without_anything_is_one_line() => SummaryText.Of(new ProfilerSummary(ProfilerNames.Counters)).Should().Be("counters: 0 s recorded\n");
}
