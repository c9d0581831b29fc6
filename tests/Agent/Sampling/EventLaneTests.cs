using System.Collections.Concurrent;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Detection.Sources;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Sampling;
using Monitoring.Simulator;
using Xunit;

namespace Monitoring.Tests.Agent.Sampling;

[Collection(SimulatedDriverTests.Name)]
public sealed class EventLaneTests
{
    private readonly ConcurrentQueue<DriverEvent> seen = new();

    [Fact]
    public void An_event_of_the_driver_is_told_with_its_gpu_and_counted()
    {
        using var driver = new SimulatedDriver("h100", 2);
        using var node = Started(driver);
        driver.Node.Gpus[1].RaiseEvent(GpuEventType.Xid, 79, gpuInstanceId: 3, computeInstanceId: 0);
        Eventually.Holds("the event is told", () => seen.Count == 1);

        var told = seen.Single();
        told.Type.Should().Be(DriverEventType.Xid);
        told.Data.Should().Be(79);
        told.Gpu!.Uuid.Should().Be(driver.Node.Gpus[1].Uuid);
        (told.GpuInstance, told.ComputeInstance).Should().Be((3, 0));
        told.Time.Should().Be(driver.Time.GetUtcNow());
        node.Sampler.DriverEvents.Count(told.Gpu.Uuid, DriverEventType.Xid).Should().Be(1);
        node.Sampler.DriverEvents.Count(driver.Node.Gpus[0].Uuid, DriverEventType.Xid).Should().Be(0);
    }

    [Fact]
    public void Gpus_whose_driver_lacks_the_newer_types_tell_the_others()
    {
        using var driver = new SimulatedDriver("t4", 1);
        using var node = Started(driver);
        driver.Node.Gpus[0].RaiseEvent(GpuEventType.DoubleBitEcc);
        Eventually.Holds("the event is told", () => seen.Count == 1);
        seen.Single().Type.Should().Be(DriverEventType.DoubleBitEcc);
    }

    [Fact]
    public void A_lost_gpu_leaves_the_set_and_the_others_go_on_telling()
    {
        using var driver = new SimulatedDriver("h100", 2);
        using var node = Started(driver);
        driver.Node.Gpus[0].RaiseEvent(GpuEventType.Xid, 79);
        // A wait for events of a lost GPU comes back with that and with nothing else.
        Eventually.Holds("the event is told", () => seen.Count == 1);
        driver.Node.Gpus[0].IsLost = true;
        Eventually.Holds("the GPU is lost", () => node.Sampler.Lanes is [{ IsLost: true }, _]);

        Eventually.Holds("the other GPU tells", () =>
        {
            driver.Node.Gpus[1].RaiseEvent(GpuEventType.Xid, 31);
            return seen.Any(static told => told.Data == 31);
        });
        seen.First(static told => told.Data == 31).Gpu!.Index.Should().Be(1);
    }

    [Fact]
    public void Events_are_told_again_after_the_driver_was_reloaded()
    {
        using var driver = new SimulatedDriver("h100", 1, new SamplingSettings { SlowInterval = TimeSpan.FromSeconds(1) });
        using var node = Started(driver);
        driver.Node.IsDriverLoaded = false;
        Eventually.Holds("the driver is gone", () => node.Sampler.Lanes.Length == 0 && node.Sampler.EventLanes.Length == 0);
        driver.Node.IsDriverLoaded = true;
        Eventually.Holds("an event of the new driver is told", () =>
        {
            driver.Node.Gpus[0].RaiseEvent(GpuEventType.Xid, 48);
            return !seen.IsEmpty;
        });
    }

    [Fact]
    public void A_gpu_that_hangs_from_the_start_does_not_keep_the_others_from_telling()
    {
        using var driver = new SimulatedDriver("h100", 2);
        driver.Node.Gpus[0].Hang = true;
        try
        {
            using var node = new RunningSampler(driver, seen.Enqueue);
            Eventually.Holds("the GPU that does not hang is read", () => node.Sampler.Lanes is [_, { Ticks: > 0 }]);
            Eventually.Holds("the GPU that does not hang tells", () =>
            {
                driver.Node.Gpus[1].RaiseEvent(GpuEventType.Xid, 13);
                return !seen.IsEmpty;
            });
            driver.Node.Gpus[0].Hang = false;
        }
        finally
        {
            driver.Node.Gpus[0].Hang = false;
        }
    }

    [Fact]
    public void A_gpu_that_hangs_while_it_is_asked_for_its_events_does_not_keep_the_others_from_telling()
    {
        using var driver = new SimulatedDriver("h100", 3, new SamplingSettings { SlowInterval = TimeSpan.FromSeconds(1) });
        driver.Node.Gpus[1].SetFunctionHang("nvmlDeviceRegisterEvents", true);
        try
        {
            using var node = new RunningSampler(driver, seen.Enqueue);
            var lanes = new SupervisedLanes(node.Sampler, driver.Settings, driver.Time, NullLogger<SupervisedLanes>.Instance);
            var stuck = new ConcurrentQueue<StuckCall>();
            lanes.Listener = stuck.Enqueue;
            Eventually.Holds("the GPU that hangs holds the lane", () => node.Sampler.EventLanes is [{ Registering.Index: 1 }]);
            lanes.Look();

            driver.Time.Advance(driver.Settings.CallDeadline * 2);
            lanes.Look();
            Eventually.Holds("another lane takes over", () => Passes() && node.Sampler.EventLanes is [{ IsAskedToEnd: true }, { Registering: null, Rounds: > 0 }]);
            Eventually.Holds("both others tell", () =>
            {
                driver.Node.Gpus[0].RaiseEvent(GpuEventType.Xid, 13);
                driver.Node.Gpus[2].RaiseEvent(GpuEventType.Xid, 13);
                return seen.Select(static told => told.Gpu!.Index).Distinct().Count() == 2;
            });
            lanes.Look();
            lanes.All.Select(static lane => lane.Gpu).Should().Equal("node", "0", "1", "2", "events", "events-2");
            stuck.Where(OfTheFirst).Should().ContainSingle().Which.Should().BeEquivalentTo(new { Gpu = "events", Identity = new { Index = 1 }, Call = "nvmlDeviceRegisterEvents", IsStuck = true });

            driver.Node.Gpus[1].SetFunctionHang("nvmlDeviceRegisterEvents", false);
            Eventually.Holds("the GPU tells too, and the lane that it held has ended", () =>
            {
                Passes();
                driver.Node.Gpus[1].RaiseEvent(GpuEventType.Xid, 94);
                return node.Sampler.EventLanes.Length == 1 && seen.Any(static told => told.Data == 94);
            });
            lanes.Look();
            stuck.Where(OfTheFirst).Should().HaveCount(2).And.Subject.Last().Should().BeEquivalentTo(new { Gpu = "events", Identity = new { Index = 1 }, IsStuck = false });
        }
        finally
        {
            driver.Node.Gpus[1].SetFunctionHang("nvmlDeviceRegisterEvents", false);
        }

        // The test moves the clock so fast that a wait for events may look stuck.
        static bool OfTheFirst(StuckCall call) => call.Gpu == "events";

        bool Passes()
        {
            driver.Time.Advance(driver.Settings.CallDeadline * 2);
            return true;
        }
    }

    [Theory]
    [InlineData(DriverResult.NotSupported)]
    [InlineData(DriverResult.FunctionNotFound)]
    public void When_every_gpu_refuses_to_tell_its_events_that_is_a_trouble_until_one_tells(DriverResult refusal)
    {
        using var driver = new SimulatedDriver("h100", 2);
        foreach (var gpu in driver.Node.Gpus) gpu.SetResult("nvmlDeviceRegisterEvents", refusal);
        using var node = new RunningSampler(driver);
        Eventually.Holds("it is a trouble", () => node.Sampler.EventTrouble.StartsWith("no GPU tells events: ", StringComparison.Ordinal));
        node.Sampler.Trouble.Should().BeEmpty("the GPUs are read");
        new NvmlEventSource(node.Sampler, driver.Time).Trouble.Should().Be(node.Sampler.EventTrouble);

        driver.Node.Gpus[1].SetResult("nvmlDeviceRegisterEvents", DriverResult.Normal);
        driver.Time.Advance(TimeSpan.FromSeconds(11));
        Eventually.Holds("one tells", () => node.Sampler.EventTrouble.Length == 0);
    }

    [Fact]
    public void A_storm_of_events_that_are_only_counted_is_no_longer_asked_for()
    {
        using var driver = new SimulatedDriver("h100", 1);
        using var node = Started(driver);
        Eventually.Holds("the set of events is made anew", () =>
        {
            for (var i = 0; i < 50; i++) driver.Node.Gpus[0].RaiseEvent(GpuEventType.Clock);
            return driver.Node.CallsOf("nvmlEventSetFree") > 0;
        });
        Eventually.Holds("the XID is told", () =>
        {
            driver.Node.Gpus[0].RaiseEvent(GpuEventType.Clock);
            driver.Node.Gpus[0].RaiseEvent(GpuEventType.Xid, 13);
            return seen.Any(static told => told.Type == DriverEventType.Xid);
        });
        seen.SkipWhile(static told => told.Type != DriverEventType.Xid).Should().NotContain(static told => told.Type == DriverEventType.Clock);
    }

    [Fact]
    public void System_events_are_told_without_a_gpu()
    {
        using var driver = new SimulatedDriver("b200", 1);
        using var node = Started(driver);
        driver.Node.RaiseSystemEvent(isBind: false, driver.Node.Gpus[0]);
        Eventually.Holds("the event is told", () => seen.Count == 1);
        seen.Single().Should().Match<DriverEvent>(static told => told.Type == DriverEventType.DriverUnbind && told.Gpu == null);
    }

    private RunningSampler Started(SimulatedDriver driver)
    {
        var registrations = driver.Node.CallsOf("nvmlDeviceRegisterEvents");
        var node = new RunningSampler(driver, seen.Enqueue);
        Eventually.Holds("every GPU is asked for events", () => driver.Node.CallsOf("nvmlDeviceRegisterEvents") == registrations + driver.Node.Gpus.Count);
        return node;
    }
}

/// <summary>The inventory, the lanes and the event lane over a simulated driver, until disposed.</summary>
internal sealed class RunningSampler : IDisposable
{
    internal RunningSampler(SimulatedDriver driver, Action<DriverEvent>? listener = null, string sysfs = "/nowhere")
    {
        Sampler = new NodeSampler("test", "node-1", new DeviceSettings { NvmlLibrary = driver.Node.LibraryPath, Sysfs = sysfs }, driver.Settings, driver.Time, NullLogger<NodeSampler>.Instance);
        Sampler.DriverEvents.Listener = listener;
        Sampler.Start();
    }

    internal NodeSampler Sampler { get; }

    public void Dispose() => Sampler.Stop();
}
