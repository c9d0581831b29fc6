using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Nvml;
using Monitoring.Agent.Sampling;
using Monitoring.Simulator;
using Monitoring.Tests.Agent.Detection.Sources;
using Xunit;

namespace Monitoring.Tests.Agent.Sampling;

[Collection(SimulatedDriverTests.Name)]
public sealed class NodeSamplerTests
{
    [Fact]
    public void The_number_of_gpus_is_not_shown_while_the_inventory_hangs()
    {
        using var driver = new SimulatedDriver("h100", 2);
        var node = Start(driver);
        try
        {
            Eventually.Holds("both GPUs are counted", () => node.DeviceCount == 2);
            node.Clock.Enter(NvmlCall.DeviceGetCount_v2);
            driver.Time.Advance(TimeSpan.FromSeconds(3));
            node.DeviceCount.Should().Be(double.NaN);
        }
        finally
        {
            node.Stop();
        }
    }

    [Fact]
    public void A_gpu_that_cannot_say_who_it_is_is_not_opened_for_good()
    {
        using var driver = new SimulatedDriver("h100", 1);
        driver.Node.Gpus[0].SetResult("nvmlDeviceGetUUID", DriverResult.Timeout);
        var node = Start(driver);
        try
        {
            Eventually.Holds("the GPU is read", () => node.Lanes is [{ Ticks: > 0 }]);
            node.Lanes[0].Identity.Should().BeNull("its UUID would be missing until the agent is restarted");
        }
        finally
        {
            node.Stop();
        }
    }

    [Fact]
    public void A_thread_that_makes_driver_calls_is_alive_however_long_its_round_takes()
    {
        var time = new ManualTimeProvider();
        var settings = new SamplingSettings();
        var node = new NodeSampler("test", "node-1", new DeviceSettings(), settings, time, NullLogger<NodeSampler>.Instance);
        var lanes = new SupervisedLanes(node, settings, time, NullLogger<SupervisedLanes>.Instance);
        for (var second = 0; second < 60; second++)
        {
            lanes.Look().Should().BeTrue();
            node.Clock.Enter(NvmlCall.Init_v2);
            time.Advance(TimeSpan.FromSeconds(1));
            node.Clock.Leave();
        }
        time.Advance(TimeSpan.FromMinutes(1));
        lanes.Look();
        time.Advance(TimeSpan.FromMinutes(1));
        lanes.Look().Should().BeFalse("nothing has moved for a minute");
    }

    [Fact]
    public void A_gpu_that_left_the_bus_is_expected_by_the_next_agent_until_a_person_settles_on_fewer()
    {
        using var driver = new SimulatedDriver("h100", 2);
        using var tree = new FileTree();
        OnBus("0000:1b:00.0");
        OnBus("0000:c3:00.0");
        var ledger = new CounterLedger(driver.Time);
        Expected().Should().Be(2);
        tree.Delete("bus/pci/devices/0000:c3:00.0");
        ledger = Restarted();
        Expected().Should().Be(2);
        Expected(configured: 5).Should().Be(5, "what is configured wins");

        Expected(settle: true).Should().Be(1);
        ledger = Restarted();
        Expected().Should().Be(1);

        double Expected(bool settle = false, int configured = 0)
        {
            var devices = new DeviceSettings { NvmlLibrary = driver.Node.LibraryPath, Sysfs = tree.Root, ExpectedCount = configured };
            var node = new NodeSampler("test", "node-1", devices, driver.Settings, driver.Time, NullLogger<NodeSampler>.Instance, ledger);
            node.Start();
            Eventually.Holds("the inventory was taken", () => node.Rounds > 0);
            if (settle) node.SettleDevices();
            node.Stop();
            return node.DevicesExpected;
        }

        CounterLedger Restarted()
        {
            var next = new CounterLedger(driver.Time);
            next.Restore(ledger.Save("boot-1", TimeSpan.Zero), "boot-2");
            return next;
        }

        void OnBus(string address)
        {
            tree.Write($"bus/pci/devices/{address}/vendor", "0x10de");
            tree.Write($"bus/pci/devices/{address}/class", "0x030200");
        }
    }

    private static NodeSampler Start(SimulatedDriver driver)
    {
        var node = new NodeSampler("test", "node-1", new DeviceSettings { NvmlLibrary = driver.Node.LibraryPath }, driver.Settings, driver.Time, NullLogger<NodeSampler>.Instance);
        node.Start();
        return node;
    }
}
