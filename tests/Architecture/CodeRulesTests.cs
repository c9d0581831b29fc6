using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Architecture;

public sealed class CodeRulesTests
{
    [Fact]
    public void Native_code_lives_behind_the_device_boundary() => CodeRules.NativeCode(SourceTree.Repository).Should().BeEmpty();

    [Fact]
    public void Programs_are_started_by_captures_only() => CodeRules.Processes(SourceTree.Repository).Should().BeEmpty();

    [Fact]
    public void Every_log_message_of_an_assembly_has_its_own_number() => CodeRules.EventNumbers(SourceTree.Repository).Should().BeEmpty();

    [Fact]
    public void No_test_sleeps() => CodeRules.Sleeps(SourceTree.Repository).Should().BeEmpty();

    [Fact]
    public void Nothing_is_marked_as_unfinished() => CodeRules.Unfinished(SourceTree.Repository).Should().BeEmpty();

    [Fact]
    public void No_stray_blanks_and_tabs() => CodeRules.Blanks(SourceTree.Repository).Should().BeEmpty();

    [Fact]
    public void The_repository_speaks_of_the_product_alone() => CodeRules.ForeignPlaces(SourceTree.Repository).Should().BeEmpty();

    [Theory]
    [InlineData("agent/Sampling/A.cs", "internal unsafe struct A;")]
    [InlineData("collector/A.cs", "[LibraryImport(\"libc\")]")]
    [InlineData("dropins/A.cs", "NativeLibrary.Load(name);")]
    public void Planted_native_code_is_named(string path, string text)
    {
        CodeRules.NativeCode([new SourceFile(path, $"// unsafe\n{text}")]).Should().ContainSingle().Which.Should().StartWith($"{path}:2 has");
        CodeRules.NativeCode([new SourceFile("agent/Devices/A.cs", text)]).Should().BeEmpty();
    }

    [Theory]
    [InlineData("Process.Start(name);")]
    [InlineData("using var process = new Process();")]
    [InlineData("var start = new ProcessStartInfo(name);")]
    public void A_planted_start_of_a_program_is_named(string text)
    {
        CodeRules.Processes([new SourceFile("agent/Hosting/A.cs", text)]).Should().ContainSingle().Which.Should().StartWith("agent/Hosting/A.cs:1 has");
        CodeRules.Processes([new SourceFile("agent/Capture/A.cs", text), new SourceFile("simulator/A.cs", text)]).Should().BeEmpty();
    }

    [Fact]
    public void A_planted_number_that_is_used_twice_is_named_with_the_first_use() => CodeRules.EventNumbers([
        new SourceFile("agent/Devices/A.cs", "[LoggerMessage(EventId = 1001, Level = LogLevel.Warning, Message = \"x\")]\n[LoggerMessage(\n    Level = LogLevel.Debug, EventId = 1002)]\n"),
        new SourceFile("agent/Sampling/B.cs", "[LoggerMessage(1001, LogLevel.Debug, \"y\")]\n"),
        new SourceFile("agent/Sampling/C.cs", "[LoggerMessage(Level = LogLevel.Debug, Message = \"EventId = 5\")]\n"),
        new SourceFile("collector/D.cs", "[LoggerMessage(EventId = 1001)]\n"),
        new SourceFile("agent/Sampling/E.cs", "[LoggerMessage(Level = LogLevel.Debug, EventId = 1002)]\n"),
    ]).Should().Equal(
        "agent/Sampling/B.cs:1 has the EventId 1001 of agent/Devices/A.cs:1",
        "agent/Sampling/C.cs:1 has a log message without an EventId",
        "agent/Sampling/E.cs:1 has the EventId 1002 of agent/Devices/A.cs:2");

    [Theory]
    [InlineData("Thread.Sleep(10);")]
    [InlineData("await Task.Delay(TimeSpan.FromSeconds(1), token);")]
    [InlineData("await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, token);")]
    public void A_planted_sleep_is_named(string text)
    {
        CodeRules.Sleeps([new SourceFile("tests/Agent/ATests.cs", text)]).Should().Equal("tests/Agent/ATests.cs:1 sleeps; inject a clock and move it");
        CodeRules.Sleeps([new SourceFile("tests/EndToEnd/ATests.cs", text), new SourceFile("tests/Eventually.cs", text), new SourceFile("agent/A.cs", text)]).Should().BeEmpty();
    }

    [Fact]
    public void A_delay_on_an_injected_clock_is_no_sleep() =>
        CodeRules.Sleeps([new SourceFile("tests/Agent/ATests.cs", "var wait = Task.Delay(TimeSpan.FromSeconds(1), clock, token);")]).Should().BeEmpty();

    [Fact]
    public void A_planted_mark_of_unfinished_work_is_named()
    {
        const string Mark = "TO" + "DO";
        CodeRules.Unfinished([new SourceFile("agent/A.cs", $"x = 1; // {Mark}: more\nvar text = \"{Mark}\";"), new SourceFile("install.sh", $"# {Mark}")])
            .Should().Equal($"agent/A.cs:1 is marked {Mark}", $"install.sh:1 is marked {Mark}");
    }

    [Fact]
    public void A_planted_blank_and_a_planted_tab_are_named() =>
        CodeRules.Blanks([new SourceFile("agent/A.cs", "a\nb \n\tc\n"), new SourceFile("README.md", "line  \n")])
            .Should().Equal("agent/A.cs:2 has a blank at the end of the line", "agent/A.cs:3 has a tab");

    [Theory]
    [InlineData("see /wo", "rk/design")]
    [InlineData("cd '/tmp/w", "t/agent'")]
    [InlineData("as in issue", " A")]
    public void A_planted_foreign_place_is_named(string start, string end) =>
        CodeRules.ForeignPlaces([new SourceFile("README.md", $"\n{start}{end} x")]).Should().ContainSingle().Which.Should().StartWith("README.md:2 names");

    [Theory]
    [InlineData("/var/lib/wo" + "rk/x")]
    [InlineData("framework/x")]
    [InlineData("the issue of access")]
    [InlineData("proc/1/root/sys")]
    public void A_place_that_only_looks_alike_is_allowed(string text) =>
        CodeRules.ForeignPlaces([new SourceFile("README.md", text)]).Should().BeEmpty();

    [Theory]
    [InlineData("a // b\nc", "a     \nc", "  // b\n ")]
    [InlineData("a /* \"b\n */ c", "a      \n    c", "  /* \"b\n */  ")]
    [InlineData("a \"// b\" c", "a        c", "          ")]
    [InlineData("a \"\\\"b\" c", "a       c", "         ")]
    [InlineData("a @\"\"\"b\\\" c", "a         c", "           ")]
    [InlineData("a $\"{x(\"}\")}b\" c", "a              c", "                ")]
    [InlineData("a \"\"\"b\"c\"\"\" d", "a           d", "             ")]
    [InlineData("'\"' a // b", "    a     ", "      // b")]
    [InlineData("'\\'' a", "     a", "      ")]
    public void Code_is_told_from_strings_and_comments(string text, string code, string comments) =>
        CSharpText.Split(text).Should().Be(new CSharpText(code, comments));
}
