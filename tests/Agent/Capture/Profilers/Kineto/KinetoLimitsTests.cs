using FluentAssertions;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Capture.Profilers.Kineto;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

/// <summary>What a recording may take of the agent's disk, and what it leaves on the job's.</summary>
public sealed class KinetoLimitsTests : KinetoRecordings
{
    [Fact]
    public async Task A_trace_beyond_the_limit_is_not_taken()
    {
        Settings.MaximumTraceBytes = 10;
        Files.Install("2.14.1");
        Job();

        var outcome = await Record();

        outcome.Run.Words.Should().Contain("capture.kineto.maximum_trace_bytes is 10");
        outcome.Raw.Should().BeEmpty();
        Directory.GetFiles(Files.Inside("/tmp")).Should().BeEmpty("nobody else would ever remove it");
    }

    [Fact]
    public async Task A_trace_beyond_the_limit_stays_where_its_name_may_be_that_of_the_jobs_own()
    {
        Settings.MaximumTraceBytes = 10;
        Files.Install("2.14.1");
        Job().WritesTo = "/tmp/libkineto_activities_4242.json";

        (await Record()).Run.Words.Should().Contain("capture.kineto.maximum_trace_bytes is 10");

        Directory.GetFiles(Files.Inside("/tmp")).Should().ContainSingle();
    }

    [Fact]
    public async Task A_trace_beyond_the_limit_stays_where_it_is_somebody_elses()
    {
        Settings.MaximumTraceBytes = 10;
        Files.Install("2.14.1");
        Job(uid: JobFiles.User + 1);

        (await Record()).Run.Words.Should().Contain($"belongs to user {JobFiles.User}");

        Directory.GetFiles(Files.Inside("/tmp")).Should().ContainSingle();
    }

    [Fact]
    public async Task Traces_take_no_more_than_a_bundle_may_have()
    {
        Limits.MaximumBundleBytes = 10;
        Files.Install("2.14.1");
        Job();

        var outcome = await Record();

        outcome.Run.Words.Should().Contain("capture.maximum_bundle_bytes");
        outcome.Raw.Should().BeEmpty();
        Directory.GetFiles(Folder).Should().BeEmpty("what was copied until then is removed");
        Directory.GetFiles(Files.Inside("/tmp")).Should().BeEmpty();
    }

    [Fact]
    public async Task Where_the_jobs_disk_is_short_it_is_not_asked()
    {
        Files.Install("2.14.1");
        var job = Job();
        Limits.FreeSpaceFloorBytes = 1L << 60;

        var ability = await Ability();
        var outcome = await Record();

        ability.Should().Match<ProfilerAbility>(static ability => !ability.Can && ability.Refusal == CaptureRefusal.DiskFloor);
        ability.Words.Should().MatchRegex("^process 4242: [0-9]+ MiB are free at /tmp, 1099511627776 MiB must stay");
        outcome.Run.Refusal.Should().Be(CaptureRefusal.DiskFloor);
        job.Configurations.Should().BeEmpty();
    }

    [Fact]
    public async Task A_trace_that_comes_when_nobody_waits_for_it_any_more_is_removed()
    {
        Files.Add(JobFiles.Pid, null, "KINETO_USE_DAEMON=1");
        Files.Install("2.14.1");
        var job = Job();
        job.Writes = false;
        await Record();
        job.Writes = true;
        job.Live();
        Directory.GetFiles(Files.Inside("/tmp")).Should().ContainSingle();

        Time.Advance(KinetoLateTraces.Waits[0]);

        Eventually.Holds("it is removed", () => Directory.GetFiles(Files.Inside("/tmp")).Length == 0);
    }
}
