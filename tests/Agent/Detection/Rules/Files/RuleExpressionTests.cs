using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Detection.Rules.Files;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Rules.Files;

public sealed class RuleExpressionTests
{
    [Fact]
    public void A_series_is_a_metric_with_conditions_on_labels()
    {
        var series = RuleExpression.ReadSeries(""" gpu_ecc_errors_total { type = "correctable", location!="dram" , location=~'l1|l2', location!~"c.*", } """, out var problem);

        problem.Should().BeEmpty();
        series!.Metric.Should().Be("gpu_ecc_errors_total");
        series.Matchers.Should().Equal(
            new LabelMatcher("type", "correctable"), new LabelMatcher("location", "dram", Negate: true),
            new LabelMatcher("location", "l1|l2", Pattern: true), new LabelMatcher("location", "c.*", Negate: true, Pattern: true));
    }

    [Fact]
    public void A_value_may_hold_quotes_and_backslashes() =>
        RuleExpression.ReadSeries("""m{a="x\"y\\z\n"}""", out _)!.Matchers.Should().Equal(new LabelMatcher("a", "x\"y\\z\n"));

    [Theory]
    [InlineData("> 0.01", nameof(Comparison.Above), 0.01)]
    [InlineData(">=512", nameof(Comparison.AtLeast), 512)]
    [InlineData("< -5", nameof(Comparison.Below), -5)]
    [InlineData("<=1e9", nameof(Comparison.AtMost), 1e9)]
    [InlineData(" == 1 ", nameof(Comparison.Equal), 1)]
    [InlineData("!= 2.5E-3", nameof(Comparison.NotEqual), 0.0025)]
    public void A_comparison_with_a_number(string text, string comparison, double number) =>
        RuleExpression.ReadComparison(text, out _).Should().Be(new ComparisonText(Enum.Parse<Comparison>(comparison), number, null, 1, 0));

    [Theory]
    [InlineData("< limit", 1, 0)]
    [InlineData("< 0.85 * limit", 0.85, 0)]
    [InlineData("<0.85*limit+5", 0.85, 5)]
    [InlineData("< limit - 2e6", 1, -2e6)]
    public void A_comparison_with_a_series(string text, double factor, double offset)
    {
        var comparison = RuleExpression.ReadComparison(text, out var problem)!;

        problem.Should().BeEmpty();
        (comparison.Series!.Metric, comparison.Factor, comparison.Offset).Should().Be(("limit", factor, offset));
    }

    [Theory]
    [InlineData("", "expected >, >=, <, <=, == or != at character 1")]
    [InlineData("0.5", "expected >, >=, <, <=, == or != at character 1")]
    [InlineData("=> 1", "expected >, >=, <, <=, == or != at character 1")]
    [InlineData("> ", "expected the name of a metric at character 3")]
    [InlineData("> 2GB", "numbers have no unit; values are in base units: 2e9 for 2 GB, 0.05 for 5 %, 1.2e9 for 1200 MHz at character 4")]
    [InlineData("> 5%", "numbers have no unit; values are in base units: 2e9 for 2 GB, 0.05 for 5 %, 1.2e9 for 1200 MHz at character 4")]
    [InlineData("> 1e999", "expected a number at character 3")]
    [InlineData("> 1.2.3", "expected a number at character 3")]
    [InlineData("> 1 2", "expected the end, or * and a series at character 5")]
    [InlineData("> 2 * 3", "expected the name of a metric at character 7")]
    [InlineData("> m 5", "expected the end, or + or - and a number at character 5")]
    [InlineData("> m + 5 * 2", "nothing may follow the number at character 9")]
    public void What_is_no_comparison_is_said_with_its_place(string text, string problem)
    {
        RuleExpression.ReadComparison(text, out var found).Should().BeNull();
        found.Should().Be(problem);
    }

    [Theory]
    [InlineData("5m", "expected the name of a metric at character 1")]
    [InlineData("m{", "expected the name of a label at character 3")]
    [InlineData("m{a}", "expected =, !=, =~ or !~ at character 4")]
    [InlineData("m{a=b}", "expected a value in quotes at character 5")]
    [InlineData("m{a=\"b}", "the quotes are never closed at character 8")]
    [InlineData("m{a=\"b\" c=\"d\"}", "expected , or } at character 9")]
    [InlineData("m{a=\"\\d\"}", "a backslash stands before \\, a quote or n only; write it twice at character 6")]
    [InlineData("m[5m]", "nothing may follow the series at character 2")]
    [InlineData("rate(m)", "nothing may follow the series at character 5")]
    [InlineData("m{a=~\"(?=x)\"}", "a pattern may not look around or refer back, and may not be huge at character 6")]
    public void What_is_no_series_is_said_with_its_place(string text, string problem)
    {
        RuleExpression.ReadSeries(text, out var found).Should().BeNull();
        found.Should().Be(problem);
    }
}
