using FluentAssertions;
using Monitoring.Agent.Exposition;
using Monitoring.Simulator;
using Monitoring.Simulator.Demo;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>How many series a GPU has on the page of a whole agent with its shipped rules: those of its sampling, events, health and lane together.</summary>
public sealed class SeriesBudgetTests
{
    private const int SeriesAtMost = 250;
    private const int Links = 18;

    [Theory]
    [InlineData("h100")]
    [InlineData("b200")]
    public async Task A_gpu_keeps_to_its_budget_of_series(string profile)
    {
        await using var agent = new RunningAgent();
        agent.CreateNode(gpus: 2, profile: profile);
        await agent.StartAsync();

        var page = await agent.UntilAsync("everything is there", IsComplete);

        var ofGpu = page.Where(static sample => sample.Labels.GetValueOrDefault("gpu") == "1").ToArray();
        ofGpu.Count(static sample => sample.Name == "gpu_nvlink_up").Should().Be(Links);
        ofGpu.Count(static sample => sample.Name == "gpu_xid_events_total").Should().BeGreaterThan(20, "each code that rules look for stands at 0 from the start");
        ofGpu.Where(static sample => sample.Name == "gpu_nvlink_errors_total").Should().OnlyHaveUniqueItems(static sample => sample.Labels["type"]).And.OnlyContain(static sample => !sample.Labels.ContainsKey("link"));
        ofGpu.Should().HaveCountLessThanOrEqualTo(SeriesAtMost, "that is the budget of docs/metrics.md");
        if (profile == "h100") ofGpu.Should().HaveCount(MetricDocument.SeriesOfH100, "docs/metrics.md says so");
    }

    [Fact]
    public async Task Errors_of_each_link_are_exported_for_whoever_asks()
    {
        await using var agent = new RunningAgent();
        var node = agent.CreateNode(gpus: 1);
        node.Gpus[0].AddLinkErrors(3, LinkError.Replay, 7);
        await agent.StartAsync("  per_link_errors: true");

        var page = await agent.UntilAsync("the slow tier was read", static page => page.Any(static sample => sample.Name == "gpu_nvlink_errors_total"));

        page.Where(static sample => sample.Name == "gpu_nvlink_errors_total").Select(static sample => sample.Labels["link"]).Distinct().Should().HaveCount(Links);
        page.Single(static sample => sample.Name == "gpu_nvlink_errors_total" && sample.Labels["link"] == "3" && sample.Labels["type"] == "replay").Value.Should().Be(7);
    }

    private static bool IsComplete(IReadOnlyList<MetricSample> page) =>
        new[] { "gpu_nvlink_errors_total", "gpu_tensor_active_ratio", "gpu_health_state", "gpu_anomalies_total", "gpu_xid_events_total", "gpu_rule_state", "gpu_power_watts_max" }
            .All(name => page.Any(sample => sample.Name == name && (name == "gpu_rule_state" || sample.Labels["gpu"] == "1")));
}
