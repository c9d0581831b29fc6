using FluentAssertions;
using Monitoring.Agent.Detection.Rules.Files;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Rules.Files;

/// <summary>Sound nodes of every kind live through a job under all shipped rules, and nobody is told anything.</summary>
public sealed class HealthyFleetTests
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(95);

    [Theory]
    [InlineData(nameof(Boards.T4), 1)]
    [InlineData(nameof(Boards.A100), 1)]
    [InlineData(nameof(Boards.H100), 4)]
    [InlineData(nameof(Boards.B200), 1)]
    [InlineData(nameof(Boards.Geforce), 1)]
    [InlineData(nameof(Boards.H100Mig), 1)]
    public void A_sound_node_fires_nothing(string board, int gpus)
    {
        var kind = Boards.Of(board);
        var harness = new RuleHarness([.. RuleFiles.Load([ShippedRules.File]).Rules]);
        var node = new HealthyNode(harness, kind, gpus);

        harness.Run(Life, node.Live);

        harness.Log.Should().BeEmpty();
    }

    [Fact]
    public void A_node_that_boots_fires_nothing()
    {
        // The driver is loaded two minutes after the agent, GPU by GPU; Fabric Manager needs two more.
        var harness = new RuleHarness([.. RuleFiles.Load([ShippedRules.File]).Rules]);
        harness.SetNode("gpu_devices", 0).SetNode("gpu_devices_expected", 8).SetNode("gpu_service_active{service=\"nvidia-fabricmanager\"}", 0);
        harness.Run(TimeSpan.FromMinutes(2));
        harness.SetNode("gpu_devices", 8);
        for (var gpu = 0; gpu < 8; gpu++)
        {
            harness.Set("gpu_fabric_state{state=\"not_started\"}", 1, gpu).Set("gpu_fabric_state{state=\"completed\"}", 0, gpu).Set("gpu_memory_used_bytes", 6e8, gpu).Set("gpu_processes", 0, gpu);
            for (var link = 0; link < 18; link++) harness.Set($"gpu_nvlink_up{{link=\"{link}\"}}", 0, gpu);
            harness.Run(TimeSpan.FromSeconds(5));
        }
        harness.Run(TimeSpan.FromMinutes(2));
        harness.SetNode("gpu_service_active{service=\"nvidia-fabricmanager\"}", 1);
        for (var gpu = 0; gpu < 8; gpu++)
        {
            harness.Set("gpu_fabric_state{state=\"not_started\"}", 0, gpu).Set("gpu_fabric_state{state=\"completed\"}", 1, gpu);
            for (var link = 0; link < 18; link++) harness.Set($"gpu_nvlink_up{{link=\"{link}\"}}", 1, gpu);
            harness.Run(TimeSpan.FromSeconds(5));
        }
        harness.Run(TimeSpan.FromMinutes(20));

        harness.Log.Should().BeEmpty();
    }

    [Fact]
    public void Xids_that_ask_for_nothing_fire_nothing()
    {
        var harness = new RuleHarness([.. RuleFiles.Load([ShippedRules.File]).Rules]);
        harness.Set("gpu_utilization_ratio", 0.9).Run(1);
        foreach (var code in new[] { 13, 31, 32, 37, 43, 45, 63, 68, 121, 154, 162, 999 }) harness.Publish(EventKinds.Xid, code, severity: EventSeverity.Info);
        harness.Publish(EventKinds.Xid, 149, severity: EventSeverity.Info);
        harness.Publish(EventKinds.Sxid, 11004, gpu: null, severity: EventSeverity.Info);
        harness.Run(TimeSpan.FromMinutes(30));

        harness.Log.Should().BeEmpty();
    }
}
