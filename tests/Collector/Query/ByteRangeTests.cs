using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Collector.Query;
using Xunit;

namespace Monitoring.Tests.Collector.Query;

public sealed class ByteRangeTests
{
    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=0-", 0, 100)]
    [InlineData("bytes=10-19", 10, 10)]
    [InlineData("bytes=90-1000", 90, 10)]
    [InlineData("bytes=-10", 90, 10)]
    [InlineData("bytes=-1000", 0, 100)]
    [InlineData("Bytes= 5-5 ", 5, 1)]
    [InlineData("bytes=0-99999999999999999999999", 0, 100)]
    public void A_part_is_cut_to_the_file(string header, long offset, long length)
    {
        ByteRange.Read(header, 100, out var isUnsatisfiable).Should().Be(new ByteRange(offset, length));
        isUnsatisfiable.Should().BeFalse();
    }

    [Theory]
    [InlineData("bytes=100-")]
    [InlineData("bytes=100-200")]
    [InlineData("bytes=99999999999999999999999-")]
    [InlineData("bytes=-0")]
    public void What_the_file_does_not_have_is_not_satisfiable(string header)
    {
        ByteRange.Read(header, 100, out var isUnsatisfiable).Should().BeNull();
        isUnsatisfiable.Should().BeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("bytes")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=5-2")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=+1-2")]
    [InlineData("bytes=0-1,5-6")]
    [InlineData("bytes=1-2-3")]
    [InlineData("lines=1-2")]
    public void What_cannot_be_read_asks_for_the_whole(string header)
    {
        ByteRange.Read(header, 100, out var isUnsatisfiable).Should().BeNull();
        isUnsatisfiable.Should().BeFalse();
    }

    [Fact]
    public void Any_header_gives_a_part_of_the_file_or_none() => Prop.ForAll(ArbMap.Default.ArbFor<string>(), ArbMap.Default.ArbFor<NonNegativeInt>(), static (text, size) =>
    {
        foreach (var header in (string[])[text ?? "", "bytes=" + text, $"bytes={size.Get / 2}-{text}", $"bytes={text}-{size.Get}"])
        {
            if (ByteRange.Read(header, size.Get, out var isUnsatisfiable) is not { } range) continue;
            isUnsatisfiable.Should().BeFalse();
            range.Offset.Should().BeInRange(0, size.Get - 1);
            range.Length.Should().BeInRange(1, size.Get - range.Offset);
        }
    }).Check(Fuzzing.Cases(100));

    [Fact]
    public void Numbers_in_order_give_just_what_they_say() => Prop.ForAll(ArbMap.Default.ArbFor<NonNegativeInt>(), ArbMap.Default.ArbFor<NonNegativeInt>(), ArbMap.Default.ArbFor<PositiveInt>(), static (first, more, size) =>
    {
        var range = ByteRange.Read($"bytes={first.Get}-{(long)first.Get + more.Get}", size.Get, out var isUnsatisfiable);
        isUnsatisfiable.Should().Be(first.Get >= size.Get);
        if (range is { } part) part.Should().Be(new ByteRange(first.Get, Math.Min((long)first.Get + more.Get, size.Get - 1) - first.Get + 1));
    }).Check(Fuzzing.Cases(100));
}
