using FluentAssertions;
using Monitoring.Agent.Sampling;
using Xunit;

namespace Monitoring.Tests.Agent.Sampling;

public sealed class NodeFramesTests
{
    private readonly ManualTimeProvider time = new();
    private readonly NodeReadings readings = new();
    private readonly List<NodeReading> stuck = [];

    public NodeFramesTests()
    {
        readings.Add(MetricTable.Devices, static () => 7);
        readings.Add(MetricTable.DriverCallStuck, () => [.. stuck]);
    }

    [Fact]
    public void A_frame_holds_every_series_of_the_metrics_that_are_asked_for()
    {
        stuck.Add(new NodeReading(3.5, "0", "GPU-0", "nvml"));
        var frames = new NodeFrames(readings);

        var stamp = frames.Read([MetricTable.Devices, MetricTable.DevicesExpected, MetricTable.DriverCallStuck], time);

        stamp.Number.Should().Be(0);
        frames.Layout.Series.Select(static series => series.ToString()).Should().Equal(
            "gpu_devices", "gpu_agent_driver_call_stuck_seconds{gpu=\"0\",uuid=\"GPU-0\",collector=\"nvml\"}");
        frames.Values.ToArray().Should().Equal(7, 3.5);
    }

    [Fact]
    public void The_layout_is_made_anew_only_when_the_series_change()
    {
        stuck.Add(new NodeReading(0, "0", "GPU-0", "nvml"));
        stuck.Add(new NodeReading(1, "1", "GPU-1", "nvml"));
        var frames = new NodeFrames(readings);
        NodeMetric[] metrics = [MetricTable.DriverCallStuck, MetricTable.Devices];
        frames.Read(metrics, time);
        var first = frames.Layout;

        stuck[1] = stuck[1] with { Value = 9 };
        frames.Read(metrics, time).Number.Should().Be(1);
        frames.Layout.Should().BeSameAs(first);
        frames.Values.ToArray().Should().Equal(0, 9, 7);

        stuck.RemoveAt(0);
        frames.Read(metrics, time);
        frames.Layout.Series.Select(static series => series.ToString()).Should().Equal(
            "gpu_agent_driver_call_stuck_seconds{gpu=\"1\",uuid=\"GPU-1\",collector=\"nvml\"}", "gpu_devices");
        frames.Values.ToArray().Should().Equal(9, 7);
    }
}
