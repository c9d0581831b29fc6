using FluentAssertions;
using Monitoring.Simulator.Incidents;
using Xunit;
using static Monitoring.Tests.Simulator.NvmlClient;

namespace Monitoring.Tests.Simulator;

public sealed unsafe class IncidentTests
{
    [Fact]
    public void Every_promised_incident_is_registered() => IncidentKind.All.Select(kind => kind.Name).Should().Equal(
        "ecc_burst", "fabric_manager_down", "hang", "infiniband_flap", "memory_leak", "nvlink_errors", "pcie_degraded", "power_brake", "row_remap_pending", "straggler", "thermal_throttle", "xid_79");

    [Fact]
    public void Every_incident_starts_with_its_defaults_ends_by_itself_and_leaves_a_gpu_that_answers()
    {
        foreach (var kind in IncidentKind.All)
        {
            using var test = new NodeUnderTest();
            var handle = test.Handle;
            test.Node.StartIncident(kind.Name, 0, TimeSpan.FromSeconds(2));
            test.Node.Advance(TimeSpan.FromSeconds(1));
            test.Node.Incidents.Should().ContainSingle().Which.Kind.Should().Be(kind);
            test.Node.Advance(TimeSpan.FromSeconds(2));
            test.Node.Incidents.Should().BeEmpty(kind.Name);
            test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", handle).Result.Should().Be(Success, kind.Name);
        }
    }

    [Fact]
    public void Bad_cooling_heats_the_gpu_until_software_and_hardware_lower_its_clocks()
    {
        using var test = new NodeUnderTest();
        test.Node.Advance(TimeSpan.FromSeconds(60));
        test.Gpu.TemperatureCelsius.Should().BeLessThan(75);
        test.Node.StartIncident("thermal_throttle", 0, parameters: [new("resistance", "4")]);
        ulong reasons = 0;
        var hottest = 0;
        for (var second = 0; second < 40; second++)
        {
            test.Node.Advance(TimeSpan.FromSeconds(1));
            reasons |= test.Gpu.ClockEventReasons;
            hottest = Math.Max(hottest, test.Gpu.TemperatureCelsius!.Value);
        }
        (reasons & 0x68).Should().Be(0x68, "software thermal, hardware thermal and hardware slowdown were seen");
        hottest.Should().BeInRange(86, 105);
        test.Gpu.SmClockMegahertz.Should().BeLessThan(1700);
        var counters = test.Nvml.ReadFields(test.Handle, (75, 0), (269, 0), (270, 0));
        counters.Should().OnlyContain(field => field.Result == Success && field.Value > 1_000_000_000);

        test.Node.StopIncident("thermal_throttle", 0).Should().BeTrue();
        test.Node.Advance(TimeSpan.FromSeconds(120));
        (test.Gpu.ClockEventReasons & 0x60).Should().Be(0);
        test.Gpu.SmClockMegahertz.Should().BeGreaterThan(1900);
    }

    [Fact]
    public void A_bad_contact_takes_lanes_and_counts_replays_until_it_is_gone()
    {
        using var test = new NodeUnderTest();
        var (lanes, replays) = (test.Gpu.PcieWidthLanes, test.Nvml.ReadUInt("nvmlDeviceGetPcieReplayCounter", test.Handle).Value);
        test.Node.StartIncident("pcie_degraded", 0, parameters: [new("lanes", "4"), new("replays_per_second", "10")]);
        test.Node.Advance(TimeSpan.FromSeconds(5));

        test.Nvml.ReadUInt("nvmlDeviceGetCurrPcieLinkWidth", test.Handle).Value.Should().Be(4);
        test.Nvml.ReadUInt("nvmlDeviceGetPcieReplayCounter", test.Handle).Value.Should().Be(replays + 50);

        test.Node.StopIncident("pcie_degraded", 0).Should().BeTrue();
        test.Gpu.PcieWidthLanes.Should().Be(lanes).And.BeGreaterThan(4);
    }

    [Fact]
    public void A_power_brake_drops_clocks_and_power_at_once()
    {
        using var test = new NodeUnderTest();
        test.Node.Advance(TimeSpan.FromSeconds(5));
        test.Node.StartIncident("power_brake", 0);
        test.Node.Advance(TimeSpan.FromSeconds(2.5));
        (test.Gpu.ClockEventReasons & 0x88).Should().Be(0x88);
        test.Gpu.SmClockMegahertz.Should().BeLessThanOrEqualTo(495);
        test.Gpu.PowerMilliwatts.Should().BeLessThan(250_000);
        test.Nvml.ReadFields(test.Handle, (271, 0))[0].Value.Should().BeInRange(2_400_000_000, 2_600_000_000);
    }

    [Fact]
    public void An_ecc_burst_counts_errors_and_an_uncorrected_one_raises_xid_48()
    {
        using var test = new NodeUnderTest();
        nint set = 0;
        test.Nvml.Call("nvmlEventSetCreate", (nint)(&set));
        test.Nvml.Call("nvmlDeviceRegisterEvents", test.Handle, 8, set).Should().Be(Success);
        test.Node.StartIncident("ecc_burst", 0, parameters: [new("per_second", "100"), new("uncorrected", "2")]);
        test.Node.Advance(TimeSpan.FromSeconds(2));
        foreach (var counter in new[] { 0, 1 })
        {
            Errors(test, type: 0, counter, location: 2).Should().Be(200);
            Errors(test, type: 1, counter, location: 2).Should().Be(2);
        }
        var data = new byte[32];
        fixed (byte* record = data) test.Nvml.Call("nvmlEventSetWait_v2", set, (nint)record, 0).Should().Be(Success);
        BitConverter.ToUInt64(data, 16).Should().Be(48);
        test.Nvml.Call("nvmlEventSetFree", set);
    }

    [Fact]
    public void A_row_that_waits_for_a_reset_is_pending_with_a_recovery_action()
    {
        using var test = new NodeUnderTest();
        test.Node.StartIncident("row_remap_pending", 0);
        test.Nvml.ReadFields(test.Handle, (143, 0), (144, 0), (145, 0), (230, 0)).Select(field => field.Value).Should().Equal(1, 1, 0, 1);
        var histogram = new byte[20];
        test.Nvml.Call("nvmlDeviceGetRowRemapperHistogram", test.Handle, histogram).Should().Be(Success);
        (BitConverter.ToUInt32(histogram), BitConverter.ToUInt32(histogram, 4)).Should().Be((2559u, 1u));
        test.Node.StopIncident("row_remap_pending", 0);
        test.Nvml.ReadFields(test.Handle, (143, 0), (144, 0), (230, 0)).Select(field => field.Value).Should().Equal(1, 0, 0);
    }

    [Fact]
    public void Before_ampere_a_page_is_retired_instead_of_a_row_remapped()
    {
        using var test = new NodeUnderTest("t4", gpus: 1);
        test.Node.StartIncident("row_remap_pending", 0);
        test.Nvml.ReadFields(test.Handle, (30, 0), (31, 0), (143, 0)).Select(field => (field.Result, field.Value)).Should().Equal((0, 1), (0, 1), (NotSupported, 0));
    }

    [Fact]
    public void Xid_79_comes_first_and_the_loss_after_it()
    {
        using var test = new NodeUnderTest();
        var handle = test.Handle;
        nint set = 0;
        test.Nvml.Call("nvmlEventSetCreate", (nint)(&set));
        test.Nvml.Call("nvmlDeviceRegisterEvents", handle, 8, set);
        test.Node.StartIncident("xid_79", 0);
        var data = new byte[32];
        fixed (byte* record = data) test.Nvml.Call("nvmlEventSetWait_v2", set, (nint)record, 0).Should().Be(Success);
        BitConverter.ToUInt64(data, 16).Should().Be(79);
        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", handle).Result.Should().Be(Success);
        test.Node.Advance(TimeSpan.FromSeconds(1));
        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", handle).Result.Should().Be(GpuIsLost);
        test.Nvml.Call("nvmlEventSetFree", set);
    }

    [Fact]
    public void An_nvlink_counts_errors_and_goes_down_when_told()
    {
        using var test = new NodeUnderTest();
        test.Node.StartIncident("nvlink_errors", 0, parameters: [new("link", "4"), new("type", "crc_flit"), new("down", "yes"), new("per_second", "10")]);
        test.Node.Advance(TimeSpan.FromSeconds(3));
        test.Gpu.State.Links[4].Errors[2].Should().Be(31);
        test.Nvml.ReadFields(test.Handle, (165, 4), (165, 5)).Select(field => field.Value).Should().Equal(0, 1);
    }

    [Fact]
    public void A_leak_fills_the_memory_and_a_restart_frees_it()
    {
        using var test = new NodeUnderTest();
        test.Node.Advance(TimeSpan.FromSeconds(1));
        var before = test.Gpu.MemoryUsedBytes;
        test.Node.StartIncident("memory_leak", 0, parameters: [new("mib_per_second", "1024")]);
        test.Node.Advance(TimeSpan.FromSeconds(4));
        (test.Gpu.MemoryUsedBytes - before).Should().Be(4ul << 30);
        test.Node.Advance(TimeSpan.FromSeconds(60));
        test.Gpu.MemoryUsedBytes.Should().BeGreaterThan(test.Gpu.MemoryTotalBytes / 100 * 97).And.BeLessThanOrEqualTo(test.Gpu.MemoryTotalBytes);
        test.Node.StopIncident("memory_leak", 0);
        test.Node.Advance(TimeSpan.FromSeconds(1));
        test.Gpu.MemoryUsedBytes.Should().Be(before);
    }

    [Theory]
    [InlineData("fire", 0, "incident is 'fire', expected one of ecc_burst*")]
    [InlineData("hang", 9, "gpu is 9, expected 0 to 1")]
    public void A_wish_that_cannot_be_is_refused_in_words(string incident, int gpu, string expected)
    {
        using var test = new NodeUnderTest();
        var act = () => test.Node.StartIncident(incident, gpu);
        act.Should().Throw<ArgumentException>().WithMessage(expected);
    }

    private static ulong Errors(NodeUnderTest test, int type, int counter, int location)
    {
        ulong count = 0;
        test.Nvml.Call("nvmlDeviceGetMemoryErrorCounter", test.Handle, type, counter, location, (nint)(&count)).Should().Be(Success);
        return count;
    }
}
