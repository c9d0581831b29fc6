using System.Diagnostics;
using System.Runtime.Versioning;
using FluentAssertions;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Capture.Profilers.Nsys;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Nsys;

/// <summary>The real nsys over the whole node, beside a program that must not notice.</summary>
[SupportedOSPlatform("linux")]
[Collection(RealNsys.Name)]
public sealed class RealNsysSystemTests : IDisposable
{
    private readonly NsysUnderTest nsys = new(Requirement.Nsys());

    public void Dispose() => nsys.Dispose();

    [Fact]
    public async Task Two_captures_beside_a_running_program_leave_reports_databases_and_the_program_unharmed()
    {
        RequireSampling();
        using var job = await Job.StartAsync([]);
        for (var round = 0; round < 2; round++)
        {
            var before = await job.RoundsAsync();
            var progress = new NsysUnderTest.Collected();
            var task = nsys.Task(NsysUnderTest.Scope(cpuSampling: true, job.Pid), progress);

            var outcome = await NsysUnderTest.CaptureAsync(nsys.System, task);

            outcome.Run.Should().BeEquivalentTo(new { Profiler = ProfilerNames.NsysSystem, Succeeded = true, Refusal = (CaptureRefusal?)null }, outcome.Run.Words);
            (outcome.Run.To - outcome.Run.From).Should().BeGreaterThan(TimeSpan.FromMilliseconds(900)).And.BeLessThan(TimeSpan.FromSeconds(30));
            outcome.Files.Should().Equal(new ProfilerFile("nsys-system.nsys-rep", CaptureFileKinds.Report, NsysReport.MediaType));
            NsysReport.Fault(Path.Combine(task.BundleDirectory, "nsys-system.nsys-rep")).Should().BeNull();
            File.GetUnixFileMode(Path.Combine(task.BundleDirectory, "nsys-system.nsys-rep")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite, "a report holds every command line of the node");
            outcome.Summary.Should().NotBeNull();
            (await Sqlite.AskAsync(nsys.Databases[^1], $"select count(*) from SCHED_EVENTS where (globalTid>>24)&0xffffff = {job.Pid}")).Should().MatchRegex("^[1-9]");
            progress.Values.Should().BeInAscendingOrder().And.StartWith(0).And.EndWith(1);
            nsys.Processes.NsysAgents(OrphanSweep.SessionName(task.CaptureId)).Should().BeEmpty();
            (await job.RoundsAsync()).Should().BeGreaterThan(before);
        }
        (await job.EndAsync()).Should().Be(Job.ExitCode);
    }

    [Fact]
    public async Task Without_a_gpu_and_without_cpu_samples_there_is_nothing_to_record()
    {
        Requirement.That(!Directory.Exists("/proc/driver/nvidia/gpus"), "this test wants a machine without a GPU");

        var ability = await nsys.System.AbilityFor(NsysUnderTest.Scope(cpuSampling: false), TestContext.Current.CancellationToken);

        ability.Should().BeEquivalentTo(new { Can = false, Refusal = CaptureRefusal.ProfilerUnable, Words = "nsys sees no GPU whose metrics it can sample; ask for CPU samples to record the processors" });
        ability.Version.Should().MatchRegex(@"^\d+\.\d+");
    }

    [Fact]
    public async Task A_report_whose_database_would_fill_the_disk_is_kept_as_it_is()
    {
        var task = nsys.Task(NsysUnderTest.Scope(cpuSampling: false));
        var report = Path.Combine(task.ScratchDirectory, "nsys-system.nsys-rep");
        File.Copy(Requirement.SharedData("nsys-samples", "nsys2023-osrt.nsys-rep"), report);
        var recorded = new ProfilerOutcome(new ProfilerRun(ProfilerNames.NsysSystem, Succeeded: true), [], [report]);
        nsys.Settings.FreeSpaceFloorBytes = 1L << 60;

        var outcome = await nsys.System.ExportAsync(task, recorded, TestContext.Current.CancellationToken);

        outcome.Run.Words.Should().Contain("MiB are free at");
        outcome.Summary.Should().BeNull();
        outcome.Files.Should().ContainSingle().Which.Name.Should().Be("nsys-system.nsys-rep");
        Directory.EnumerateFiles(task.ScratchDirectory, "*.sqlite").Should().BeEmpty();
    }

    [Fact]
    public async Task A_daemon_that_outlived_the_agent_is_found_by_its_session_and_ended()
    {
        RequireSampling();
        using var job = await Job.StartAsync([]);
        var task = nsys.Task(NsysUnderTest.Scope(cpuSampling: true));
        var session = OrphanSweep.SessionName(task.CaptureId);
        await LeaveAsync(task, session);
        nsys.Processes.NsysAgents(session).Should().ContainSingle();

        await nsys.System.CleanUpAsync(task.CaptureId, TestContext.Current.CancellationToken);

        nsys.Processes.NsysAgents(session).Should().BeEmpty();
        (await job.EndAsync()).Should().Be(Job.ExitCode);
    }

    [Fact]
    public async Task A_daemon_that_was_stopped_and_cannot_answer_is_killed()
    {
        RequireSampling();
        var task = nsys.Task(NsysUnderTest.Scope(cpuSampling: true));
        var session = OrphanSweep.SessionName(task.CaptureId);
        await LeaveAsync(task, session);
        var daemon = nsys.Processes.NsysAgents(session).Should().ContainSingle().Which;
        using (var stop = Process.Start("/bin/sh", ["-c", $"kill -STOP {daemon.Pid}"])) await stop.WaitForExitAsync(TestContext.Current.CancellationToken);
        using var hasty = new NsysUnderTest(nsys.Settings.Path, new HastyTimeProvider(5));

        await hasty.System.CleanUpAsync(task.CaptureId, TestContext.Current.CancellationToken);

        nsys.Processes.NsysAgents(session).Should().BeEmpty();
    }

    [Fact]
    public async Task A_full_disk_is_a_refusal_before_anything_is_started()
    {
        RequireSampling();
        nsys.Settings.FreeSpaceFloorBytes = long.MaxValue;

        var outcome = await nsys.System.RecordAsync(nsys.Task(NsysUnderTest.Scope(cpuSampling: true)), TestContext.Current.CancellationToken);

        outcome.Run.Refusal.Should().Be(CaptureRefusal.DiskFloor);
        outcome.Run.Words.Should().Contain("MiB are free at").And.Contain("capture.nsys.free_space_floor_bytes");
    }

    [Fact]
    public async Task A_small_disk_is_a_refusal()
    {
        RequireSampling();
        using var disk = SmallDisk.Mount("3m");

        var outcome = await nsys.System.RecordAsync(nsys.Task(NsysUnderTest.Scope(cpuSampling: true), scratch: disk.Path), TestContext.Current.CancellationToken);

        outcome.Run.Should().BeEquivalentTo(new { Succeeded = false, Refusal = CaptureRefusal.DiskFloor, Words = $"3 MiB are free at {disk.Path}, less than 64 MiB: make room, or lower capture.nsys.free_space_floor_bytes" });
        Directory.EnumerateFileSystemEntries(disk.Path).Should().BeEmpty();
    }

    [Fact]
    public async Task A_capture_that_is_taken_back_ends_early_with_what_it_has()
    {
        RequireSampling();
        using var back = new CancellationTokenSource();
        var progress = new TakenBack(back);

        var outcome = await nsys.System.RecordAsync(nsys.Task(NsysUnderTest.Scope(cpuSampling: true), progress, seconds: 50), back.Token);

        outcome.Run.Succeeded.Should().BeTrue(outcome.Run.Words);
        outcome.Run.Words.Should().EndWith("ended early, as asked");
        (outcome.Run.To - outcome.Run.From).Should().BeLessThan(TimeSpan.FromSeconds(40), "of 50 that were asked for");
    }

    [Fact]
    public async Task Without_nsys_the_refusal_names_what_to_install()
    {
        using var none = new NsysUnderTest("/nowhere/nsys");

        foreach (var profiler in new IProfiler[] { none.System, none.Session })
        {
            (await profiler.AbilityFor(null, TestContext.Current.CancellationToken)).Should().BeEquivalentTo(new { Can = false, Refusal = CaptureRefusal.ProfilerMissing });
            (await profiler.RecordAsync(none.Task(NsysUnderTest.Scope(cpuSampling: true, 1)), TestContext.Current.CancellationToken)).Run.Refusal.Should().Be(CaptureRefusal.ProfilerMissing);
        }
    }

    [Fact]
    public async Task A_truncated_report_does_not_count_as_one_that_can_be_read()
    {
        var task = nsys.Task(NsysUnderTest.Scope(cpuSampling: true));
        var report = Path.Combine(task.ScratchDirectory, "nsys-system.nsys-rep");
        File.Copy(Requirement.SharedData("nsys-samples", "truncated.nsys-rep"), report);

        var outcome = await nsys.System.ExportAsync(task, new ProfilerOutcome(new ProfilerRun(ProfilerNames.NsysSystem, true), [], [report]), TestContext.Current.CancellationToken);

        outcome.Run.Succeeded.Should().BeFalse();
        outcome.Run.Words.Should().Contain("magic number mismatch");
        outcome.Summary.Should().BeNull();
    }

    /// <summary>What an agent that was killed in the middle of a recording leaves.</summary>
    private async Task LeaveAsync(ProfilerTask task, string session)
    {
        string[] options = [$"--session-new={session}", "--sample=none", "--cpuctxsw=system-wide", $"--output={task.ScratchDirectory}/left"];
        var answer = await new NsysSystemStart(nsys.Tool, nsys.Orphans).BeginAsync(new NsysPlace(nsys.Settings.Path, [], task.ScratchDirectory), session, options, TestContext.Current.CancellationToken);
        answer.ExitCode.Should().Be(0, answer.Text);
    }

    private static void RequireSampling() =>
        Requirement.That(Environment.IsPrivilegedProcess || (File.Exists("/proc/sys/kernel/perf_event_paranoid") && File.ReadAllText("/proc/sys/kernel/perf_event_paranoid").Trim() is "0" or "-1"), "sampling the processors needs root or kernel.perf_event_paranoid=0");

    private sealed class TakenBack(CancellationTokenSource back) : IProgress<double>
    {
        public void Report(double value)
        {
            if (value > 0) back.Cancel();
        }
    }
}
