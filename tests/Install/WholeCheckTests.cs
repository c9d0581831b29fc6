using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Install;

/// <summary>What <c>.ci/run</c> makes of the reports of the test program, beside an install.sh that hands it some.</summary>
public sealed class WholeCheckTests : IDisposable
{
    private const string AllPass = """<assemblies><assembly errors="0" failed="0" not-run="0" passed="3" skipped="1" total="4"/></assemblies>""";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("whole-check-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task The_demo_is_one_test_more() => (await RunAsync(AllPass, "")).Should().BeEquivalentTo((0, "4 passed, 0 failed, 1 skipped\n"));

    [Fact]
    public async Task What_passes_alone_is_named_and_passes()
    {
        var (code, output) = await RunAsync(Report(("one", true), ("two", false), ("two", false)), Report(("two", true), ("two", true)));

        code.Should().Be(0);
        output.Should().Be("Once more, alone: A.B.two\nRun again: -method A.B.two\npassed at the second try only: A.B.two\npassed at the second try only: A.B.two\n4 passed, 0 failed\n");
    }

    [Fact]
    public async Task What_fails_twice_has_failed()
    {
        var (code, output) = await RunAsync(Report(("one", false), ("two", false)), Report(("one", false), ("two", true)));

        code.Should().Be(1);
        output.Should().EndWith("passed at the second try only: A.B.two\nfailed: A.B.one\n2 passed, 1 failed\n");
    }

    [Fact]
    public async Task Many_failures_are_no_accident()
    {
        var (code, output) = await RunAsync(Report(("a", false), ("b", false), ("c", false), ("d", false), ("e", false), ("f", false)), AllPass);

        code.Should().Be(1);
        output.Should().NotContain("Once more").And.EndWith("failed: A.B.f\n1 passed, 6 failed\n");
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("<assemblies><assembly errors=\"0\" failed=\"1\" not-run=\"0\" passed=\"0\" skipped=\"0\" total=\"1\"><test name=\"A.B.one\" result=\"Fail\" type=\"A.B\" method=\"one\"/></assembly></assemblies>", "")]
    [InlineData("<assemblies><assembly errors=\"0\" failed=\"1\" not-run=\"0\" passed=\"0\" skipped=\"0\" total=\"1\"><test name=\"A.B.one\" result=\"Fail\" type=\"A.B\" method=\"one\"/></assembly></assemblies>", "<assemblies><assembly errors=\"0\" failed=\"0\" passed=\"0\" skipped=\"0\" not-run=\"0\" total=\"0\"/></assemblies>")]
    public async Task A_report_that_is_missing_or_empty_is_no_success(string first, string second) =>
        (await RunAsync(first, second)).Should().Match<(int Code, string Output)>(static run => run.Code == 1 && run.Output.EndsWith("1 passed, 1 failed\n", StringComparison.Ordinal));

    [Fact]
    public async Task What_outlives_the_tests_is_ended()
    {
        var pid = Path.Combine(folder.FullName, "pid");
        await RunAsync(AllPass, "", $"trap '' TERM; (sleep 1000 & echo $! > '{pid}')");

        var process = (await File.ReadAllTextAsync(pid)).Trim();
        await Eventually.HoldsAsync($"the end of process {process}", () => !Directory.Exists($"/proc/{process}") || File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal));
    }

    private static string Report(params (string Method, bool IsPassed)[] tests) =>
        $"""<assemblies><assembly errors="0" failed="{tests.Count(static test => !test.IsPassed)}" not-run="0" passed="{tests.Count(static test => test.IsPassed)}" skipped="0" total="{tests.Length}">"""
        + string.Concat(tests.Select(static test => $"""<test id="x" name="A.B.{test.Method}" result="{(test.IsPassed ? "Pass" : "Fail")}" time="1" type="A.B" method="{test.Method}" source-line="1"/>""")) + "</assembly></assemblies>";

    private async Task<(int ExitCode, string Output)> RunAsync(string first, string second, string also = "")
    {
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "first.xml"), first);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "second.xml"), second);
        var program = Path.Combine(folder.FullName, "install.sh");
        await File.WriteAllTextAsync(program, $$"""
            #!/usr/bin/env bash
            [[ $1 == test ]] || exit 0
            {{also}}
            shift 3
            report=$1 source=first.xml
            shift
            if (($# > 0)); then
              echo "Run again: $*"
              source=second.xml
            fi
            cp "$source" "$report"
            ! grep -q 'result="Fail"' "$source"

            """);
        (await Installer.RunProgramAsync("chmod", "+x", program)).ExitCode.Should().Be(0);
        Directory.CreateDirectory(Path.Combine(folder.FullName, ".ci"));
        var script = Path.Combine(folder.FullName, ".ci", "run");
        File.Copy(RepositoryRoot.Combine(".ci", "run"), script, overwrite: true);
        var outcome = await Installer.RunProgramAsync("bash", script);
        return (outcome.ExitCode, outcome.Output);
    }
}
