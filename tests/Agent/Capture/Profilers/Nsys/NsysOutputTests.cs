using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Capture.Profilers.Nsys;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Nsys;

public sealed class NsysOutputTests
{
    [Fact]
    public void The_paths_after_generated_are_read_from_between_bars_of_progress() =>
        NsysOutput.Generated("Generating '/tmp/nsys-report-f8d5.qdstrm'\n\r[1/1] [0%      ] s1.nsys-rep\r[1/1] [====99% ] s1.nsys-rep\r[1/1] [====100%] s1.nsys-rep\nGenerated:\n    /data/s1.nsys-rep\n    /data/s1.sqlite\n")
            .Should().Equal("/data/s1.nsys-rep", "/data/s1.sqlite");

    [Fact]
    public void Generated_may_stand_on_the_line_of_the_last_bar() =>
        NsysOutput.Generated("\r[1/1] [8%      ] x.nsys-rep\r[1/1] [=======38%                  ] x.nsys-repGenerated:\n    /data/x.nsys-rep\n").Should().Equal("/data/x.nsys-rep");

    [Theory]
    [InlineData("")]
    [InlineData("Generated:\n")]
    [InlineData("    /data/x.nsys-rep\n")]
    [InlineData("Generating '/data/x.nsys-rep'\nImporter error status: The importer binary and its dependencies were not found.\n")]
    [InlineData("Generated:\nnothing\n    /data/x.nsys-rep\n")]
    [InlineData("Generated:\n    relative.nsys-rep\n")]
    public void What_is_not_listed_after_generated_is_no_report(string text) => NsysOutput.Generated(text).Should().BeEmpty();

    [Fact]
    public void A_complaint_is_what_is_left_without_routine() =>
        NsysOutput.Complaint("Generating '/tmp/x.qdstrm'\n\r[1/1] [4%  ] a\r[1/1] [==100%] a\nFailed to create '/data/x': File exists.\nGenerated:\n    /tmp/nsys-report-1234.nsys-rep\n\nusage: nsys start [<args>]\nTry 'nsys start --help' for more information.\n")
            .Should().Be("Failed to create '/data/x': File exists.");

    [Fact]
    public void A_complaint_holds_no_control_characters_and_has_an_end() =>
        NsysOutput.Complaint("a\u0007b\u001b[31m" + new string('x', 1000)).Should().StartWith("ab[31mxxx").And.EndWith("...").And.HaveLength(303);

    [Fact]
    public void Any_text_is_read_to_an_end() => Prop.ForAll<string?>(static noise =>
    {
        var text = noise ?? "";
        return NsysOutput.Generated($"Generated:\n{text}").All(static path => path.StartsWith('/'))
            && NsysOutput.Complaint(text).Length <= 303 && !NsysOutput.Complaint(text).Any(static letter => char.IsControl(letter) && letter != '\t')
            && NsysSession.Read(text).All(static session => session.Id >= 0 && session.Name.Length > 0)
            && NsysOptions.Read(text).Count >= 0
            && NsysGpus.Read(text).Count <= 64;
    }).Check(Fuzzing.Cases(100));
}
