using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Simulator.Demo;
using Xunit;

namespace Monitoring.Tests.Simulator.Demo;

/// <summary>The demo's reader of pages in the Prometheus text format.</summary>
public sealed class MetricsPageTests
{
    [Fact]
    public void Samples_are_read_and_comments_are_skipped()
    {
        var samples = MetricsPage.Read("""
            # HELP gpu_power_watts Power.
            # TYPE gpu_power_watts gauge
            gpu_power_watts{gpu="0",uuid="GPU-1"} 312.5
            gpu_devices 8

            scraped{le="+Inf", } +Inf 1700000000000
            """);

        samples.Should().BeEquivalentTo(
        [
            new MetricSample("gpu_power_watts", new Dictionary<string, string> { ["gpu"] = "0", ["uuid"] = "GPU-1" }, 312.5),
            new MetricSample("gpu_devices", new Dictionary<string, string>(), 8),
            new MetricSample("scraped", new Dictionary<string, string> { ["le"] = "+Inf" }, double.PositiveInfinity),
        ]);
    }

    [Theory]
    [InlineData("""name{a="b"}""")]
    [InlineData("""name{a="b" 1""")]
    [InlineData("""name{a=b} 1""")]
    [InlineData("""name{a="1",a="2"} 1""")]
    [InlineData("name one")]
    [InlineData("{} 1")]
    [InlineData("name")]
    public void A_line_that_is_no_sample_is_named_with_its_number(string line)
    {
        var reading = () => MetricsPage.Read("good 1\n" + line + "\n");

        reading.Should().Throw<FormatException>().WithMessage($"line 2 is no sample: {line}");
    }

    [Fact]
    public void Any_label_value_survives_its_escapes() => Prop.ForAll<NonNull<string>>(value =>
    {
        var escaped = value.Get.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");

        return MetricsPage.Read($"m{{a=\"{escaped}\",b=\"x\"}} 1").Single().Labels["a"] == value.Get;
    }).Check(Fuzzing.Cases(100));

    [Fact]
    public void Any_text_is_read_or_refused_in_words() => Prop.ForAll<NonNull<string>>(text =>
    {
        try
        {
            MetricsPage.Read(text.Get);
            return true;
        }
        catch (FormatException refusal)
        {
            return refusal.Message.StartsWith("line ");
        }
    }).Check(Fuzzing.Cases(100));
}
