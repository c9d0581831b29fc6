using System.Diagnostics;
using System.Runtime.Versioning;
using FluentAssertions;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Capture.Profilers.Nsys;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Nsys;

/// <summary>The real nsys in the session of a real program that was started under the real gpu-run.</summary>
[SupportedOSPlatform("linux")]
[Collection(RealNsys.Name)]
public sealed class RealNsysSessionTests : IAsyncDisposable
{
    private static readonly string GpuRun = RepositoryRoot.Combine("packaging", "gpu-run");

    private readonly NsysUnderTest nsys = new(Requirement.Nsys());
    private readonly string folder = Directory.CreateTempSubdirectory("gr-").FullName;

    public async ValueTask DisposeAsync()
    {
        nsys.Dispose();
        await EndOfSessionAsync(folder);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task One_process_is_recorded_twice_and_never_notices()
    {
        using var job = await StartAsync();
        for (var round = 0; round < 2; round++)
        {
            var before = await job.RoundsAsync();
            var task = nsys.Task(NsysUnderTest.Scope(cpuSampling: false, job.Pid));

            var outcome = await NsysUnderTest.CaptureAsync(nsys.Session, task);

            outcome.Run.Should().BeEquivalentTo(new { Profiler = ProfilerNames.NsysSession, Succeeded = true, Refusal = (CaptureRefusal?)null, Words = "1 of 1 sessions" });
            outcome.Files.Should().Equal(new ProfilerFile("nsys-session.nsys-rep", CaptureFileKinds.Report, NsysReport.MediaType));
            File.GetUnixFileMode(Path.Combine(task.BundleDirectory, "nsys-session.nsys-rep")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            var calls = int.Parse(await Sqlite.AskAsync(nsys.Databases[^1], $"select count(*) from OSRT_API where (globalTid>>24)&0xffffff = {job.Pid}"), System.Globalization.CultureInfo.InvariantCulture);
            calls.Should().BeGreaterThan(1000, "four threads call usleep 2000 times a second");
            (await job.RoundsAsync()).Should().BeGreaterThan(before);
            Directory.EnumerateFileSystemEntries(SessionFolder(), "agent-*").Should().BeEmpty();
        }
        (await job.EndAsync()).Should().Be(Job.ExitCode);
        job.Errors.Should().BeEmpty();
    }

    [Fact]
    public async Task A_process_that_was_not_started_under_gpu_run_cannot_be_reached_and_no_process_is_another_refusal()
    {
        using var job = await Job.StartAsync([]);

        (await nsys.Session.AbilityFor(NsysUnderTest.Scope(cpuSampling: false, job.Pid), TestContext.Current.CancellationToken))
            .Should().BeEquivalentTo(new { Can = false, Refusal = CaptureRefusal.SessionNotReachable });
        (await nsys.Session.AbilityFor(NsysUnderTest.Scope(cpuSampling: false), TestContext.Current.CancellationToken))
            .Should().BeEquivalentTo(new { Can = false, Refusal = CaptureRefusal.NoGpuProcess });
    }

    [Fact]
    public async Task A_start_in_a_session_that_has_ended_leaves_no_empty_session_behind()
    {
        using var job = await StartAsync();
        var session = (await FindAsync(job)).Should().ContainSingle().Which;
        // As if it had ended between the look and the start: nsys makes a new one of that name and says 0.
        var gone = session with { Session = session.Session with { Name = "gpu-run-gone", Id = 1 } };
        var recording = Recording(gone, "0123456789abcdef");

        await recording.StartAsync(NsysOptions.Read(""), TestContext.Current.CancellationToken);

        recording.Trouble.Should().Be("session gpu-run-gone ended before it was recorded");
        (await nsys.Tool.SessionsAsync(session.Place, TestContext.Current.CancellationToken))!.Select(static one => one.Name).Should().Equal(session.Name);
        (await job.EndAsync()).Should().Be(Job.ExitCode);
    }

    [Fact]
    public async Task A_recording_that_a_dead_agent_left_is_ended_and_the_session_can_be_recorded_again()
    {
        using var job = await StartAsync();
        var task = nsys.Task(NsysUnderTest.Scope(cpuSampling: false, job.Pid));
        var left = Recording((await FindAsync(job))[0], task.CaptureId);
        await left.StartAsync(NsysOptions.Read(""), TestContext.Current.CancellationToken);
        left.Trouble.Should().BeNull();
        (await nsys.Session.AbilityFor(task.Scope, TestContext.Current.CancellationToken)).Should().BeEquivalentTo(new { Can = false, Refusal = CaptureRefusal.SessionNotReachable });

        await nsys.Session.CleanUpAsync(task.CaptureId, TestContext.Current.CancellationToken);

        Directory.EnumerateFileSystemEntries(SessionFolder(), "agent-*").Should().BeEmpty();
        (await NsysUnderTest.CaptureAsync(nsys.Session, nsys.Task(task.Scope))).Run.Succeeded.Should().BeTrue();
        (await job.EndAsync()).Should().Be(Job.ExitCode);
    }

    [Fact]
    public async Task A_recording_of_somebody_else_is_left_alone()
    {
        using var job = await StartAsync();
        var theirs = Recording((await FindAsync(job))[0], "fedcba9876543210");
        await theirs.StartAsync(NsysOptions.Read(""), TestContext.Current.CancellationToken);

        await nsys.Session.CleanUpAsync("0123456789abcdef0123456789abcdef", TestContext.Current.CancellationToken);
        var outcome = await nsys.Session.RecordAsync(nsys.Task(NsysUnderTest.Scope(cpuSampling: false, job.Pid)), TestContext.Current.CancellationToken);

        outcome.Run.Words.Should().EndWith("is in state Collection: somebody else records it");
        (await FindAsync(job)).Should().ContainSingle().Which.Session.State.Should().Be(NsysSession.Collection);
    }

    [Fact]
    public async Task The_daemon_of_a_session_that_is_killed_while_it_records_costs_the_capture_and_not_the_job()
    {
        using var job = await StartAsync();
        var agent = nsys.Processes.NsysAgents(NsysJobSession.NamePrefix).Should().Contain(one => one.TemporaryDirectory.StartsWith(folder)).Which;
        var killed = new OnProgress(0, () => Process.GetProcessById(agent.Pid).Kill());

        var outcome = await nsys.Session.RecordAsync(nsys.Task(NsysUnderTest.Scope(cpuSampling: false, job.Pid), killed), TestContext.Current.CancellationToken);

        outcome.Run.Succeeded.Should().BeFalse();
        outcome.Run.Words.Should().Contain("made no report", "what nsys says after it depends on how far the daemon's end has come: usually that the connection is refused");
        var before = await job.RoundsAsync();
        (await job.RoundsAsync()).Should().BeGreaterThanOrEqualTo(before);
        (await job.EndAsync()).Should().Be(Job.ExitCode);
    }

    [Fact]
    public async Task A_job_that_ends_while_it_is_recorded_ends_the_recording_with_a_report()
    {
        using var job = await StartAsync();
        var ended = new OnProgress(0.2, () => job.Process.StandardInput.Close());

        var outcome = await NsysUnderTest.CaptureAsync(nsys.Session, nsys.Task(NsysUnderTest.Scope(cpuSampling: false, job.Pid), ended, seconds: 6));

        outcome.Run.Succeeded.Should().BeTrue(outcome.Run.Words);
        (await job.EndAsync()).Should().Be(Job.ExitCode);
    }

    [Fact]
    public async Task A_session_on_a_disk_that_is_too_small_is_not_recorded()
    {
        using var disk = SmallDisk.Mount("40m");
        using var job = await Job.StartAsync([GpuRun], ("GPU_RUN_NSYS", nsys.Settings.Path), ("GPU_RUN_TMPDIR", disk.Path), ("GPU_RUN_FREE_MIB", "20"));

        var outcome = await nsys.Session.RecordAsync(nsys.Task(NsysUnderTest.Scope(cpuSampling: false, job.Pid)), TestContext.Current.CancellationToken);

        outcome.Run.Refusal.Should().Be(CaptureRefusal.DiskFloor);
        outcome.Run.Words.Should().MatchRegex("^3[0-9] MiB are free at .*, less than 64 MiB");
        (await job.EndAsync()).Should().Be(Job.ExitCode);
        await EndOfSessionAsync(disk.Path);
    }

    [Fact]
    public async Task A_report_that_is_larger_than_a_bundle_may_be_is_not_taken_over()
    {
        nsys.Capture.MaximumBundleBytes = 1000;
        using var job = await StartAsync();
        var task = nsys.Task(NsysUnderTest.Scope(cpuSampling: false, job.Pid));

        var outcome = await nsys.Session.RecordAsync(task, TestContext.Current.CancellationToken);

        outcome.Run.Succeeded.Should().BeFalse();
        outcome.Run.Words.Should().Contain("more than 1000 bytes").And.Contain("capture.maximum_bundle_bytes");
        Directory.EnumerateFiles(task.ScratchDirectory).Should().BeEmpty();
        (await job.EndAsync()).Should().Be(Job.ExitCode);
    }

    [Fact]
    public async Task A_job_in_namespaces_of_its_own_is_recorded_through_them()
    {
        RequireNamespaces();
        using var job = await StartAsync("unshare", "--pid", "--fork", "--mount-proc");
        var inside = int.Parse(await File.ReadAllTextAsync($"/proc/{job.Pid}/task/{job.Pid}/children", TestContext.Current.CancellationToken), System.Globalization.CultureInfo.InvariantCulture);

        var outcome = await NsysUnderTest.CaptureAsync(nsys.Session, nsys.Task(NsysUnderTest.Scope(cpuSampling: false, inside)));

        outcome.Run.Should().BeEquivalentTo(new { Succeeded = true, Words = "1 of 1 sessions" });
        (await Sqlite.AskAsync(nsys.Databases[^1], "select count(*) > 1000 from OSRT_API")).Should().Be("1");
        (await job.EndAsync()).Should().Be(Job.ExitCode);
        // With the first process of a namespace its others end too, and with a pod its disk.
        Directory.Delete(SessionFolder(), recursive: true);
    }

    [Fact]
    public async Task A_job_of_another_user_is_recorded_as_that_user()
    {
        RequireNamespaces();
        const uint Nobody = 65534;
        File.SetUnixFileMode(folder, (UnixFileMode)0b001_111_111_111);
        using var job = await StartAsync("setpriv", "--reuid", $"{Nobody}", "--regid", $"{Nobody}", "--clear-groups");
        var task = nsys.Task(NsysUnderTest.Scope(cpuSampling: false, job.Pid));

        var outcome = await NsysUnderTest.CaptureAsync(nsys.Session, task);

        outcome.Run.Should().BeEquivalentTo(new { Succeeded = true, Words = "1 of 1 sessions" });
        (await FindAsync(job)).Should().ContainSingle().Which.Agent.UserId.Should().Be(Nobody);
        (await job.EndAsync()).Should().Be(Job.ExitCode);
    }

    private static void RequireNamespaces() => Requirement.That(Environment.IsPrivilegedProcess && RepositoryIsOpen() && Unshares(), "namespaces and other users' jobs need root and the right to make them");

    /// <summary>The other user must be able to read gpu-run.</summary>
    private static bool RepositoryIsOpen()
    {
        for (var place = Path.GetDirectoryName(GpuRun); place is { Length: > 1 }; place = Path.GetDirectoryName(place))
            if ((File.GetUnixFileMode(place) & UnixFileMode.OtherExecute) == 0) return false;
        return true;
    }

    private static bool Unshares()
    {
        using var process = Process.Start(new ProcessStartInfo("unshare", ["--pid", "--fork", "--mount-proc", "true"]) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private Task<Job> StartAsync(params string[] way) => Job.StartAsync([.. way, GpuRun], ("GPU_RUN_NSYS", nsys.Settings.Path), ("GPU_RUN_TMPDIR", folder), ("GPU_RUN_FREE_MIB", "64"));

    private string SessionFolder() => Directory.GetDirectories(folder, "gpu-run.*").Should().ContainSingle().Which;

    private async Task<IReadOnlyList<NsysJobSession>> FindAsync(Job job) =>
        (await nsys.Sessions.OfAsync(NsysUnderTest.Scope(cpuSampling: false, job.Pid).Processes, TestContext.Current.CancellationToken)).Reached;

    private NsysSessionRecording Recording(NsysJobSession session, string captureId) => new(nsys.Tool, nsys.Orphans, nsys.Settings, session, captureId);

    /// <summary>Waits until what ran beside the job has cleared up, so that its disk can be taken away.</summary>
    internal static async Task EndOfSessionAsync(string place)
    {
        using var process = Process.Start("timeout", ["90", "sh", "-c", "while ls -d \"$1\"/gpu-run.* >/dev/null 2>&1; do sleep 0.1; done", "sh", place]);
        await process.WaitForExitAsync(CancellationToken.None);
        process.ExitCode.Should().Be(0, "what runs beside a job ends with it");
    }

    private sealed class OnProgress(double at, Action act) : IProgress<double>
    {
        private bool isDone;

        public void Report(double value)
        {
            if (isDone || value < at) return;
            isDone = true;
            act();
        }
    }
}
