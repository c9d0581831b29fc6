using System.Diagnostics;
using System.Runtime.Versioning;
using FluentAssertions;
using Monitoring.Tests.Agent.Capture.Profilers.Nsys;
using Xunit;

namespace Monitoring.Tests.Install;

/// <summary>packaging/gpu-run with the real nsys: the job must be what it would be without it.</summary>
[SupportedOSPlatform("linux")]
[Collection(RealNsys.Name)]
public sealed class GpuRunTests : IAsyncDisposable
{
    private static readonly string GpuRun = RepositoryRoot.Combine("packaging", "gpu-run");

    private readonly string folder = Directory.CreateTempSubdirectory("gr-").FullName;
    private readonly string nsys = Requirement.Nsys();

    public async ValueTask DisposeAsync()
    {
        using var process = Process.Start("timeout", ["90", "sh", "-c", "while ls -d \"$1\"/gpu-run.* >/dev/null 2>&1; do sleep 0.1; done", "sh", folder]);
        await process.WaitForExitAsync(CancellationToken.None);
        process.ExitCode.Should().Be(0, "what runs beside a job ends with it");
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("kill -9 $$", 137)]
    [InlineData("kill -TERM $$", 143)]
    [InlineData("[ -n \"$NSYS_PROFILING_SESSION_ID\" ] && [ -n \"$LD_PRELOAD\" ] && exit 5", 5)]
    public async Task The_exit_code_is_the_commands_own(string script, int code)
    {
        var outcome = await RunAsync(["sh", "-c", script]);

        outcome.Should().BeEquivalentTo(new { ExitCode = code, Output = "", Errors = "" });
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_127() => (await RunAsync(["/nowhere/job"])).ExitCode.Should().Be(127);

    [Fact]
    public async Task Nothing_of_the_environment_is_lost_or_changed_but_what_nsys_adds()
    {
        (string, string)[] odd = [("ODD", "a\nb \"q\" $x `y` \\ 'z'"), ("BASH_FUNC_loaded%%", "() {  echo hi\n}"), ("EMPTY", ""), ("TMPDIR", folder)];

        var without = await Installer.RunProgramAsync("env", ["-0"], odd);
        var with = await RunAsync(["env", "-0"], odd);

        var (before, after) = (without.Output.Split('\0').ToHashSet(), with.Output.Split('\0').ToHashSet());
        before.Except(after).Where(static word => !word.StartsWith("_=", StringComparison.Ordinal)).Should().BeEmpty();
        after.Except(before).Select(static word => word.Split('=')[0]).Should().Contain("LD_PRELOAD").And.NotContain("TMPDIR").And.NotContain("OLDPWD");
    }

    [Fact]
    public async Task Signals_reach_the_command_itself_and_its_answer_counts()
    {
        using var process = Start(["sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done"]);
        (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).Should().Be("ready");

        await KillAsync("TERM", process.Id);

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.Should().Be(9);
    }

    [Theory]
    [InlineData("--start-agent")]
    [InlineData("launch")]
    public async Task A_nsys_that_is_killed_neither_ends_the_job_nor_makes_it_look_ended(string which)
    {
        using var job = await Job.StartAsync([GpuRun], ("GPU_RUN_NSYS", nsys), ("GPU_RUN_TMPDIR", folder), ("GPU_RUN_FREE_MIB", "16"));
        var victims = Directory.GetDirectories("/proc").Where(static place => int.TryParse(Path.GetFileName(place), out _)).Where(place => IsNsys(place, which)).ToArray();
        victims.Should().NotBeEmpty();
        foreach (var victim in victims) await KillAsync("KILL", int.Parse(Path.GetFileName(victim), System.Globalization.CultureInfo.InvariantCulture));

        await job.RoundsAsync();

        job.Process.HasExited.Should().BeFalse();
        (await job.EndAsync()).Should().Be(Job.ExitCode);
    }

    [Fact]
    public async Task Its_input_is_the_commands_input()
    {
        using var process = Start(["cat"]);
        await process.StandardInput.WriteAsync("hello");
        process.StandardInput.Close();

        (await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Should().Be("hello");
    }

    [Theory]
    [InlineData("GPU_RUN_NSYS", "/nowhere/nsys", "gpu-run: there is no nsys (/nowhere/nsys); the command runs without nsys\n")]
    [InlineData("GPU_RUN_NSYS", "/bin/false", "gpu-run: /bin/false began no session; the command runs without nsys\n")]
    [InlineData("GPU_RUN_FREE_MIB", "99999999", "gpu-run: * MiB free, less than 99999999 (GPU_RUN_FREE_MIB); the command runs without nsys\n")]
    [InlineData("GPU_RUN_TMPDIR", "/nowhere", "gpu-run: /nowhere has no MiB free, less than 16 (GPU_RUN_FREE_MIB); the command runs without nsys\n")]
    [InlineData("NSYS_PROFILING_SESSION_ID", "77", "gpu-run: nsys records it already (session 77); the command runs without nsys\n")]
    public async Task Where_nsys_cannot_be_used_the_command_runs_all_the_same(string name, string value, string words)
    {
        var outcome = await RunAsync(["sh", "-c", "echo ran; exit 3"], (name, value));

        outcome.Should().BeEquivalentTo(new { ExitCode = 3, Output = "ran\n" });
        outcome.Errors.Should().Match(words);
    }

    [Theory]
    [InlineData("there is no command to run")]
    [InlineData("unknown option '--kernel'", "--kernel", "true")]
    [InlineData("--launches is '0', expected a whole number from 1 to 1000", "--kernels", "--launches", "0", "true")]
    [InlineData("--skip needs a value", "--skip")]
    public async Task A_wrong_command_line_is_refused_and_starts_nothing(string words, params string[] arguments)
    {
        var outcome = await RunAsync(arguments);

        outcome.ExitCode.Should().Be(64);
        outcome.Errors.Should().Be($"gpu-run: {words}; 'gpu-run --help' says how\n");
    }

    [Fact]
    public async Task It_describes_itself() => GoldenFile.Check("gpu-run.txt", (await RunAsync(["--help"])).Output);

    private bool IsNsys(string place, string which)
    {
        try
        {
            var words = File.ReadAllText(Path.Combine(place, "cmdline")).Split('\0');
            return words[0] == nsys && words.Contains(which) && File.ReadAllText(Path.Combine(place, "environ")).Contains($"TMPDIR={folder}/", StringComparison.Ordinal);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static async Task KillAsync(string signal, int pid)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -s {signal} {pid}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private (string, string)[] Environment => [("GPU_RUN_NSYS", nsys), ("GPU_RUN_TMPDIR", folder), ("GPU_RUN_FREE_MIB", "16")];

    private Task<Installer.Outcome> RunAsync(string[] arguments, params (string Name, string Value)[] environment) =>
        Installer.RunProgramAsync(GpuRun, arguments, [.. Environment, .. environment]);

    private Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo(GpuRun, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in Environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
