using System.Diagnostics;
using System.Globalization;
using FluentAssertions;
using Monitoring.Simulator.Demo;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>From the driver to Prometheus, with real processes on both ends of every connection.</summary>
[Collection(RunningClusterTests.Name)]
public sealed class MainRoadTests(RunningCluster cluster)
{
    private const string FastTier = "nvml_fast";

    /// <summary>The promise: a wedged GPU is named within this time.</summary>
    private static readonly TimeSpan NamedWithin = TimeSpan.FromSeconds(5);

    // A machine that is busy with something else for a while may be late once; who is always late fails.
    private const int Attempts = 3;

    // Of ten that were configured.
    private const double LeastRate = 8;

    [Fact]
    public async Task Prometheus_holds_every_gpu_through_the_collector_and_from_the_agents()
    {
        IReadOnlyList<string> missing = [];
        await cluster.UntilAsync(() => $"Prometheus holds all GPUs; {string.Join("; ", missing)}", async () =>
            (missing = await cluster.Verdict.MissingAsync(TimeSpan.FromMinutes(5), CancellationToken.None)).Count == 0);

        (await cluster.Verdict.CountsAsync(TimeSpan.FromMinutes(5), CancellationToken.None))
            .Should().Be("Prometheus holds 16 of 16 GPUs through the collector, 16 of 16 from the agents");
    }

    [Fact]
    public async Task Promtool_accepts_every_page_without_a_word()
    {
        Requirement.Program("promtool");
        string[] pages = [.. cluster.Machines.Select(machine => machine.AgentPage), .. cluster.Machines.Select(cluster.NodePage), cluster.CollectorUrl + "/metrics"];
        foreach (var page in pages)
        {
            var text = await cluster.Http.GetStringAsync(new Uri(page));

            (await Promtool.CheckMetricsAsync(text)).Should().BeEmpty(page);
        }
    }

    [Fact]
    public async Task What_the_driver_does_not_support_is_absent_and_not_zero()
    {
        var machine = cluster.Machines[1];
        var gpu = UnsupportedReadings.Gpu.ToString(CultureInfo.InvariantCulture);
        foreach (var page in (string[])[machine.AgentPage, cluster.NodePage(machine)])
        {
            // Slow readings come once in ten seconds.
            await cluster.UntilAsync($"{page} holds what the other GPUs support", async () =>
            {
                var names = Names(await cluster.ReadAsync(page), gpu: "0");
                return UnsupportedReadings.Metrics.All(names.Contains);
            });

            Names(await cluster.ReadAsync(page), gpu).Should().Contain("gpu_power_watts").And.NotContain(UnsupportedReadings.Metrics);
        }
    }

    [Fact]
    public async Task A_hung_gpu_is_named_within_5_s_while_the_others_keep_their_rate_and_recovers_without_a_restart()
    {
        const int hung = 3;
        var machine = cluster.Machines[0];
        var startTime = Value(await cluster.ReadAsync(machine.AgentPage), "gpu_agent_start_time_seconds", null);
        await cluster.UntilAsync("nothing is stuck", async () => Stuck(await cluster.ReadAsync(machine.AgentPage)).Length == 0);

        List<TimeSpan> named = [];
        do
        {
            try
            {
                machine.Node.Gpus[hung].Hang = true;
                var hangs = Stopwatch.StartNew();
                await cluster.UntilAsync("a GPU is stuck", async () => Stuck(await cluster.ReadAsync(machine.AgentPage)).Length > 0);
                named.Add(hangs.Elapsed);
                Stuck(await cluster.ReadAsync(machine.AgentPage)).Should().Equal("3");

                double[] rates = [];
                await cluster.UntilAsync(() => $"the others keep the 10 readings a second that were configured; they have {string.Join(" ", rates)}", async () =>
                {
                    rates = await FastRatesAsync(machine, TimeSpan.FromSeconds(3));
                    rates[hung].Should().Be(0);
                    return rates.Where((_, gpu) => gpu != hung).All(static rate => rate >= LeastRate);
                });
            }
            finally
            {
                machine.Node.Gpus[hung].Hang = false;
            }

            await cluster.UntilAsync("nothing is stuck any more", async () => Stuck(await cluster.ReadAsync(machine.AgentPage)).Length == 0);
            await cluster.UntilAsync("it has its rate again", async () => (await FastRatesAsync(machine, TimeSpan.FromSeconds(3)))[hung] >= LeastRate);
        }
        while (named[^1] >= NamedWithin && named.Count < Attempts);
        named[^1].Should().BeLessThan(NamedWithin, $"it took {string.Join(", ", named)}");
        Value(await cluster.ReadAsync(machine.AgentPage), "gpu_agent_start_time_seconds", null).Should().Be(startTime);
    }

    [Fact]
    public async Task The_collectors_page_names_the_hung_gpu_too()
    {
        const int hung = 6;
        var machine = cluster.Machines[1];

        try
        {
            machine.Node.Gpus[hung].Hang = true;
            await cluster.UntilAsync("the collector names the GPU", async () => Stuck(await cluster.ReadAsync(cluster.NodePage(machine))).SequenceEqual(["6"]));
        }
        finally
        {
            machine.Node.Gpus[hung].Hang = false;
        }

        await cluster.UntilAsync("it is free again", async () => Stuck(await cluster.ReadAsync(cluster.NodePage(machine))).Length == 0);
    }

    private static HashSet<string> Names(IEnumerable<MetricSample> samples, string gpu) =>
        [.. samples.Where(sample => sample.Labels.GetValueOrDefault("gpu") == gpu).Select(sample => sample.Name)];

    private static string[] Stuck(IEnumerable<MetricSample> samples) =>
        [.. samples.Where(sample => sample.Name == "gpu_agent_driver_call_stuck_seconds" && sample.Value > 0).Select(sample => sample.Labels["gpu"]).Distinct()];

    private static double Value(IEnumerable<MetricSample> samples, string name, int? gpu) => samples
        .Single(sample => sample.Name == name
            && (gpu is null || sample.Labels["gpu"] == gpu.Value.ToString(CultureInfo.InvariantCulture))
            && sample.Labels.GetValueOrDefault("collector", FastTier) == FastTier)
        .Value;

    /// <summary>Fast readings per second of every GPU, counted over a while; the clock is that of this test.</summary>
    private async Task<double[]> FastRatesAsync(RunningCluster.SimulatedMachine machine, TimeSpan over)
    {
        var before = await cluster.ReadAsync(machine.AgentPage);
        var watch = Stopwatch.StartNew();
        await Task.Delay(over, TimeProvider.System);
        var after = await cluster.ReadAsync(machine.AgentPage);
        return [.. Enumerable.Range(0, RunningCluster.GpuCount).Select(gpu =>
            (Value(after, "gpu_agent_samples_total", gpu) - Value(before, "gpu_agent_samples_total", gpu)) / watch.Elapsed.TotalSeconds)];
    }
}
