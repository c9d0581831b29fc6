using FluentAssertions;
using Monitoring.Simulator.Demo;
using Xunit;
using ChildProcess = Monitoring.Tests.Collector.ChildProcess;

namespace Monitoring.Tests.Dashboards.Prometheus;

public sealed class HealthyDayTests
{
    /// <summary>What is wrong on a healthy day would be so for longer, and each evaluation takes 30 ms.</summary>
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(5);

    /// <summary>Ten seconds of one core, and other tests run at the same time.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task The_rules_are_silent_for_a_day_of_healthy_power_capped_load()
    {
        var promtool = Requirement.Program("promtool");
        await using var node = await PowerCappedNode.StartAsync();
        var agent = await node.AgentPageAsync();
        var day = Day(agent, await node.CollectorPageAsync());
        day.Count.Should().BeGreaterThan(2000, "the whole page of the agent is looked at");
        var (code, output) = await RunAsync(promtool, day);
        code.Should().Be(0, output);
    }

    [Fact]
    public async Task A_fault_in_a_day_is_found_by_the_same_way()
    {
        var (code, output) = await RunAsync(Requirement.Program("promtool"), new HealthyDay()
            .Add("gpu_row_remap_pending", new Dictionary<string, string> { ["cluster"] = "demo", ["node"] = "node-9", ["gpu"] = "0", ["uuid"] = "GPU-9" }, static minute => minute < 300 ? 0 : 1), "GpuRowRemapPending");
        code.Should().NotBe(0);
        output.Should().Contain("GpuRowRemapPending").And.Contain("node-9");
    }

    private static HealthyDay Day(string agent, string collector)
    {
        var day = new HealthyDay().Add(agent, "gpu-nodes").Add(collector, "gpu-collector");
        foreach (var info in MetricsPage.Read(agent).Where(static sample => sample.Name == "gpu_info"))
            day.Add("gpu_job_info", new Dictionary<string, string>
            {
                ["cluster"] = info.Labels["cluster"], ["node"] = info.Labels["node"], ["gpu"] = info.Labels["gpu"], ["uuid"] = info.Labels["uuid"],
                ["job_id"] = "4711", ["job_name"] = "train", ["user"] = "ada", ["scheduler"] = "slurm",
            }, static minute => HealthyDay.IsHeldAt(minute) ? 1 : double.NaN);
        return day
            .Add("up", new Dictionary<string, string> { ["job"] = "gpu-nodes", ["cluster"] = "demo", ["node"] = "node-1", ["instance"] = "node-1" }, static _ => 1)
            .Add("up", new Dictionary<string, string> { ["job"] = "gpu-collector", ["instance"] = "collector:9461" }, static _ => 1);
    }

    private static async Task<(int Code, string Output)> RunAsync(string promtool, HealthyDay day, params string[] alerts)
    {
        var names = alerts.Length > 0 ? alerts : ShippedRules.Names.Where(static name => name != "Watchdog");
        var folder = Directory.CreateTempSubdirectory("healthy-day-");
        var file = Path.Combine(folder.FullName, "day.yaml");
        string[] rules = [ShippedRules.At("prometheus", "gpu-recording.rules.yaml"), ShippedRules.At("prometheus", "gpu-alerts.rules.yaml")];
        await File.WriteAllTextAsync(file, day.TestFile(rules, ShippedRules.Groups, s_interval, names));
        var result = await ChildProcess.RunAsync(promtool, ["test", "rules", file], "", s_patience);
        folder.Delete(recursive: true);
        return result;
    }
}
