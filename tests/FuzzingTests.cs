using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Monitoring.Tests;

public sealed class FuzzingTests
{
    [Fact]
    public void An_ordinary_run_takes_the_same_cases_each_time_and_a_factor_others()
    {
        Seen(0).Should().HaveCount(100).And.Equal(Seen(0)).And.OnlyHaveUniqueItems();
        Seen(2).Should().HaveCount(200).And.NotEqual(Seen(2));
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData("", 0)]
    [InlineData("1000", 1000)]
    public void The_factor_is_a_whole_number(string? text, int expected) => Fuzzing.FactorOf(text).Should().Be(expected);

    [Theory]
    [InlineData("0")]
    [InlineData("many")]
    [InlineData("1001")]
    public void A_wrong_factor_is_named(string text)
    {
        var read = () => Fuzzing.FactorOf(text);
        read.Should().Throw<InvalidOperationException>().WithMessage($"GPU_MONITORING_FUZZ_FACTOR is '{text}', *");
    }

    private static List<int> Seen(int factor)
    {
        var seen = new List<int>();
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), value =>
        {
            seen.Add(value);
            return true;
        }).Check(Fuzzing.Of(100, factor));
        return seen;
    }
}
