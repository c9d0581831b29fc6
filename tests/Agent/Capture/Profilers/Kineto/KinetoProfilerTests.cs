using System.IO.Compression;
using FluentAssertions;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

public sealed class KinetoProfilerTests : KinetoRecordings
{
    [Fact]
    public async Task Switched_off_it_says_how_to_switch_it_on()
    {
        Settings.Enabled = false;

        var ability = await Ability();

        ability.Should().Match<ProfilerAbility>(static ability => !ability.Can && ability.Refusal == CaptureRefusal.ProfilerMissing);
        ability.Words.Should().Contain("capture.kineto.enabled");
    }

    [Fact]
    public async Task Without_a_process_that_asks_it_says_how_to_start_a_job()
    {
        var ability = await Ability();

        ability.Refusal.Should().Be(CaptureRefusal.SessionNotReachable);
        ability.Words.Should().Contain("KINETO_USE_DAEMON=1");
    }

    [Fact]
    public async Task Without_a_process_on_the_GPU_there_is_nothing_to_ask() =>
        (await Profiler().AbilityFor(new CaptureScope([], [], false), default)).Refusal.Should().Be(CaptureRefusal.NoGpuProcess);

    [Theory]
    [InlineData("2.6.0", "2.6.0 is older than 2.10")]
    [InlineData(null, "cannot be found out")]
    public async Task An_unsafe_PyTorch_is_never_asked(string? version, string words)
    {
        if (version is not null) Files.Install(version);
        var job = Job();

        var ability = await Ability();
        var outcome = await Record();

        ability.Should().Match<ProfilerAbility>(static ability => !ability.Can && ability.Refusal == CaptureRefusal.UnsafePytorch);
        ability.Words.Should().Contain(words);
        outcome.Run.Should().Match<ProfilerRun>(static run => !run.Succeeded && run.Refusal == CaptureRefusal.UnsafePytorch);
        job.Configurations.Should().BeEmpty();
    }

    [Fact]
    public async Task An_unknown_version_is_asked_where_the_settings_say_so_an_old_one_never()
    {
        Settings.AllowUnknownVersion = true;
        Job();
        (await Ability()).Can.Should().BeTrue();

        Files.Install("2.9.0");

        (await Ability()).Refusal.Should().Be(CaptureRefusal.UnsafePytorch);
    }

    [Fact]
    public async Task A_recording_is_handed_out_waited_for_taken_and_removed()
    {
        Files.Install("2.14.1+debian");
        var job = Job();

        var outcome = await Record();

        outcome.Run.Succeeded.Should().BeTrue(outcome.Run.Words);
        outcome.Run.Version.Should().Be("2.14.1+debian");
        outcome.Run.Words.Should().Be("1 of 1 PyTorch processes wrote a trace");
        var config = job.Configurations.Should().ContainSingle().Subject;
        config.Start.Should().Be(outcome.Run.From);
        config.Duration.Should().Be(TimeSpan.FromMilliseconds(500));
        config.IsAllowedPath.Should().BeTrue();
        config.Path.Should().Contain(Capture);
        Text(outcome.Raw.Should().ContainSingle().Subject).Should().Contain("4242");
        Directory.GetFiles(Files.Inside("/tmp")).Should().BeEmpty();
        Progress.Should().BeInAscendingOrder().And.StartWith(0).And.EndWith(1);
    }

    [Fact]
    public async Task All_processes_begin_at_the_same_instant_each_with_a_file_of_its_own()
    {
        foreach (var pid in new[] { 4242L, 4243, 4244 })
        {
            Files.Add(pid, ownPid: 1);
            Files.Install("2.14.1", pid);
            Job(pid, ownPid: 1);
            Time.Advance(TimeSpan.FromSeconds(1.5));
        }

        var outcome = await Record(pids: [4242, 4243, 4244]);

        outcome.Run.Words.Should().Be("3 of 3 PyTorch processes wrote a trace");
        Jobs.SelectMany(static job => job.Configurations).Select(static config => config.Start).Distinct().Should().ContainSingle();
        Jobs.SelectMany(static job => job.Configurations).Select(static config => config.Path).Distinct().Should().HaveCount(3);
        outcome.Raw.Select(Path.GetFileName).Should().BeEquivalentTo("kineto-4242.json.gz", "kineto-4243.json.gz", "kineto-4244.json.gz");
    }

    [Fact]
    public async Task The_wanted_start_is_met_and_the_configuration_not_handed_out_long_before()
    {
        Files.Install("2.14.1");
        var job = Job();
        var wanted = Time.GetUtcNow() + TimeSpan.FromMinutes(2);

        var outcome = await Record(startAt: wanted);

        outcome.Run.From.Should().Be(wanted);
        job.HandedAt.Should().BeAfter(wanted - TimeSpan.FromSeconds(10)).And.BeBefore(wanted);
    }

    [Fact]
    public async Task A_start_that_cannot_be_met_is_said()
    {
        Files.Install("2.14.1");
        Job();

        (await Record(startAt: Time.GetUtcNow())).Run.Words.Should().Contain("after the wanted time");
    }

    [Fact]
    public async Task Only_processes_of_the_capture_get_a_configuration()
    {
        Files.Install("2.14.1");
        Files.Add(5000);
        Files.Install("2.14.1", 5000);
        Job();
        var other = Job(5000);

        await Record();

        other.Configurations.Should().BeEmpty();
    }

    [Fact]
    public async Task Of_several_the_unsafe_ones_are_left_out_and_named()
    {
        Files.Install("2.14.1");
        Files.Add(5000);
        Files.Install("2.6.0", 5000);
        Job();
        var old = Job(5000);

        var outcome = await Record(pids: [4242, 5000]);

        outcome.Run.Succeeded.Should().BeTrue();
        old.Configurations.Should().BeEmpty();
        (await Ability([4242, 5000])).Words.Should().Contain("1 PyTorch processes can be asked").And.Contain("process 5000: its PyTorch 2.6.0");
    }

    [Fact]
    public async Task A_process_that_does_not_ask_in_time_is_named()
    {
        Files.Install("2.14.1");
        var job = Job();
        job.IsSilent = true;

        var outcome = await Record();

        outcome.Run.Should().Match<ProfilerRun>(static run => !run.Succeeded && run.Words.Contains("did not ask in time"));
        job.IsSilent = false;
        job.Ask();
        job.Configurations.Should().BeEmpty("the others would have been done");
    }

    [Fact]
    public async Task A_trace_that_does_not_come_is_waited_for_until_the_limit()
    {
        Files.Install("2.14.1");
        Job().Writes = false;

        (await Record()).Run.Should().Match<ProfilerRun>(static run => !run.Succeeded && run.Words.Contains("no trace within 60 s"));
    }

    [Fact]
    public async Task The_folder_that_the_job_names_is_used()
    {
        Files.Add(JobFiles.Pid, null, "KINETO_USE_DAEMON=1", "KINETO_ONDEMAND_TRACE_DIR=/data/traces");
        Files.Install("2.14.1");
        var job = Job();

        (await Record()).Run.Succeeded.Should().BeTrue();

        job.Configurations.Single().Path.Should().StartWith("/data/traces/gpu-agent-");
    }

    [Theory]
    [InlineData("KINETO_ONDEMAND_TRACE_DIR=/data/x=y")]
    [InlineData("KINETO_ONDEMAND_TRACE_DIR=/data/../etc")]
    [InlineData("KINETO_ONDEMAND_TRACE_DIR=/a\nPROFILE_WITH_STACK=true")]
    public async Task A_folder_that_cannot_stand_in_a_configuration_is_not_used(string variable)
    {
        Files.Add(JobFiles.Pid, null, "KINETO_USE_DAEMON=1", variable);
        Files.Install("2.14.1");
        var job = Job();

        await Record();

        job.Configurations.Single().IsAllowedPath.Should().BeTrue();
    }

    [Fact]
    public async Task The_place_that_PyTorch_falls_back_to_is_looked_at_but_not_for_an_older_trace()
    {
        Files.Install("2.14.1");
        Files.Write("/tmp/libkineto_activities_4242.json", "old");
        File.SetLastWriteTimeUtc(Files.Inside("/tmp/libkineto_activities_4242.json"), Time.GetUtcNow().UtcDateTime - TimeSpan.FromMinutes(1));
        Job().WritesTo = "/tmp/libkineto_activities_4242.json";

        var outcome = await Record();

        Text(outcome.Raw.Should().ContainSingle().Subject).Should().NotBe("old");
    }

    [Fact]
    public async Task A_link_where_the_trace_should_be_is_not_followed()
    {
        Files.Install("2.14.1");
        File.WriteAllText(Files.Outside("shadow"), "secret");
        Job().Plants = path => File.CreateSymbolicLink(path, Files.Outside("shadow"));

        var outcome = await Record();

        outcome.Run.Succeeded.Should().BeFalse();
        outcome.Raw.Should().BeEmpty();
        File.ReadAllText(Files.Outside("shadow")).Should().Be("secret");
    }

    [Fact]
    public async Task A_file_of_another_user_is_not_taken()
    {
        Files.Install("2.14.1");
        Job(uid: JobFiles.User + 1);

        var outcome = await Record();

        outcome.Run.Words.Should().Contain($"belongs to user {JobFiles.User}");
        outcome.Raw.Should().BeEmpty();
    }

    [Fact]
    public async Task Ended_before_a_process_asked_nothing_begins()
    {
        Files.Install("2.14.1");
        var job = Job();
        job.IsSilent = true;
        using var source = new CancellationTokenSource();

        var recording = Profiler().RecordAsync(Task([JobFiles.Pid]), source.Token);
        source.Cancel();
        var outcome = await Run(recording);

        outcome.Run.Words.Should().Contain("ended before");
        job.IsSilent = false;
        job.Ask();
        job.Configurations.Should().BeEmpty();
    }

    [Fact]
    public async Task Ended_after_that_it_lasts_as_long_as_the_process_does()
    {
        Files.Install("2.14.1");
        var job = Job();
        using var source = new CancellationTokenSource();
        job.Handed = source.Cancel;

        var outcome = await Record(cancellationToken: source.Token);

        Time.GetUtcNow().Should().BeOnOrAfter(job.Configurations.Single().Start + job.Configurations.Single().Duration);
        Directory.GetFiles(Files.Inside("/tmp")).Should().BeEmpty("nothing is left behind");
        outcome.Raw.Should().ContainSingle();
    }

    [Fact]
    public async Task A_trace_that_comes_after_the_capture_was_given_up_is_removed_all_the_same()
    {
        Files.Install("2.14.1");
        Job();

        // Its folder went with the capture.
        var outcome = await Run(Profiler().RecordAsync(Task([JobFiles.Pid]) with { ScratchDirectory = $"{Folder}/gone" }, default));

        outcome.Run.Succeeded.Should().BeFalse();
        outcome.Run.Words.Should().StartWith("0 of 1 PyTorch processes wrote a trace");
        Directory.GetFiles(Files.Inside("/tmp")).Should().BeEmpty();
    }

    private static string Text(string path)
    {
        using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }
}
