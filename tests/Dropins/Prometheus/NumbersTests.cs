using System.Globalization;
using System.Text;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using OpenTelemetry.Exporter.Prometheus.Writing;
using Xunit;

namespace Monitoring.Tests.Dropins.Prometheus;

public sealed class NumbersTests
{
    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(-0.0, "-0")]
    [InlineData(85899345920.0, "85899345920")]
    [InlineData(9007199254740992.0, "9007199254740992")]
    [InlineData(1e15, "1000000000000000")]
    [InlineData(123456789012345678.0, "1.2345678901234568e+17")]
    [InlineData(1e22, "1e+22")]
    [InlineData(-42.0, "-42")]
    [InlineData(0.1, "0.1")]
    [InlineData(0.30000000000000004, "0.30000000000000004")]
    [InlineData(1e-7, "1e-07")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(-1.2345678901234568E-300, "-1.2345678901234568e-300")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public void A_double_is_written_short_and_whole_numbers_without_exponent(double value, string expected) => Text(value).Should().Be(expected);

    [Theory]
    [InlineData(1.0, false, "1")]
    [InlineData(1.0, true, "1.0")]
    [InlineData(0.005, true, "0.005")]
    [InlineData(0.00001, true, "1e-05")]
    [InlineData(double.PositiveInfinity, true, "+Inf")]
    public void A_bound_is_a_float_in_open_metrics(double value, bool openMetrics, string expected)
    {
        byte[] bytes = new byte[Numbers.LongestBytes + 2];
        Encoding.UTF8.GetString(bytes, 0, Numbers.FormatBound(value, openMetrics, bytes)).Should().Be(expected);
    }

    [Fact]
    public void Every_double_reads_back_the_same() => Prop.ForAll<ulong>(bits =>
    {
        double value = BitConverter.UInt64BitsToDouble(bits);
        return !double.IsFinite(value)
            || BitConverter.DoubleToInt64Bits(double.Parse(Text(value), CultureInfo.InvariantCulture)) == BitConverter.DoubleToInt64Bits(value);
    }).Check(Fuzzing.Cases(2000));

    private static string Text(double value)
    {
        byte[] bytes = new byte[Numbers.LongestBytes];
        return Encoding.UTF8.GetString(bytes, 0, Numbers.Format(value, bytes));
    }
}
