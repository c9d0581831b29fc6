using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.KernelLog;
using Monitoring.Agent.Devices.Kernel;
using Monitoring.Simulator;
using Monitoring.Simulator.NodeProfiles;
using Xunit;

namespace Monitoring.Tests.Simulator.KernelLog;

public sealed class SimulatedKernelLogTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("simulated-kernel-log-").FullName;
    private readonly ManualTimeProvider time = new();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void An_XID_stands_in_the_log_as_the_agent_reads_it()
    {
        time.Advance(TimeSpan.FromMinutes(1));
        using var node = SimulatedNode.Create(folder, NodeProfile.Load("h100"), 2, seed: 1, time);
        node.Gpus[1].SetProcess(4242, 1, "/usr/bin/python3");

        node.Gpus[1].RaiseEvent(GpuEventType.Xid, 31);
        node.StartIncident("xid_79", gpu: 1);
        node.Gpus[0].RaiseEvent(GpuEventType.SingleBitEcc);

        var sightings = Read(node);
        sightings.Select(static sighting => (sighting.Kind, sighting.Code)).Should().Equal(("xid", 31), ("xid", 79), ("gpu_off_bus", null));
        sightings.Select(static sighting => sighting.Gpu!.PciBusId).Distinct().Should().ContainSingle();
        sightings[0].Process.Should().NotBeNull();
        sightings[0].Time.Should().BeCloseTo(time.GetUtcNow(), TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public void Any_line_can_be_written()
    {
        using var node = SimulatedNode.Create(folder, NodeProfile.Load("h100"), 1, seed: 1, time);

        node.WriteKernelLine("nvidia-nvswitch0: SXid (PCI:0000:c3:00.0): 20034, Fatal, Link 28 \u2014 LTSSM\nFault Up");

        Read(node).Should().ContainSingle().Which.RawLine.Should().EndWith("\u2014 LTSSM\nFault Up");
    }

    [Fact]
    public void Every_node_is_a_boot_of_its_own_whose_sequence_begins_anew()
    {
        string first;
        using (var node = SimulatedNode.Create(folder, NodeProfile.Load("h100"), 1, seed: 1, time))
            first = node.BootId;
        using var second = SimulatedNode.Create(folder, NodeProfile.Load("h100"), 1, seed: 1, time);

        second.BootId.Should().NotBe(first);
        new KernelBoot(second.ProcfsPath).Id.Should().Be(second.BootId);
        File.ReadLines(second.KernelLogPath).Should().ContainSingle().Which.Should().StartWith("4,0,");
    }

    private List<Sighting> Read(SimulatedNode node)
    {
        var queue = new SightingQueue();
        var source = new KernelLogSource(node.KernelLogPath, node.BootId, LineContext.None, time, NullLogger<KernelLogSource>.Instance);
        source.Begin(queue, null);
        using var log = KernelLogDevice.Open(node.KernelLogPath);
        source.Drain(log, waited: false);
        var sightings = new List<Sighting>();
        while (queue.TryTake(out var item))
            if (item is Sighting sighting) sightings.Add(sighting);
        return sightings;
    }
}
