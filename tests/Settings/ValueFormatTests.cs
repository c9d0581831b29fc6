using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Settings;
using Monitoring.Settings.Schema;
using Monitoring.Settings.Values;
using Xunit;

namespace Monitoring.Tests.Settings;

public sealed class ValueFormatTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("100ms", 100)]
    [InlineData("0.5s", 500)]
    [InlineData("1m30s", 90_000)]
    [InlineData("1h1ms", 3_600_001)]
    [InlineData("1d", 86_400_000)]
    public void A_duration_is_numbers_with_units(string text, double milliseconds)
    {
        Duration.TryParse(text, out var duration).Should().BeTrue();
        duration.TotalMilliseconds.Should().Be(milliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("1.s2")]
    [InlineData("1 s")]
    [InlineData("1s1m")]
    [InlineData("1s1s")]
    [InlineData("1S")]
    [InlineData("1ns")]
    [InlineData("0.01us")]
    [InlineData("100000000000d")]
    [InlineData("99999999999999999999999999999999d")]
    [InlineData("9000000000000000000d")]
    [InlineData("10675199d10675199h")]
    public void What_is_not_a_duration_is_refused(string text) => Duration.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void Every_duration_reads_back_as_it_was_written() => Prop.ForAll<long>(ticks =>
    {
        var duration = new TimeSpan(ticks & long.MaxValue);
        return Duration.TryParse(Duration.Format(duration), out var read) && read == duration;
    }).Check(Fuzzing.Cases(100));

    [Fact]
    public void The_longest_duration_reads_back_as_it_was_written()
    {
        Duration.TryParse(Duration.Format(TimeSpan.MaxValue), out var read).Should().BeTrue();
        read.Should().Be(TimeSpan.MaxValue);
    }

    [Fact]
    public void No_text_breaks_the_readers_of_values() => Prop.ForAll<string?>(text =>
    {
        var duration = Duration.TryParse(text ?? "", out var time);
        var size = ByteSize.TryParse(text ?? "", out var bytes);
        return (!duration || time >= TimeSpan.Zero) && (!size || bytes >= 0);
    }).Check(Fuzzing.Cases(100));

    [Theory]
    [InlineData("4096", 4096)]
    [InlineData("64MiB", 64 << 20)]
    [InlineData("64 MiB", 64 << 20)]
    [InlineData("64Mi", 64 << 20)]
    [InlineData("1gb", 1_000_000_000)]
    [InlineData("1.5KiB", 1536)]
    [InlineData("10B", 10)]
    public void A_size_is_a_number_with_or_without_a_unit(string text, long bytes)
    {
        ByteSize.TryParse(text, out var size).Should().BeTrue();
        size.Should().Be(bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("-1")]
    [InlineData("1M")]
    [InlineData("0.3B")]
    [InlineData("9000000TiB")]
    [InlineData("9000000000000000000TiB")]
    [InlineData("1e3")]
    [InlineData("1,000")]
    public void What_is_not_a_size_is_refused(string text) => ByteSize.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void Every_size_reads_back_as_it_was_written() => Prop.ForAll<long>(number =>
    {
        var bytes = number & long.MaxValue;
        return ByteSize.TryParse(ByteSize.Format(bytes), out var read) && read == bytes;
    }).Check(Fuzzing.Cases(100));

    [Theory]
    [InlineData("FastInterval", "fast_interval")]
    [InlineData("OtlpHTTPPort", "otlp_http_port")]
    [InlineData("Gpu2Name", "gpu2_name")]
    [InlineData("URL", "url")]
    public void A_key_is_the_property_name_in_snake_case(string property, string key) => KeyName.Of(property).Should().Be(key);

    [Fact]
    public void A_value_of_an_enumeration_is_written_as_its_attribute_says_or_in_snake_case()
    {
        var format = ScalarFormat.Of(typeof(Release), "Release")!;
        format.Description.Should().Be("newest_one or 4.9-rc");
        format.TypeName.Should().Be("`newest_one` \\| `4.9-rc`");
        format.Write(Release.Candidate).Should().Be("4.9-rc");
        format.Write(Release.NewestOne).Should().Be("newest_one");
        foreach (var (text, value) in ((string, Release)[])[("4.9-rc", Release.Candidate), ("4.9_RC", Release.Candidate), ("newest-one", Release.NewestOne)])
        {
            format.TryParse(text, out var read).Should().BeTrue(text);
            read.Should().Be(value);
        }
        foreach (var text in (string[])["candidate", "4.9", "1", ""]) format.TryParse(text, out _).Should().BeFalse(text);
    }

    private enum Release
    {
        NewestOne,

        [SettingName("4.9-rc")]
        Candidate,
    }
}
