using FluentAssertions;
using Monitoring.Simulator.Demo;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>What becomes of a real agent while its driver comes, goes, hangs and changes.</summary>
public sealed class DriverLifeTests
{
    [Fact]
    public async Task A_driver_that_is_installed_after_the_start_is_found()
    {
        await using var agent = new RunningAgent();
        await agent.StartAsync();
        var page = await agent.UntilAsync("the agent knows that there is no driver", static page => Value(page, "gpu_devices") is 0);
        page.Should().NotContain(static sample => sample.Name == "gpu_power_watts");
        (await agent.ReadyAsync()).Should().StartWith("503").And.Contain("nvml_library");

        agent.CreateNode(gpus: 2);
        await agent.UntilAsync("both GPUs are read", static page => Gpus(page, "gpu_power_watts").SequenceEqual(["0", "1"]) && Value(page, "gpu_devices") is 2);
        (await agent.ReadyAsync()).Should().StartWith("200");
    }

    [Fact]
    public async Task A_driver_that_is_unloaded_leaves_nothing_behind_and_comes_back()
    {
        await using var agent = new RunningAgent();
        agent.CreateNode(gpus: 2);
        await agent.StartAsync();
        await agent.UntilAsync("both GPUs are read", static page => Gpus(page, "gpu_power_watts").Length == 2);

        agent.Node!.IsDriverLoaded = false;
        await agent.UntilAsync("nothing is shown of the GPUs", static page => Value(page, "gpu_devices") is 0
            && !page.Any(static sample => sample.Labels.GetValueOrDefault("gpu") is "0" or "1" && !OutlivesTheGpu(sample)));
        (await agent.ReadyAsync()).Should().StartWith("503").And.Contain("not loaded");

        agent.Node.IsDriverLoaded = true;
        await agent.UntilAsync("both GPUs are read again", static page => Gpus(page, "gpu_power_watts").Length == 2 && Value(page, "gpu_devices") is 2);
    }

    [Fact]
    public async Task Another_machine_behind_the_reloaded_driver_is_shown_and_the_one_before_is_not()
    {
        await using var agent = new RunningAgent();
        agent.CreateNode(gpus: 2, seed: 1);
        await agent.StartAsync();
        var before = await agent.UntilAsync("both GPUs are read", static page => Gpus(page, "gpu_power_watts").Length == 2);
        var gone = before.First(static sample => sample.Name == "gpu_power_watts").Labels["uuid"];

        agent.CreateNode(gpus: 3, seed: 2);
        var after = await agent.UntilAsync("three GPUs are read", static page => Gpus(page, "gpu_power_watts").Length == 3);
        after.Should().NotContain(sample => sample.Labels.GetValueOrDefault("uuid") == gone && !OutlivesTheGpu(sample));
        Gpus(after, "gpu_info").Should().Equal("0", "1", "2");
    }

    [Fact]
    public async Task A_driver_that_hangs_from_the_first_call_is_named_and_recovers()
    {
        await using var agent = new RunningAgent();
        agent.CreateNode(gpus: 3);
        foreach (var gpu in agent.Node!.Gpus) gpu.Hang = true;
        await agent.StartAsync();
        await agent.UntilAsync("all are stuck", static page => Stuck(page).SequenceEqual(["0", "1", "2"]));
        (await agent.ReadyAsync()).Should().StartWith("503");

        agent.Node.Gpus[1].Hang = false;
        await agent.UntilAsync("one is read", static page => Gpus(page, "gpu_power_watts").SequenceEqual(["1"]) && Stuck(page).SequenceEqual(["0", "2"]));
        foreach (var gpu in agent.Node.Gpus) gpu.Hang = false;
        await agent.UntilAsync("all are read", static page => Gpus(page, "gpu_power_watts").Length == 3 && Stuck(page).Length == 0);
    }

    [Fact]
    public async Task A_gpu_that_hangs_shows_no_value_of_before()
    {
        await using var agent = new RunningAgent();
        agent.CreateNode(gpus: 2);
        await agent.StartAsync();
        await agent.UntilAsync("both GPUs are read", static page => Gpus(page, "gpu_power_watts").Length == 2 && Gpus(page, "gpu_energy_joules_total").Length == 2);
        await agent.UntilEventsAreAskedForAsync();

        agent.Node!.Gpus[1].Hang = true;
        await agent.UntilAsync("what the hung GPU answered before is gone", static page => Gpus(page, "gpu_power_watts").SequenceEqual(["0"])
            && Gpus(page, "gpu_energy_joules_total").SequenceEqual(["0"]) && Gpus(page, "gpu_power_watts_max").SequenceEqual(["0"]));
    }

    [Fact]
    public async Task A_gpu_that_hangs_while_the_driver_is_reloaded_does_not_blind_the_others()
    {
        await using var agent = new RunningAgent();
        agent.CreateNode(gpus: 3);
        await agent.StartAsync();
        await agent.UntilAsync("all are read", static page => Gpus(page, "gpu_power_watts").Length == 3);
        await agent.UntilEventsAreAskedForAsync();

        agent.Node!.Gpus[1].Hang = true;
        await agent.UntilAsync("the GPU is stuck", static page => Stuck(page).SequenceEqual(["1"]));
        agent.Node.IsDriverLoaded = false;
        await agent.UntilAsync("the driver is gone, and the call still hangs", static page => Value(page, "gpu_devices") is 0 && Gpus(page, "gpu_power_watts").Length == 0 && Stuck(page).SequenceEqual(["1"]));
        agent.Node.IsDriverLoaded = true;
        await agent.UntilAsync("the others are read", static page => Gpus(page, "gpu_power_watts").SequenceEqual(["0", "2"]) && Stuck(page).SequenceEqual(["1"]));

        agent.Node.Gpus[1].Hang = false;
        await agent.UntilAsync("all are read again", static page => Gpus(page, "gpu_power_watts").Length == 3 && Stuck(page).Length == 0);
    }

    [Fact]
    public async Task Hung_gpus_do_not_keep_the_agent_from_ending()
    {
        await using var agent = new RunningAgent();
        agent.CreateNode(gpus: 8);
        await agent.StartAsync();
        await agent.UntilAsync("all are read", static page => Gpus(page, "gpu_power_watts").Length == 8);
        await agent.UntilEventsAreAskedForAsync();
        foreach (var gpu in agent.Node!.Gpus) gpu.Hang = true;
        await agent.UntilAsync("all are stuck", static page => Stuck(page).Length == 8);

        (await agent.StopAsync()).Should().BeLessThan(TimeSpan.FromSeconds(30), "a busy machine may take ten times the usual");
        agent.ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task A_lost_gpu_is_absent_and_not_ready_and_comes_back()
    {
        await using var agent = new RunningAgent();
        agent.CreateNode(gpus: 2);
        agent.Node!.Gpus[1].IsLost = true;
        await agent.StartAsync();
        await agent.UntilAsync("the other GPU is read", static page => Gpus(page, "gpu_power_watts").SequenceEqual(["0"]));
        agent.Node.Gpus[1].IsLost = false;
        await agent.UntilAsync("it is read", static page => Gpus(page, "gpu_power_watts").Length == 2 && Gpus(page, "gpu_nvlink_up").Length == 2);

        agent.Node.Gpus[1].IsLost = true;
        await agent.UntilAsync("it is gone", static page => Gpus(page, "gpu_power_watts").SequenceEqual(["0"]));
        (await agent.ReadyAsync()).Should().Contain("gpu 0: fresh").And.Contain("gpu 1: no fresh data");
        agent.Node.Gpus[1].IsLost = false;
        await agent.UntilAsync("it is back", static page => Gpus(page, "gpu_power_watts").Length == 2);
        (await agent.ReadyAsync()).Should().Contain("gpu 1: fresh");
    }

    [Fact]
    public async Task Mig_instances_come_and_go_with_their_configuration()
    {
        await using var agent = new RunningAgent();
        agent.CreateNode(gpus: 1, profile: "h100-mig");
        await agent.StartAsync();
        var before = Instances(await agent.UntilAsync("instances are read", static page => Instances(page).Length > 1));

        agent.Node!.Gpus[0].Write(static (ref state) => state.Mig[0].Present = 0);
        await agent.UntilAsync("one is gone", page => Instances(page).SequenceEqual(before.Where(static instance => instance != "2")));
        agent.Node.Gpus[0].Write(static (ref state) => state.Mig[0].Present = 1);
        await agent.UntilAsync("it is back", page => Instances(page).SequenceEqual(before));
        agent.Node.Gpus[0].Write(static (ref state) => state.MigModeCurrent = 0);
        await agent.UntilAsync("none is left, and the links are shown again", static page => Instances(page).Length == 0 && Gpus(page, "gpu_nvlink_up").Length == 1);
    }

    /// <summary>What was counted of a GPU, and that it is missing, is most wanted when it is gone.</summary>
    private static bool OutlivesTheGpu(MetricSample sample) => sample.Name is "gpu_xid_events_total" or "gpu_anomalies_total" or "gpu_driver_events_total" or "gpu_health_state";

    private static double? Value(IReadOnlyList<MetricSample> page, string name) => page.FirstOrDefault(sample => sample.Name == name)?.Value;

    private static string[] Gpus(IReadOnlyList<MetricSample> page, string name) =>
        [.. page.Where(sample => sample.Name == name && sample.Labels["uuid"].StartsWith("GPU-", StringComparison.Ordinal)).Select(static sample => sample.Labels["gpu"]).Distinct().Order()];

    private static string[] Stuck(IReadOnlyList<MetricSample> page) =>
        [.. page.Where(static sample => sample is { Name: "gpu_agent_driver_call_stuck_seconds", Value: > 0 }).Select(static sample => sample.Labels["gpu"]).Distinct().Order()];

    private static string[] Instances(IReadOnlyList<MetricSample> page) =>
        [.. page.Where(static sample => sample.Name == "gpu_memory_total_bytes" && sample.Labels.ContainsKey("mig_gi")).Select(static sample => sample.Labels["mig_gi"]).Order()];
}
