using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Capture.Profilers.Kineto;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

public sealed class KinetoConfigTests
{
    private const string Capture = "0123456789abcdef0123456789abcdef";
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 7, 250, TimeSpan.Zero);

    [Fact]
    public void The_text_is_what_PyTorch_reads() => KinetoConfig.Text($"/tmp/{KinetoConfig.FileName(Capture, 3)}", TimeSpan.FromMilliseconds(500), Start, Capture).Should().Be(
        "ACTIVITIES_LOG_FILE=/tmp/gpu-agent-0123456789abcdef0123456789abcdef-3.json\n" +
        "PROFILE_START_TIME=1767225607250\n" +
        "ACTIVITIES_DURATION_MSECS=500\n" +
        "ACTIVITIES_WARMUP_PERIOD_SECS=0\n" +
        "PROFILE_REPORT_INPUT_SHAPES=false\n" +
        "PROFILE_PROFILE_MEMORY=false\n" +
        "PROFILE_WITH_STACK=false\n" +
        "PROFILE_WITH_FLOPS=false\n" +
        "PROFILE_WITH_MODULES=false\n" +
        "REQUEST_TRACE_ID=0123456789abcdef0123456789abcdef\n");

    [Fact]
    public void The_name_that_PyTorch_makes_of_it_has_the_process_before_the_extension() =>
        KinetoConfig.WrittenAs("/tmp/x.json", 77).Should().Be("/tmp/x_77.json");

    [Theory]
    [InlineData("cfg-iter.txt", true)]
    [InlineData("cfg-path.txt", true)]
    [InlineData("cfg-sid.txt", true)]
    [InlineData("cfg-trixie.txt", true)]
    [InlineData("cfg-w0.txt", true)]
    [InlineData("cfg-bad.txt", false)]
    public void The_parser_of_these_tests_reads_what_PyTorch_read(string name, bool isRead) =>
        (LibkinetoConfig.Parse(File.ReadAllText(Requirement.SharedData("kineto-samples", name))) is not null).Should().Be(isRead);

    [Fact]
    public void Whatever_a_job_calls_its_folder_the_text_is_read_back_or_never_made() => Prop.ForAll(Folders().ToArbitrary(), Gen.Choose(-5, 400_000).ToArbitrary(), static (folder, milliseconds) =>
    {
        var path = $"{folder}/{KinetoConfig.FileName(Capture, 0)}";
        string text;
        try
        {
            text = KinetoConfig.Text(path, TimeSpan.FromMilliseconds(milliseconds), Start, Capture);
        }
        catch (ArgumentException)
        {
            return true;
        }
        return LibkinetoConfig.Parse(text) is { } read && read.Path == path && read.Duration == TimeSpan.FromMilliseconds(milliseconds) && read.Start == Start
            && text.Length <= KinetoFrames.LongestConfiguration && !path.Contains("/../", StringComparison.Ordinal);
    }).Check(Fuzzing.Cases(100));

    [Theory]
    [InlineData("/tmp/a=b.json")]
    [InlineData("/tmp/a#b.json")]
    [InlineData("/tmp/a\nPROFILE_WITH_STACK=true.json")]
    [InlineData("/tmp/a b.json")]
    [InlineData("/tmp/../etc/a.json")]
    [InlineData("tmp/a.json")]
    [InlineData("/tmp/a")]
    [InlineData("")]
    public void A_path_that_would_be_read_otherwise_is_refused(string path) =>
        ((Action)(() => KinetoConfig.Text(path, TimeSpan.FromSeconds(1), Start, Capture))).Should().Throw<ArgumentException>();

    [Theory]
    [InlineData("")]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData("a b")]
    public void What_is_no_id_makes_no_file(string id) => ((Action)(() => KinetoConfig.FileName(id, 0))).Should().Throw<ArgumentException>();

    private static Gen<string> Folders() =>
        from parts in Gen.Elements("tmp", "a b", "..", ".", "x=y", "#", "\n", "é", "data", "", "A=1\nB", "\0").ListOf(3)
        select "/" + string.Join('/', parts);
}
