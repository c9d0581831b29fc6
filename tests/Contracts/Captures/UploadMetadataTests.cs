using System.Text;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Contracts.Captures;

public sealed class UploadMetadataTests
{
    private static readonly string Hash = new('a', 64);
    private static readonly UploadMetadata Some = new(new string('0', 32), "node-1", "report.nsys-rep", CaptureFileKinds.Report, Hash);

    [Fact]
    public void What_is_written_is_read_again()
    {
        Some.Write().Should().StartWith("capture MDAw").And.Contain(",name cmVwb3J0Lm5zeXMtcmVw,kind cmVwb3J0,");
        UploadMetadata.Read(Some.Write(), out var error).Should().Be(Some);
        error.Should().BeEmpty();
    }

    [Fact]
    public void Keys_of_others_and_blanks_after_commas_are_passed_over() =>
        UploadMetadata.Read(Some.Write().Replace(",", ", ", StringComparison.Ordinal) + ",filename eA==,is_confidential", out _).Should().Be(Some);

    [Theory]
    [InlineData("", "0 characters")]
    [InlineData("capture", "capture of Upload-Metadata is ''")]
    [InlineData("capture MTIz ,", "not a list of keys")]
    [InlineData("capture MTIz,", "not a list of keys")]
    [InlineData("capture MTIz x", "not a list of keys")]
    [InlineData("capture ?", "the value of capture in Upload-Metadata is not UTF-8 in base64")]
    [InlineData("capture MTI", "not UTF-8 in base64")]
    [InlineData("capture /w==", "not UTF-8 in base64")]
    [InlineData("capture MTIz,capture MTIz", "has the key capture twice")]
    [InlineData("k\u00e9y MTIz", "not ASCII")]
    [InlineData("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", "more than 16 keys")]
    public void A_wrong_header_is_refused_in_words(string header, string words)
    {
        UploadMetadata.Read(header, out var error).Should().BeNull();
        error.Should().Contain(words);
    }

    [Theory]
    [InlineData("../manifest.json")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    [InlineData("")]
    [InlineData("name with blanks")]
    [InlineData("nul\0l")]
    public void A_name_that_is_no_plain_name_is_refused(string name)
    {
        UploadMetadata.Read((Some with { Name = name }).Write(), out var error).Should().BeNull();
        error.Should().StartWith("name of Upload-Metadata is '").And.NotContain("\0");
    }

    [Fact]
    public void Only_the_manifest_is_of_the_kind_manifest()
    {
        UploadMetadata.Read((Some with { Kind = CaptureFileKinds.Manifest }).Write(), out _).Should().BeNull();
        UploadMetadata.Read((Some with { Name = CaptureManifest.FileName }).Write(), out _).Should().BeNull();
        UploadMetadata.Read((Some with { Name = CaptureManifest.FileName, Kind = CaptureFileKinds.Manifest }).Write(), out _).Should().NotBeNull();
    }

    [Fact]
    public void Whatever_comes_is_metadata_within_its_limits_or_refused_in_one_line() => Prop.ForAll(ArbMap.Default.ArbFor<string>(), static text =>
    {
        foreach (var header in (string?[])[text, "capture " + text, Some.Write() + "," + text, Mix(Some.Write(), text ?? "")])
        {
            var read = UploadMetadata.Read(header, out var error);
            if (read is null) error.Should().NotBeEmpty().And.NotContainAny("\n", "\r", "\0");
            else UploadMetadata.Read(read.Write(), out _).Should().Be(read);
        }
    }).Check(Fuzzing.Cases(100));

    [Fact]
    public void Values_of_any_characters_come_back() => Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyString>(), static text =>
    {
        // A surrogate alone is no text and has no UTF-8.
        var node = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Get));
        var metadata = Some with { Node = node };
        var read = UploadMetadata.Read(metadata.Write(), out _);
        if (node.Length <= 128 && !node.Any(char.IsControl)) read.Should().Be(metadata);
        else read.Should().BeNull();
    }).Check(Fuzzing.Cases(100));

    private static string Mix(string header, string text) => text.Length == 0 ? header : header.Insert(text[0] % header.Length, text);
}
