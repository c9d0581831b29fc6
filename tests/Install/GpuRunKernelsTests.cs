using System.Diagnostics;
using System.Runtime.Versioning;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Capture.Profilers.Ncu;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Install;

/// <summary>gpu-run --kernels over a script in the place of ncu, which does nothing without a driver, up to the agent that takes the report.</summary>
[SupportedOSPlatform("linux")]
public sealed class GpuRunKernelsTests : IDisposable
{
    /// <summary>Takes ncu's options, runs the command as ncu would and writes a report.</summary>
    private const string FakeNcu = """
        #!/usr/bin/env bash
        while [[ $1 == --* ]]; do
          case $1 in
            --export) report=$2; shift 2 ;;
            --log-file) log=$2; shift 2 ;;
            --force-overwrite) shift ;;
            *) options+=" $1=$2"; shift 2 ;;
          esac
        done
        echo "==PROF== $options" >"$log"
        "$@"
        code=$?
        printf 'NVR report' >"$report.ncu-rep"
        exit 1
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("kernels-").FullName;
    private readonly ManualTimeProvider clock = new(DateTimeOffset.Parse("2030-01-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly string incomingFolder;
    private readonly NcuIncoming incoming;

    public GpuRunKernelsTests()
    {
        incomingFolder = Path.Combine(folder, "incoming");
        incoming = new NcuIncoming(incomingFolder, "node-1", clock, NullLogger<NcuIncoming>.Instance);
        incoming.Prepare();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_report_becomes_a_capture_with_its_files_and_its_command_keeps_its_exit_code()
    {
        var outcome = await RunAsync(FakeNcu, "--kernels", "--launches", "3", "--skip", "2", "--", "sh", "-c", "echo ran; exit 7", "--password=secret");

        outcome.Should().BeEquivalentTo(new { ExitCode = 7, Output = "ran\n", Errors = "gpu-run: the report goes to the agent's captures\n" });
        var drop = incoming.Take().Should().ContainSingle().Which;
        drop.Request.Should().BeEquivalentTo(new { Profilers = (string[])[ProfilerNames.Ncu], Target = new CaptureTarget("node-1", Job: "4711"), RequestedAt = clock.GetUtcNow() });
        drop.Request.Trigger.Should().BeEquivalentTo(new { Kind = TriggerKinds.Person, Name = System.Environment.UserName, Reason = "gpu-run --kernels sh, which ended with 7" });
        var (run, files, bundle) = await CaptureAsync(drop.Request.Id);
        run.Succeeded.Should().BeTrue(run.Words);
        files.Select(static file => (file.Name, file.Kind)).Should().Equal(("kernels.ncu-rep", CaptureFileKinds.Report), ("kernels.log", CaptureFileKinds.Log));
        File.ReadAllText(Path.Combine(bundle, "kernels.ncu-rep")).Should().Be("NVR report");
        File.GetUnixFileMode(Path.Combine(bundle, "kernels.ncu-rep")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.ReadAllText(Path.Combine(bundle, "kernels.log")).Should().Be("==PROF==  --target-processes=all --launch-count=3 --launch-skip=2\n");
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(static path => File.ReadAllText(path).Contains("secret", StringComparison.Ordinal)).Should().BeEmpty();
        incoming.Remove(drop.Request.Id);
        incoming.Take().Should().BeEmpty();
    }

    [Fact]
    public async Task What_was_taken_and_not_finished_is_taken_again_as_the_same_capture()
    {
        await RunAsync(FakeNcu, "--kernels", "true");
        var first = incoming.Take().Should().ContainSingle().Which;

        var again = new NcuIncoming(incomingFolder, "node-1", clock, NullLogger<NcuIncoming>.Instance);
        again.Prepare();

        again.Take().Should().ContainSingle().Which.Request.Id.Should().Be(first.Request.Id);
    }

    [Fact]
    public async Task Without_ncu_or_where_it_starts_nothing_the_command_runs_once_all_the_same()
    {
        const string NoDriver = "#!/bin/sh\necho '==ERROR== failed to connect to the CUDA driver' >\"$8\"\nexit 1\n";

        var none = await RunAsync(null, "--kernels", "sh", "-c", "echo ran; exit 5");
        var refused = await RunAsync(NoDriver, "--kernels", "sh", "-c", "echo ran; exit 6");

        none.Should().BeEquivalentTo(new { ExitCode = 5, Output = "ran\n" });
        none.Errors.Should().EndWith("the command runs without it\n").And.StartWith("gpu-run: there is no ncu");
        refused.Should().BeEquivalentTo(new { ExitCode = 6, Output = "ran\n", Errors = "gpu-run: ncu did not start the command (==ERROR== failed to connect to the CUDA driver); it runs without it\n" });
        incoming.Take().Should().BeEmpty();
    }

    [Fact]
    public async Task An_ncu_that_is_lost_does_not_make_the_command_look_ended()
    {
        const string Lost = "#!/usr/bin/env bash\nwhile [[ $1 == --* ]]; do if [[ $1 == --force-overwrite ]]; then shift; else shift 2; fi; done\nsetsid \"$@\" &\nexit 0\n";

        var outcome = await RunAsync(Lost, "--kernels", "sh", "-c", "sleep 1; echo ran; exit 4");

        outcome.Should().BeEquivalentTo(new { ExitCode = 4, Output = "ran\n" });
    }

    [Fact]
    public async Task Signals_reach_the_command_under_ncu()
    {
        var start = Start(FakeNcu, "--kernels", "sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done");
        using var process = Process.Start(start)!;
        (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).Should().Be("ready");

        using (var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {process.Id}"])) await kill.WaitForExitAsync(TestContext.Current.CancellationToken);

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.Should().Be(9);
        incoming.Take().Should().ContainSingle();
    }

    [Fact]
    public async Task A_link_in_the_place_of_the_report_is_not_followed()
    {
        var secret = Path.Combine(folder, "secret");
        await File.WriteAllTextAsync(secret, "not for everyone", TestContext.Current.CancellationToken);
        Drop("kernels.link", """{"version":1,"profiler":"ncu","program":"p","user":"u","job":"","exit_code":0,"started_at":"2030-01-01T00:00:00Z","finished_at":"2030-01-01T00:00:01Z"}""");
        File.CreateSymbolicLink(Path.Combine(incomingFolder, "kernels.link", "report.ncu-rep"), secret);

        var (run, files, bundle) = await CaptureAsync(incoming.Take().Should().ContainSingle().Which.Request.Id);

        run.Should().BeEquivalentTo(new { Succeeded = false, Words = "report.ncu-rep is no plain file" });
        files.Should().BeEmpty();
        Directory.EnumerateFiles(bundle).Should().BeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"version":2,"profiler":"ncu","program":"p","user":"u","job":"","exit_code":0,"started_at":"2030-01-01T00:00:00Z","finished_at":"2030-01-01T00:00:01Z"}""")]
    [InlineData("""{"version":1,"profiler":"ncu"}""")]
    public void A_request_that_is_none_is_thrown_away(string text)
    {
        Drop("kernels.bad", text);

        incoming.Take().Should().BeEmpty();
        Directory.EnumerateDirectories(incomingFolder).Select(Path.GetFileName).Should().Equal(".taken");
        Directory.EnumerateFileSystemEntries(Path.Combine(incomingFolder, ".taken")).Should().BeEmpty();
    }

    [Fact]
    public void A_folder_without_a_request_waits_an_hour_and_a_capture_of_something_else_has_no_report()
    {
        var unfinished = Directory.CreateDirectory(Path.Combine(incomingFolder, "kernels.unfinished"));
        unfinished.LastWriteTimeUtc = (clock.GetUtcNow() - TimeSpan.FromMinutes(59)).UtcDateTime;
        incoming.Take().Should().BeEmpty();
        unfinished.Exists.Should().BeTrue();

        clock.Advance(TimeSpan.FromMinutes(2));
        incoming.Take().Should().BeEmpty();

        Directory.Exists(unfinished.FullName).Should().BeFalse();
        incoming.DirectoryOf("../kernels").Should().BeNull();
        incoming.DirectoryOf("0123456789abcdef0123456789abcdef").Should().BeNull();
    }

    private void Drop(string name, string request)
    {
        Directory.CreateDirectory(Path.Combine(incomingFolder, name));
        File.WriteAllText(Path.Combine(incomingFolder, name, "request.json"), request);
    }

    private async Task<(ProfilerRun Run, IReadOnlyList<ProfilerFile> Files, string Bundle)> CaptureAsync(string id)
    {
        var profiler = new NcuProfiler(incoming, clock);
        var bundle = Directory.CreateDirectory(Path.Combine(folder, "bundle")).FullName;
        var task = new ProfilerTask(id, bundle, folder, new CaptureScope([], [], false), TimeSpan.FromSeconds(1), null, new Progress<double>());
        var outcome = await profiler.ExportAsync(task, await profiler.RecordAsync(task, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        return (outcome.Run, outcome.Files, bundle);
    }

    private Task<Installer.Outcome> RunAsync(string? ncu, params string[] arguments)
    {
        var start = Start(ncu, arguments);
        return Installer.RunProgramAsync(start.FileName, arguments, [.. Environment(ncu)]);
    }

    private ProcessStartInfo Start(string? ncu, params string[] arguments)
    {
        if (ncu is not null)
        {
            File.WriteAllText(Path.Combine(folder, "ncu"), ncu);
            File.SetUnixFileMode(Path.Combine(folder, "ncu"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        var start = new ProcessStartInfo(RepositoryRoot.Combine("packaging", "gpu-run"), arguments) { RedirectStandardOutput = true };
        foreach (var (name, value) in Environment(ncu)) start.Environment[name] = value;
        return start;
    }

    private IEnumerable<(string Name, string Value)> Environment(string? ncu) =>
        [("GPU_RUN_NCU", ncu is null ? "/nowhere/ncu" : Path.Combine(folder, "ncu")), ("GPU_RUN_TMPDIR", folder), ("GPU_RUN_FREE_MIB", "16"), ("GPU_RUN_INCOMING", incomingFolder), ("SLURM_JOB_ID", "4711")];
}
