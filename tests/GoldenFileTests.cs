using FluentAssertions;
using Xunit;

namespace Monitoring.Tests;

public sealed class GoldenFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("golden-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_first_line_that_differs_is_named_with_both_versions()
    {
        File.WriteAllText(Path.Combine(folder, "page.txt"), "one\ntwo\nthree\n");

        var check = () => GoldenFile.Check(folder, "page.txt", "one\ntwo  \nthree\n", rewrite: false, mayRewrite: true);

        check.Should().Throw<Exception>().WithMessage("*page.txt differs first at line 2*expected: two\n*actual:   two\u00b7\u00b7*UPDATE_GOLDEN=1*");
    }

    [Fact]
    public void A_missing_file_fails_and_the_update_writes_it()
    {
        var check = () => GoldenFile.Check(folder, "deep/new.txt", "text\n", rewrite: false, mayRewrite: true);
        check.Should().Throw<Exception>().WithMessage("*deep/new.txt does not exist*");

        GoldenFile.Check(folder, "deep/new.txt", "text\n", rewrite: true, mayRewrite: true);

        check.Should().NotThrow();
    }

    [Fact]
    public void An_update_where_it_is_not_allowed_fails_and_writes_nothing()
    {
        var check = () => GoldenFile.Check(folder, "page.txt", "text\n", rewrite: true, mayRewrite: false);

        check.Should().Throw<Exception>().WithMessage("*UPDATE_GOLDEN*");
        Directory.GetFiles(folder).Should().BeEmpty();
    }

    [Theory]
    [InlineData("a\n", "a", "first at line 2")]
    [InlineData("a", "a\nb", "first at line 2")]
    [InlineData("a\r\n", "a\n", "expected: a\\r")]
    public void Endings_that_the_eye_cannot_see_are_shown(string expected, string actual, string shown) =>
        GoldenFile.FirstDifference(expected, actual).Should().Contain(shown);

    [Fact]
    public void Equal_texts_have_no_difference() => GoldenFile.FirstDifference("a\nb\n", "a\nb\n").Should().BeNull();
}
