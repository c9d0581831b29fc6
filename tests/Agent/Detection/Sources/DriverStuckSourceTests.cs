using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Sources;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Nvml;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;
using Monitoring.Tests.Agent.Sampling;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Sources;

[Collection(SimulatedDriverTests.Name)]
public sealed class DriverStuckSourceTests
{
    [Fact]
    public void A_call_that_does_not_come_back_starts_an_incident_that_ends_when_it_does()
    {
        var time = new ManualTimeProvider();
        var settings = new SamplingSettings();
        var node = new NodeSampler("test", "node-1", new DeviceSettings(), settings, time, NullLogger<NodeSampler>.Instance);
        var lanes = new SupervisedLanes(node, settings, time, NullLogger<SupervisedLanes>.Instance);
        var queue = new SightingQueue();
        var source = new DriverStuckSource(lanes, time);
        source.Start(queue, cursor: null);
        node.Clock.Enter(NvmlCall.DeviceGetCount_v2);
        time.Advance(TimeSpan.FromSeconds(3));
        lanes.Look();
        lanes.Look();
        time.Advance(TimeSpan.FromSeconds(40));
        lanes.Look();
        node.Clock.Leave();
        lanes.Look();
        source.Stop();

        var seen = Taken(queue);
        seen.Select(static sighting => sighting.Title).Should().Equal(
            "The inventory of GPUs is stuck in nvmlDeviceGetCount_v2 for 3 s", "The inventory of GPUs answers again after 43 s in nvmlDeviceGetCount_v2");
        seen.Select(static sighting => sighting.Phase).Should().Equal(EventPhase.Started, EventPhase.Ended);
        seen[1].Incident.Should().Be(seen[0].Key);
        seen.Should().OnlyContain(static sighting => sighting.Kind == EventKinds.DriverStuck && sighting.Gpu == null && sighting.Details!["call"] == "nvmlDeviceGetCount_v2");
    }

    [Fact]
    public void A_stuck_gpu_is_named()
    {
        using var driver = new SimulatedDriver("h100", 2);
        var registrations = driver.Node.CallsOf("nvmlDeviceRegisterEvents");
        using var node = new RunningSampler(driver);
        var lanes = new SupervisedLanes(node.Sampler, driver.Settings, driver.Time, NullLogger<SupervisedLanes>.Instance);
        var queue = new SightingQueue();
        var source = new DriverStuckSource(lanes, driver.Time);
        source.Start(queue, cursor: null);
        Eventually.Holds("both GPUs are read, and asked for their events", () => node.Sampler.Lanes is [{ Ticks: > 0 }, { Ticks: > 0 }] && driver.Node.CallsOf("nvmlDeviceRegisterEvents") == registrations + 2);
        lanes.Look();
        driver.Node.Gpus[1].Hang = true;
        try
        {
            Eventually.Holds("GPU 1 is stuck", () =>
            {
                driver.Time.Advance(TimeSpan.FromMilliseconds(100));
                lanes.Look();
                return lanes.All.Single(static lane => lane.Gpu == "1").Watch.Stuck > TimeSpan.Zero;
            });
            lanes.Look();
        }
        finally
        {
            driver.Node.Gpus[1].Hang = false;
        }
        Eventually.Holds("GPU 1 answers again", () =>
        {
            lanes.Look();
            return lanes.All.Single(static lane => lane.Gpu == "1").Watch.Stuck == TimeSpan.Zero;
        });
        lanes.Look();
        source.Stop();
        var seen = Taken(queue).Where(static sighting => sighting.Gpu?.Index == 1).ToList();
        seen[0].Gpu!.Uuid.Should().Be(driver.Node.Gpus[1].Uuid);
        seen[0].Title.Should().StartWith("GPU 1 is stuck in nvml");
        seen[1].Incident.Should().Be(seen[0].Key);
    }

    private static List<Sighting> Taken(SightingQueue queue)
    {
        List<Sighting> taken = [];
        while (queue.TryTake(out var item)) taken.Add((Sighting)item);
        return taken;
    }
}
