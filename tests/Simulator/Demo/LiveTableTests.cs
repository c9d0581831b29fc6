using FluentAssertions;
using Monitoring.Contracts.Events;
using Monitoring.Simulator.Demo;
using Xunit;

namespace Monitoring.Tests.Simulator.Demo;

/// <summary>What the demo prints every few seconds, from a page to its line.</summary>
public sealed class LiveTableTests
{
    [Fact]
    public void A_page_becomes_a_summary()
    {
        var summary = NodeSummary.From(MetricsPage.Read("""
            gpu_power_watts{gpu="0"} 300
            gpu_power_watts{gpu="1"} 500
            gpu_utilization_ratio{gpu="0"} 0.2
            gpu_utilization_ratio{gpu="1"} 0.6
            gpu_utilization_ratio{gpu="1",mig_gi="3",mig_ci="0"} 1
            gpu_temperature_celsius{gpu="0",sensor="gpu"} 61
            gpu_temperature_celsius{gpu="0",sensor="memory"} 90
            gpu_throttle_active{gpu="0",reason="hw_thermal"} 1
            gpu_throttle_active{gpu="0",reason="sw_thermal"} 1
            gpu_throttle_active{gpu="1",reason="sw_power_cap"} 1
            gpu_throttle_active{gpu="1",reason="hw_slowdown"} 0
            gpu_agent_driver_call_stuck_seconds{gpu="0",collector="fast"} 0
            gpu_agent_driver_call_stuck_seconds{gpu="1",collector="fast"} 2.5
            gpu_health_state{gpu="0",component="thermal",state="degraded"} 1
            gpu_health_state{gpu="0",component="memory",state="unhealthy"} 0
            gpu_health_state{gpu="node",component="driver",state="healthy"} 1
            """));

        summary.Should().Be(new NodeSummary(
            Gpus: 2, UtilizationRatio: 0.4, PowerWatts: 800, HottestCelsius: 61, ThrottledGpus: 1, StuckLanes: 1, Health: "degraded", Series: 16));
    }

    [Fact]
    public void What_a_page_does_not_say_is_not_zero() =>
        NodeSummary.From([]).Should().Be(new NodeSummary(0, null, null, null, 0, 0, "", 0));

    [Fact]
    public void The_table_reads_well() => GoldenFile.Check("demo-table.txt", LiveTable.Render(
        new DateTimeOffset(2026, 11, 21, 9, 5, 3, TimeSpan.Zero),
        [
            ("demo-node-1", new NodeSummary(8, 0.714, 4212.4, 71.2, 1, 0, "unhealthy", 1912)),
            ("demo-node-2", new NodeSummary(7, null, null, null, 0, 1, "", 96)),
            ("demo-node-10", null),
        ],
        gpusPerNode: 8,
        [
            Event(4, 3, "hw_thermal_slowdown on GPU 3 ended after 9.7s", EventPhase.Ended),
            Event(2, null, new string('x', 200), EventPhase.Started),
        ]));

    private static EventRecord Event(int second, int? gpu, string title, EventPhase phase) => new()
    {
        Id = EventId.Of(title),
        Time = new DateTimeOffset(2026, 11, 21, 9, 5, second, TimeSpan.Zero),
        Node = "demo-node-1",
        Gpu = gpu is null ? null : new GpuReference(gpu),
        Kind = EventKinds.Anomaly,
        Severity = EventSeverity.Critical,
        Phase = phase,
        Title = title,
    };
}
