using System.Runtime.Versioning;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Contracts.Captures;
using Monitoring.Tests.Agent.Capture.Profilers.Nsys;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>
/// The real nsys on the whole road: a person asks the collector, the agent records a real program of several threads, and what nsys saw is
/// a summary at the collector. The GPU is simulated; the program stands on it by its process number.
/// </summary>
[SupportedOSPlatform("linux")]
[Collection(RealNsys.Name)]
public sealed class RealNsysRoadTests : IAsyncDisposable
{
    private readonly string nsys = Requirement.Nsys();
    private readonly string folder = Directory.CreateTempSubdirectory("gr-").FullName;

    public async ValueTask DisposeAsync()
    {
        await RealNsysSessionTests.EndOfSessionAsync(folder);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_job_is_recorded_in_its_session_and_with_the_whole_node_and_never_notices()
    {
        await using var cluster = new CaptureCluster(nodes: 1, gpus: 1, $$"""
            capture:
              counters_after: 200ms
              counters_before: 5s
              free_space_floor_bytes: 0
              nsys: { path: {{nsys}}, free_space_floor_bytes: 64MiB }
            """);
        await cluster.StartAsync();
        using var job = await Job.StartAsync([RepositoryRoot.Combine("packaging", "gpu-run"), "--trace", "osrt"], ("GPU_RUN_NSYS", nsys), ("GPU_RUN_TMPDIR", folder), ("GPU_RUN_FREE_MIB", "64"));
        cluster.Agents[0].Node.Gpus[0].SetProcess((uint)job.Pid, 1UL << 30, "job");

        var session = await CaptureAsync(cluster, new { node = "node-1", gpus = new[] { 0 }, pid = job.Pid, duration_seconds = 2.0, profilers = new[] { ProfilerNames.NsysSession }, by = "alice", force = true });
        var system = await CaptureAsync(cluster, new { node = "node-1", gpus = new[] { 0 }, duration_seconds = 2.0, profilers = new[] { ProfilerNames.NsysSystem }, cpu_sampling = true, by = "alice", force = true });

        session.SystemCalls!.Rows.Should().Contain(static call => call.Name == "usleep" && call.Count > 1000, "four threads call usleep 2000 times a second");
        system.Window.Seconds.Should().BeGreaterThan(1);
        (await job.RoundsAsync()).Should().BePositive();
        (await job.EndAsync()).Should().Be(Job.ExitCode);
    }

    /// <summary>Asks until the agent knows the process, waits until it is done, and reads what nsys saw.</summary>
    private static async Task<ProfilerSummary> CaptureAsync(CaptureCluster cluster, object order)
    {
        var profiler = JsonSerializer.SerializeToElement(order).GetProperty("profilers")[0].GetString()!;
        JsonElement capture = default;
        await CaptureCluster.UntilAsync($"a capture with {profiler} is done", async () =>
        {
            var answer = await cluster.PostAsync("/api/v1/captures", order);
            if (!answer.TryGetProperty("captures", out var captures) || captures[0].TryGetProperty("refusal", out _)) return false;
            var id = captures[0].GetProperty("id").GetString();
            var stage = "";
            await CaptureCluster.UntilAsync($"{id} is over", async () => (stage = (capture = await cluster.GetAsync($"/api/v1/captures/{id}")).GetProperty("stage").GetString()) is "done" or "failed" or "refused");
            // The agent sees a process of a GPU once a second.
            return stage == "done" || (stage == "refused" ? false : throw new InvalidOperationException(capture.GetRawText()));
        });
        capture.GetProperty("manifest").Deserialize(CaptureJson.Default.CaptureManifest)!.Files.Should().Contain(static file => file.Kind == CaptureFileKinds.Report && file.SizeBytes > 1000);
        return capture.GetProperty("summary").EnumerateArray().Select(static summary => summary.Deserialize(CaptureJson.Default.ProfilerSummary)!).Single(summary => summary.Profiler == profiler);
    }
}
