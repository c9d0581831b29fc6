using FluentAssertions;
using Monitoring.Collector.Exposition;
using Monitoring.Tests.Collector.Series;
using Monitoring.Tests.Contracts.Otlp;
using Xunit;

namespace Monitoring.Tests.Collector.Exposition;

public sealed class ClusterRollupTests
{
    private readonly StoreBench bench = new();

    [Fact]
    public void Values_are_summed_by_cluster_and_model_over_the_nodes_that_are_heard()
    {
        var rollup = new ClusterRollup(bench.Store, bench.Clock);
        PushNode("n1", "H100", power: 300, energy: 1000, isThrottled: true);
        PushNode("n2", "H100", power: 500, energy: 2000, isThrottled: false);
        PushNode("n3", "B200", power: 900, energy: 3000, isThrottled: false);

        var totals = rollup.Read();
        totals.Keys.Should().BeEquivalentTo([("lab", "H100"), ("lab", "B200")]);
        var h100 = totals[("lab", "H100")];
        h100.Should().BeEquivalentTo(new
        {
            Nodes = 2, Gpus = 4, ThrottledGpus = (int?)2, PowerWatts = (double?)1600, EnergyJoules = (double?)0,
            UtilizationRatio = (double?)0.5, MemoryUsedBytes = (double?)40, MemoryTotalBytes = (double?)320,
        });
    }

    [Fact]
    public void Energy_only_grows_over_resets_silence_and_return()
    {
        var rollup = new ClusterRollup(bench.Store, bench.Clock);
        double Energy() => rollup.Read()[("lab", "H100")].EnergyJoules ?? double.NaN;

        PushNode("n1", "H100", 1, energy: 1000, false);
        Energy().Should().Be(0);
        Later(10);
        PushNode("n1", "H100", 1, energy: 1010, false);
        Energy().Should().Be(20);
        Later(10);
        PushNode("n1", "H100", 1, energy: 5, false);
        Energy().Should().Be(30);
        Later(60);
        bench.Store.Sweep();
        Energy().Should().Be(30, "a silent node takes nothing away");
        PushNode("n1", "H100", 1, energy: 105, false);
        Later(1);
        Energy().Should().Be(230);
    }

    [Fact]
    public void What_no_gpu_reports_is_absent_and_an_unknown_model_is_called_so()
    {
        var payload = bench.Payload(("host.name", "n1"));
        bench.Push(payload.Gauge("gpu.power", "W", payload.Point(5, ("gpu", "0"), ("uuid", "GPU-1"))));
        var total = new ClusterRollup(bench.Store, bench.Clock).Read()[("", "unknown")];
        total.PowerWatts.Should().Be(5);
        total.UtilizationRatio.Should().BeNull();
        total.MemoryUsedBytes.Should().BeNull();
        total.ThrottledGpus.Should().BeNull();
        total.EnergyJoules.Should().BeNull();
    }

    [Fact]
    public void Instances_of_a_divided_gpu_are_not_counted_again()
    {
        var payload = bench.Payload(("host.name", "n1"));
        bench.Push(payload.Gauge("gpu.memory.used", "By",
            payload.Point(10, ("gpu", "0"), ("uuid", "GPU-1")),
            payload.Point(4, ("gpu", "0"), ("uuid", "GPU-1"), ("mig_profile", "1g.10gb"), ("mig_gi", "1"), ("mig_ci", "0"))));
        var total = new ClusterRollup(bench.Store, bench.Clock).Read()[("", "unknown")];
        total.Gpus.Should().Be(1);
        total.MemoryUsedBytes.Should().Be(10);
    }

    [Fact]
    public void A_node_that_has_expired_is_left_out()
    {
        PushNode("n1", "H100", 1, 1, false);
        Later(31);
        new ClusterRollup(bench.Store, bench.Clock).Read().Should().BeEmpty();
    }

    [Fact]
    public async Task The_own_page_shows_rollups_and_skew_and_passes_promtool_without_a_word()
    {
        await using var collector = await RunningCollector.StartAsync(time: bench.Clock);
        await collector.PushAsync(NodePayload("n1", "H100", 300, 1000, true).ToArray());
        var page = await collector.GetAsync("/metrics");
        page.Should().ContainAll(
            "gpu_cluster_gpus{cluster=\"lab\",model=\"H100\"} 2", "gpu_cluster_power_watts{cluster=\"lab\",model=\"H100\"} 600",
            "gpu_cluster_throttled_gpus{cluster=\"lab\",model=\"H100\"} 2", "gpu_cluster_energy_joules_total{cluster=\"lab\",model=\"H100\"} 0",
            "gpu_cluster_utilization_ratio{cluster=\"lab\",model=\"H100\"} 0.5", "gpu_collector_node_clock_skew_seconds{cluster=\"lab\",node=\"n1\"} 0",
            "gpu_collector_nodes{state=\"fresh\"} 1", "gpu_collector_samples_total 16", "gpu_collector_push_duration_seconds_count 1", "gpu_collector_build_info{version=\"");

        var promtool = Requirement.Program("promtool");
        (await ChildProcess.RunAsync(promtool, ["check", "metrics"], page)).Should().Be((0, ""));
    }

    private void Later(double seconds) => bench.Clock.Advance(TimeSpan.FromSeconds(seconds));

    private void PushNode(string node, string model, double power, double energy, bool isThrottled) => bench.Push(NodePayload(node, model, power, energy, isThrottled)).Rejected.Should().Be(0);

    private OtlpPayload NodePayload(string node, string model, double power, double energy, bool isThrottled)
    {
        var payload = bench.Payload(("host.name", node), ("cluster", "lab"));
        byte[][] Each(double value, params (string, object)[] more) => [.. new[] { "0", "1" }.Select(gpu => payload.Point(value, [("gpu", gpu), ("uuid", "GPU-" + node + gpu), .. more]))];
        return payload
            .Gauge("gpu.info", "", Each(1, ("model", model)))
            .Gauge("gpu.power", "W", Each(power))
            .Counter("gpu.energy", "J", Each(energy))
            .Gauge("gpu.utilization", "1", Each(0.5))
            .Gauge("gpu.memory.used", "By", Each(10))
            .Gauge("gpu.memory.total", "By", Each(80))
            .Gauge("gpu.throttle.active", "", [.. Each(1, ("reason", "low_utilization")), .. Each(isThrottled ? 1 : 0, ("reason", "hw_thermal"))]);
    }
}
