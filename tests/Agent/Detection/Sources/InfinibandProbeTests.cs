using FluentAssertions;
using Monitoring.Agent.Detection.Sources;
using Monitoring.Agent.Sampling;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Sources;

public sealed class InfinibandProbeTests : IDisposable
{
    private readonly FileTree tree = new();
    private readonly ManualTimeProvider time = new();
    private readonly InfinibandProbe ports;
    private readonly ProbeUnderTest probe;

    public InfinibandProbeTests()
    {
        ports = new InfinibandProbe(tree.Root, time);
        probe = new ProbeUnderTest(ports);
    }

    public void Dispose() => tree.Dispose();

    [Fact]
    public void The_ports_of_a_real_h100_node_are_all_up_at_their_rates()
    {
        var real = Requirement.SharedData("node-files", "components", "accelerator", "nvidia", "infiniband", "class", "testdata", "sys-class-infiniband-h100.0");
        Directory.CreateDirectory(tree.At("class"));
        Directory.CreateSymbolicLink(tree.At("class/infiniband"), real);

        probe.Look().Should().BeEmpty();
        ports.Ports.Should().HaveCount(9).And.OnlyContain(static port => port.IsUp);
        probe.Read(MetricTable.InfinibandPortRate).Should().Contain("mlx5_0/1 50000000000").And.Contain("mlx5_bond_0/1 25000000000");
        probe.Read(MetricTable.InfinibandLinkDowned).Should().HaveCount(9).And.Contain("mlx5_0/1 0").And.Contain("mlx5_1/1 255");
        probe.Read(MetricTable.InfinibandReceiveErrors).Should().Contain("mlx5_1/1 14").And.HaveCount(9);
        ports.Ports.Single(static port => port.Device == "mlx5_bond_0").LinkLayer.Should().Be("Ethernet");
        probe.Look().Should().BeEmpty();
    }

    [Fact]
    public void A_port_that_goes_down_is_an_incident_until_it_is_up_again()
    {
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp");
        probe.Look().Should().BeEmpty();
        Port("mlx5_0", "1: DOWN", "2: Polling", downed: "1");
        var started = probe.Sightings().Should().ContainSingle().Subject;
        started.Title.Should().Be("Port mlx5_0/1 is down (polling)");
        started.Details.Should().ContainKey("device").WhoseValue.Should().Be("mlx5_0/1");
        started.Values.Should().ContainSingle().Which.Name.Should().Be("gpu_infiniband_link_downed_total{device=\"mlx5_0\",port=\"1\"}");
        probe.Read(MetricTable.InfinibandPortUp).Should().Equal("mlx5_0/1 0");
        probe.Look().Should().BeEmpty("it is said once");

        time.Advance(TimeSpan.FromSeconds(10));
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp", downed: "1");
        var ended = probe.Sightings().Should().ContainSingle().Subject;
        ended.Title.Should().Be("Port mlx5_0/1 is up again");
        ended.Incident.Should().Be(started.Key);
    }

    [Fact]
    public void A_port_that_came_up_while_the_agent_was_away_ends_the_incident_of_before()
    {
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp");
        probe.Look();
        Port("mlx5_0", "1: DOWN", "2: Polling");
        var started = probe.Sightings().Single();
        var later = new ProbeUnderTest(new InfinibandProbe(tree.Root, time));
        later.Memory.Restore(probe.Memory.Save([]));
        later.Look().Should().BeEmpty("it is known to be down");
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp");
        later.Sightings().Single().Incident.Should().Be(started.Key);
    }

    [Fact]
    public void A_port_that_flapped_while_the_agent_was_away_is_told()
    {
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp", downed: "2");
        probe.Look();
        var later = new ProbeUnderTest(new InfinibandProbe(tree.Root, time));
        later.Memory.Restore(probe.Memory.Save([]));
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp", downed: "5");
        later.Look().Should().ContainSingle().Which.Should().Contain("its link went down 3 times");
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp", downed: "0");
        later.Look().Should().BeEmpty("a counter that begins anew tells nothing");
    }

    [Theory]
    [InlineData("2: INIT", "5: LinkUp")]
    [InlineData("1: DOWN", "2: Polling")]
    [InlineData(null, null)]
    public void A_port_that_was_up_before_a_reboot_has_a_minute_to_come_up(string? state, string? physical)
    {
        var before = Booted("boot-1");
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp");
        before.Look();
        tree.Delete("class/infiniband/mlx5_0");
        if (state is not null) Port("mlx5_0", state, physical!);
        var quick = before.Restarted(new InfinibandProbe(tree.Root, time, "boot-2"));
        var slow = before.Restarted(new InfinibandProbe(tree.Root, time, "boot-2"));
        var sameBoot = before.Restarted(new InfinibandProbe(tree.Root, time, "boot-1"));
        quick.Look().Should().BeEmpty("its module is being loaded, or its link trains");
        slow.Look().Should().BeEmpty();
        sameBoot.Look().Should().ContainSingle().Which.Should().StartWith("Started Critical: Port mlx5_0/1 is ", "nothing has to come up within a boot");

        time.Advance(TimeSpan.FromSeconds(61));
        slow.Look().Should().ContainSingle().Which.Should().StartWith("Started Critical: Port mlx5_0/1 is ");
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp");
        quick.Look().Should().BeEmpty();
    }

    [Fact]
    public void A_port_that_came_up_in_this_boot_and_goes_down_is_told_at_once()
    {
        var before = Booted("boot-1");
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp");
        before.Look();
        var later = before.Restarted(new InfinibandProbe(tree.Root, time, "boot-2"));
        later.Look();
        Port("mlx5_0", "1: DOWN", "2: Polling");
        later.Look().Should().Equal("Started Critical: Port mlx5_0/1 is down (polling)");
    }

    [Fact]
    public void A_port_that_was_down_before_a_reboot_is_down_until_it_is_up()
    {
        var before = Booted("boot-1");
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp");
        before.Look();
        Port("mlx5_0", "1: DOWN", "2: Polling");
        before.Look();
        var later = before.Restarted(new InfinibandProbe(tree.Root, time, "boot-2"));
        later.Look().Should().BeEmpty("it is known to be down, and has not come up");
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp");
        later.Look().Should().Equal("Ended Info: Port mlx5_0/1 is up again");
    }

    [Fact]
    public void What_a_link_counts_while_it_trains_after_a_reboot_is_no_flap()
    {
        var before = Booted("boot-1");
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp", downed: "2");
        before.Look();
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp", downed: "5");
        var later = before.Restarted(new InfinibandProbe(tree.Root, time, "boot-2"));
        later.Look().Should().BeEmpty();
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp", downed: "6");
        later.Look().Should().ContainSingle().Which.Should().Contain("its link went down 1 times");
    }

    [Fact]
    public void A_memory_of_an_older_version_names_no_boot_and_gives_a_grace_once()
    {
        probe.Memory["up mlx5_0/1"] = "yes";
        Port("mlx5_0", "1: DOWN", "2: Polling");
        var later = probe.Restarted(new InfinibandProbe(tree.Root, time, "boot-2"));
        later.Look().Should().BeEmpty();
        time.Advance(TimeSpan.FromSeconds(61));
        later.Look().Should().Equal("Started Critical: Port mlx5_0/1 is down (polling)");
    }

    [Fact]
    public void A_port_that_was_never_up_makes_no_event()
    {
        Port("mlx5_1", "1: DOWN", "3: Disabled");
        probe.Look().Should().BeEmpty();
        Port("mlx5_1", "2: INIT", "5: LinkUp", downed: "7");
        probe.Look().Should().BeEmpty();
        probe.Read(MetricTable.InfinibandPortUp).Should().Equal("mlx5_1/1 0");
    }

    [Fact]
    public void A_flap_between_two_looks_shows_in_the_counter()
    {
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp", downed: "2");
        probe.Look().Should().BeEmpty("what happened before is history");
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp", downed: "5");
        probe.Look().Should().Equal("Instant Warning: Port mlx5_0/1 flapped: its link went down 3 times since the last look");
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp", downed: "0");
        probe.Look().Should().BeEmpty("the counter was reset with the adapter");
    }

    [Fact]
    public void A_port_that_comes_up_slower_than_before_is_an_incident()
    {
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp");
        probe.Look();
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp", rate: "100 Gb/sec (1X NDR)");
        probe.Look().Should().Equal("Started Warning: Port mlx5_0/1 came up at 100 Gb/sec (1X NDR), slower than before");
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp");
        probe.Look().Should().Equal("Ended Info: Port mlx5_0/1 runs at 400 Gb/sec (4X NDR) again");
    }

    [Fact]
    public void An_adapter_that_leaves_the_bus_takes_its_port_down()
    {
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp");
        probe.Look();
        tree.Delete("class/infiniband/mlx5_0");
        probe.Look().Should().Equal("Started Critical: Port mlx5_0/1 is gone");
        probe.Read(MetricTable.InfinibandPortUp).Should().BeEmpty();
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp");
        probe.Look().Should().Equal("Ended Info: Port mlx5_0/1 is up again");
    }

    [Theory]
    [InlineData("N/A (no PMA)")]
    [InlineData("")]
    [InlineData("-1")]
    public void A_counter_that_the_adapter_lacks_is_absent(string text)
    {
        Port("mlx5_0", "4: ACTIVE", "5: LinkUp", downed: text);
        probe.Look();
        probe.Read(MetricTable.InfinibandLinkDowned).Should().BeEmpty();
        probe.Read(MetricTable.InfinibandSymbolErrors).Should().BeEmpty("its file is missing");
        probe.Read(MetricTable.InfinibandPortUp).Should().Equal("mlx5_0/1 1");
    }

    [Fact]
    public void A_node_without_adapters_has_no_series_and_no_events()
    {
        probe.Look().Should().BeEmpty();
        ports.Ports.Should().BeEmpty();
    }

    private ProbeUnderTest Booted(string bootId) => new(new InfinibandProbe(tree.Root, time, bootId));

    private void Port(string device, string state, string physical, string downed = "0", string rate = "400 Gb/sec (4X NDR)")
    {
        var path = $"class/infiniband/{device}/ports/1/";
        tree.Write(path + "state", state);
        tree.Write(path + "phys_state", physical);
        tree.Write(path + "rate", rate);
        tree.Write(path + "link_layer", "InfiniBand");
        tree.Write(path + "counters/link_downed", downed);
    }
}
