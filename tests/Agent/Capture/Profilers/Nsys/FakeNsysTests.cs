using System.Runtime.Versioning;
using FluentAssertions;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Capture.Profilers.Nsys;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Nsys;

/// <summary>Failures that the real nsys cannot be made to produce here, by a script in its place.</summary>
[SupportedOSPlatform("linux")]
public sealed class FakeNsysTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fake-nsys-").FullName;
    private readonly List<NsysUnderTest> made = [];

    public void Dispose()
    {
        foreach (var one in made) one.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_newer_version_is_asked_with_its_own_names()
    {
        var nsys = Make("well");

        var task = nsys.Task(new CaptureScope([new CapturedGpu(3, "GPU-3", PciBusId: "00000000:19:00.0")], [], CpuSampling: false), seconds: 0.01);
        var outcome = await NsysUnderTest.CaptureAsync(nsys.System, task);

        outcome.Run.Should().BeEquivalentTo(new { Succeeded = true, Words = "GPU metrics", Version = "2025.1.1.110-251135540420v0" });
        outcome.Summary.Should().NotBeNull();
        nsys.Captured.Should().Equal(task.Scope.Gpus, "nsys counts GPUs in another order than the node, and may have sampled those of others");
        var session = OrphanSweep.SessionName(task.CaptureId);
        var calls = await CallsAsync();
        calls.Should().Contain($"start --session-new={session} --sample=none --cpuctxsw=none --gpu-metrics-devices=0 --gpu-metrics-frequency=10000 --discard-environment=true --force-overwrite=true --output={task.ScratchDirectory}/nsys-system.nsys-rep")
            .And.Contain($"stop --session={session}");
        calls.Should().NotContain(static call => call.StartsWith("shutdown", StringComparison.Ordinal) && !call.Contains("--kill=none", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_it_knows_is_asked_once()
    {
        var nsys = Make("well");
        for (var round = 0; round < 3; round++) await nsys.System.AbilityFor(null, TestContext.Current.CancellationToken);

        (await CallsAsync()).Count(static call => call == "start --help").Should().Be(1);

        await File.AppendAllTextAsync(nsys.Settings.Path, "# another file\n", TestContext.Current.CancellationToken);
        await nsys.System.AbilityFor(null, TestContext.Current.CancellationToken);
        (await CallsAsync()).Count(static call => call == "start --help").Should().Be(2);
    }

    [Theory]
    [InlineData("busy")]
    [InlineData("busy-help")]
    public async Task Counters_that_somebody_else_holds_are_a_refusal(string mode)
    {
        var outcome = await RecordAsync(mode);

        outcome.Run.Refusal.Should().Be(CaptureRefusal.PerfmonBusy);
        outcome.Run.Words.Should().Contain("dcgmi profile --pause");
    }

    [Fact]
    public async Task A_race_at_the_start_is_run_again()
    {
        (await RecordAsync("race")).Run.Succeeded.Should().BeTrue();
        (await CallsAsync()).Count(static call => call.StartsWith("start --session-new", StringComparison.Ordinal)).Should().Be(2);
    }

    [Fact]
    public async Task A_daemon_that_is_never_there_is_a_failure_after_three_attempts()
    {
        (await RecordAsync("never")).Run.Should().BeEquivalentTo(new { Succeeded = false, Words = "nsys start: Connection to Agent lost. This is most likely a bug." });
        (await CallsAsync()).Count(static call => call.StartsWith("start --session-new", StringComparison.Ordinal)).Should().Be(3);
    }

    [Theory]
    [InlineData("lost", "nsys made no report: Connection refused")]
    [InlineData("full", "nsys made no report: No space left on device")]
    [InlineData("elsewhere", "nsys made no report: Failed to create *: File exists.")]
    [InlineData("other", "nsys-system.nsys-rep is no report of nsys")]
    public async Task Only_the_report_at_its_place_is_a_success_whatever_the_exit_code_says(string mode, string words)
    {
        var outcome = await RecordAsync(mode);

        outcome.Run.Succeeded.Should().BeFalse();
        outcome.Run.Words.Should().Match(words);
        outcome.Raw.Should().BeEmpty();
        Directory.EnumerateFiles(folder, "nsys-report-*").Should().BeEmpty("what it wrote elsewhere is nobody's to keep");
    }

    [Fact]
    public async Task A_report_that_this_node_cannot_read_is_no_success_and_is_kept()
    {
        var nsys = Make("unreadable");
        var task = nsys.Task(NsysUnderTest.Scope(cpuSampling: false), seconds: 0.01);

        var outcome = await NsysUnderTest.CaptureAsync(nsys.System, task);

        outcome.Run.Should().BeEquivalentTo(new { Succeeded = false, Words = "GPU metrics; nsys-system.nsys-rep: Exportation error: Version number is invalid: 2025@1" });
        File.Exists(Path.Combine(task.BundleDirectory, "nsys-system.nsys-rep")).Should().BeTrue();
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Where_they_are_not_wanted_only_reports_without_environments_are_kept(bool canLeaveThemOut, bool isKept)
    {
        var nsys = Make("well");
        if (!canLeaveThemOut) await File.WriteAllTextAsync(nsys.Settings.Path, (await File.ReadAllTextAsync(nsys.Settings.Path, TestContext.Current.CancellationToken)).Replace("discard-environment", "unknown", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        nsys.Settings.EnvironmentsInReports = false;
        var task = nsys.Task(NsysUnderTest.Scope(cpuSampling: false), seconds: 0.01);

        var outcome = await NsysUnderTest.CaptureAsync(nsys.System, task);

        outcome.Run.Succeeded.Should().BeTrue(outcome.Run.Words);
        outcome.Summary.Should().NotBeNull();
        outcome.Run.Words.Contains("capture.nsys.environments_in_reports", StringComparison.Ordinal).Should().Be(!isKept);
        outcome.Files.Should().HaveCount(isKept ? 1 : 0);
        Directory.EnumerateFiles(task.BundleDirectory).Concat(Directory.EnumerateFiles(task.ScratchDirectory, "*.nsys-rep")).Should().HaveCount(isKept ? 1 : 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Exporting_again_after_the_agent_ended_gives_the_same(bool isReportKept)
    {
        var nsys = Make("well");
        if (!isReportKept) await File.WriteAllTextAsync(nsys.Settings.Path, (await File.ReadAllTextAsync(nsys.Settings.Path, TestContext.Current.CancellationToken)).Replace("discard-environment", "unknown", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        nsys.Settings.EnvironmentsInReports = isReportKept;
        var task = nsys.Task(NsysUnderTest.Scope(cpuSampling: false), seconds: 0.01);
        var recorded = await nsys.System.RecordAsync(task, TestContext.Current.CancellationToken);
        var first = await nsys.System.ExportAsync(task, recorded, TestContext.Current.CancellationToken);

        var second = await nsys.System.ExportAsync(task, recorded, TestContext.Current.CancellationToken);

        second.Should().BeEquivalentTo(first);
        second.Run.Succeeded.Should().BeTrue(second.Run.Words);
        second.Summary.Should().NotBeNull();
        File.Exists(Path.Combine(task.BundleDirectory, "nsys-system.nsys-rep")).Should().Be(isReportKept);
    }

    [Fact]
    public async Task Of_several_reports_the_summary_says_which_it_is_of()
    {
        var nsys = Make("well");
        var task = nsys.Task(NsysUnderTest.Scope(cpuSampling: false));
        string[] reports = [.. Enumerable.Range(0, 8).Select(index => Path.Combine(task.ScratchDirectory, $"nsys-session-{index}.nsys-rep"))];
        await File.WriteAllTextAsync(reports[0], "not one", TestContext.Current.CancellationToken);
        foreach (var report in reports[1..]) await File.WriteAllTextAsync(report, "NVIDIA Tegra Profiler Report 2025@1", TestContext.Current.CancellationToken);

        var outcome = await nsys.Session.ExportAsync(task, new ProfilerOutcome(new ProfilerRun(ProfilerNames.NsysSession, true), [], reports), TestContext.Current.CancellationToken);

        outcome.Files.Should().HaveCount(7);
        nsys.Databases.Should().ContainSingle();
        outcome.Summary!.Report.Should().Be("nsys-session-1.nsys-rep");
        outcome.Summary.Notes.Should().Equal("This is the summary of nsys-session-1.nsys-rep (process 4711); the other 7 reports were not summarised.");
    }

    [Fact]
    public async Task An_export_that_is_ended_says_so_to_nobody_and_leaves_the_report_for_the_next()
    {
        var nsys = Make("slow-export");
        var task = nsys.Task(NsysUnderTest.Scope(cpuSampling: false), seconds: 0.01);
        var recorded = await nsys.System.RecordAsync(task, TestContext.Current.CancellationToken);
        using var stop = new CancellationTokenSource();
        var exporting = nsys.System.ExportAsync(task, recorded, stop.Token);
        Eventually.Holds("it exports", () => File.ReadAllLines(Path.Combine(folder, "calls")).Any(static call => call.StartsWith("export --type", StringComparison.Ordinal)));
        await stop.CancelAsync();
        var ended = async () => await exporting;

        await ended.Should().ThrowAsync<OperationCanceledException>();

        File.Exists(recorded.Raw.Should().ContainSingle().Subject).Should().BeTrue();
        await File.WriteAllTextAsync(Path.Combine(folder, "mode"), "well", TestContext.Current.CancellationToken);
        var outcome = await nsys.System.ExportAsync(task, recorded, TestContext.Current.CancellationToken);
        outcome.Run.Should().BeEquivalentTo(new { Succeeded = true, Words = "GPU metrics" });
        outcome.Summary.Should().NotBeNull();
    }

    [Fact]
    public async Task A_hang_has_an_end_and_leaves_no_daemon_that_spins()
    {
        var nsys = Make("hang", new HastyTimeProvider(5));
        var task = nsys.Task(NsysUnderTest.Scope(cpuSampling: false), seconds: 0.5);

        var outcome = await nsys.System.RecordAsync(task, TestContext.Current.CancellationToken);

        outcome.Run.Succeeded.Should().BeFalse();
        outcome.Run.Words.Should().MatchRegex("^nsys made no report: nsys.sh did not end within 1[0-9.]+ s$");
        nsys.Processes.NsysAgents(OrphanSweep.SessionName(task.CaptureId)).Should().BeEmpty();
    }

    private Task<ProfilerOutcome> RecordAsync(string mode)
    {
        var nsys = Make(mode);
        return nsys.System.RecordAsync(nsys.Task(NsysUnderTest.Scope(cpuSampling: false), seconds: 0.01), TestContext.Current.CancellationToken);
    }

    private NsysUnderTest Make(string mode, TimeProvider? clock = null)
    {
        var program = Path.Combine(folder, "nsys.sh");
        File.Copy(RepositoryRoot.Combine("tests", "Agent", "Capture", "Profilers", "Nsys", "fake-nsys.sh"), program);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(Path.Combine(folder, "mode"), mode);
        made.Add(new NsysUnderTest(program, clock));
        return made[^1];
    }

    private async Task<string[]> CallsAsync() => await File.ReadAllLinesAsync(Path.Combine(folder, "calls"), TestContext.Current.CancellationToken);
}
