using System.Net;
using System.Text.Json;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Detection.Health;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;
using Monitoring.Tests.Agent;
using Monitoring.Tests.Agent.Commands;
using Monitoring.Tests.Agent.Exposition.Api;
using Monitoring.Tests.Install;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>GPUs of the simulator, sampled for real, through the API to the program <c>gpu-agent check</c>.</summary>
[Collection(SimulatedDriverTests.Name)]
public sealed class LocalApiEndToEndTests
{
    [Fact]
    public async Task A_node_passes_until_one_of_its_gpus_is_unhealthy()
    {
        using var driver = new SimulatedDriver("h100", 2);
        var node = new NodeSampler("test", "node-1", new DeviceSettings { NvmlLibrary = driver.Node.LibraryPath }, new SamplingSettings(), TimeProvider.System, NullLogger<NodeSampler>.Instance);
        await using var api = new RunningApi(node, TimeProvider.System);
        await api.StartAsync();
        node.Start();
        try
        {
            await Eventually.HoldsAsync("both GPUs are read", () => node.Lanes is [{ Sampler: { } first }, { Sampler: { } second }] && first.Samples(Tier.Slow) > 0 && second.Samples(Tier.Slow) > 0);
            var health = api.Test.Health;
            health.Follow(new HealthSubjects(node).Present());
            api.Test.Advance(TimeProvider.System.GetUtcNow() - api.Test.Time.GetUtcNow());

            var gpus = JsonDocument.Parse((await api.GetAsync("/api/v1/gpus")).Body).RootElement.GetProperty("gpus");
            gpus.GetArrayLength().Should().Be(2);
            gpus[1].GetProperty("readings").GetProperty("gpu_power_watts").GetDouble().Should().BeGreaterThan(10);
            gpus[1].GetProperty("readings").GetProperty("""gpu_temperature_celsius{sensor="gpu"}""").GetDouble().Should().BeGreaterThan(10);
            (await CheckAsync(api)).Should().BeEquivalentTo(new { ExitCode = 0, Output = "healthy: node node-1, 2 GPUs\n" });

            var uuid = gpus[1].GetProperty("uuid").GetString()!;
            health.Take(api.Test.Record(EventKinds.Xid, 48, EventSeverity.Critical, gpu: null) with { Gpu = new GpuReference(1, uuid) });
            health.Look();
            (await CheckAsync(api)).ExitCode.Should().Be(2);
            (await CheckAsync(api, "--gpus", "0")).ExitCode.Should().Be(0);
            (await CheckAsync(api, "--gpus", uuid)).Output.Should().StartWith($"unhealthy: GPU 1 ({uuid}), compute: xid 48 happened");

            (await api.ClearAsync($$"""{"gpu":"{{uuid}}","who":"alice","why":"field diagnostics passed"}""")).Status.Should().Be(HttpStatusCode.OK);
            (await CheckAsync(api)).ExitCode.Should().Be(0);
        }
        finally
        {
            node.Stop();
        }
    }

    private static Task<Installer.Outcome> CheckAsync(RunningApi api, params string[] arguments) =>
        Installer.RunProgramAsync(CheckCommandTests.Program, ["check", "--url", api.Address.ToString(), "--max-age", "60s", .. arguments]);
}
