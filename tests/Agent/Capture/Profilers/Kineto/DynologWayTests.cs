using System.Text.Json;
using FluentAssertions;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Capture.Profilers.Kineto;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

public sealed class DynologWayTests : IDisposable
{
    private readonly JobFiles files = new();

    [Fact]
    public void Only_processes_that_look_for_it_and_have_our_numbers_can_be_named()
    {
        files.Add(1, null, "KINETO_USE_DAEMON=1", "SLURM_JOB_ID=77");
        files.Add(2, null, "PATH=/bin");
        files.Add(3, ownPid: 1, "KINETO_USE_DAEMON=1");
        var way = new DynologWay(new DynologClient(1, TimeProvider.System), files.Procfs);

        var clients = way.Clients(Scope(1, 2, 3, 99), out var words);

        clients.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Pid = 1L, OwnPid = 1, JobId = 77L, Uid = JobFiles.User });
        words.Should().BeEmpty();
        way.Clients(Scope(3), out words).Should().BeEmpty();
        words.Should().Contain("containers");
        way.Clients(Scope(2), out words).Should().BeEmpty();
        words.Should().Contain("KINETO_USE_DAEMON=1");
    }

    [Theory]
    [InlineData("""{"processesMatched":[5],"activityProfilersTriggered":[5],"activityProfilersBusy":0}""", null)]
    [InlineData("""{"processesMatched":[6],"activityProfilersTriggered":[6],"activityProfilersBusy":0}""", "dynolog took process 6 for it")]
    [InlineData("""{"processesMatched":[5],"activityProfilersTriggered":[],"activityProfilersBusy":1}""", "dynolog has another request for it already")]
    [InlineData("""{"processesMatched":[],"activityProfilersTriggered":[],"activityProfilersBusy":0}""", "dynolog does not know it")]
    [InlineData("""{"status":"failed"}""", "dynolog does not know it")]
    public async Task What_dynolog_says_is_told(string answer, string? words)
    {
        using var dynolog = new FakeDynolog(_ => FakeDynolog.Frame(answer));
        var way = new DynologWay(new DynologClient(dynolog.Port, TimeProvider.System), files.Procfs);

        var told = await way.HandAsync(new KinetoClient(5, 0, 5, 77, TimeSpan.Zero, TimeSpan.Zero), "A=1\n", TimeSpan.FromSeconds(5), default);

        told.Should().Be(words);
        JsonDocument.Parse(dynolog.Requests.Single()).RootElement.GetProperty("job_id").GetInt64().Should().Be(77);
    }

    [Fact]
    public async Task A_dynolog_that_is_gone_is_told()
    {
        int port;
        using (var dynolog = new FakeDynolog()) port = dynolog.Port;
        var way = new DynologWay(new DynologClient(port, TimeProvider.System), files.Procfs);

        (await way.HandAsync(new KinetoClient(5, 0, 5, 0, TimeSpan.Zero, TimeSpan.Zero), "A=1\n", TimeSpan.FromSeconds(5), default)).Should().Contain($"dynolog on port {port}");
    }

    public void Dispose() => files.Dispose();

    private static CaptureScope Scope(params long[] pids) => new([], [.. pids.Select(static pid => new ScopeProcess(pid, "python3", []))], false);
}
